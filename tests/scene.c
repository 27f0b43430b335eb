#include "scene.h"
#include "check.h"
#include "fixture.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIDE = 4, CLASSES = 3, TRAIN = 80, TEST = 20 };

static const char EXPERIMENT[] =
    "name: scene\n"
    "seed: 3\n"
    "data: {source: data, validation: 0.2}\n"
    "model:\n"
    "  - flatten: {input_shape: [4, 4]}\n"
    "  - dense: {units: 6, activation: relu}\n"
    "  - dropout: {rate: 0.25}\n"
    "  - dense: {units: 3, activation: softmax}\n"
    "compile: {optimizer: {adam: {learning_rate: 0.01}}, loss: sparse_categorical_crossentropy, "
    "metrics: [accuracy]}\n"
    "fit:\n"
    "  epochs: %zu\n"
    "  batch_size: 16\n"
    "  callbacks:\n"
    "    - early_stopping: {patience: 100000, restore_best_weights: true}\n"
    "    - reduce_lr_on_plateau: {patience: 1, factor: 0.75}\n";

static void write_bytes(const place *p, const char *path, const uint8_t *data, size_t length) {
    char full[512];
    snprintf(full, sizeof full, "%s/%s", p->path, path);
    FILE *file = fopen(full, "w");
    CHECK(file != NULL);
    CHECK(fwrite(data, 1, length, file) == length && fclose(file) == 0);
}

/* Noise, brighter in the rows of the label. */
static void write_part(const place *p, const char *part, uint8_t rows, uint64_t *state) {
    uint8_t images[16 + TRAIN * SIDE * SIDE] = {0, 0, 8, 3,    0, 0, 0, rows,
                                                0, 0, 0, SIDE, 0, 0, 0, SIDE};
    uint8_t labels[8 + TRAIN] = {0, 0, 8, 1, 0, 0, 0, rows};
    char path[64];
    for (size_t i = 0; i < rows; i++) {
        labels[8 + i] = (uint8_t)(i % CLASSES);
        for (size_t k = 0; k < SIDE * SIDE; k++)
            images[16 + i * SIDE * SIDE + k] =
                (uint8_t)(fixture_random(state) % 160 + (k / SIDE == i % CLASSES ? 90 : 0));
    }
    snprintf(path, sizeof path, "data/%s-images-idx3-ubyte", part);
    write_bytes(p, path, images, 16 + (size_t)rows * SIDE * SIDE);
    snprintf(path, sizeof path, "data/%s-labels-idx1-ubyte", part);
    write_bytes(p, path, labels, 8 + (size_t)rows);
}

static const char *const NONE[] = {NULL};

scene scene_open(size_t epochs) {
    scene s = {.place = place_open_in_memory(), .epochs = epochs};
    char path[128], text[1024];
    uint64_t state = 1;
    snprintf(path, sizeof path, "%s/data", s.place.path);
    CHECK(mkdir(path, 0777) == 0);
    write_part(&s.place, "train", TRAIN, &state);
    write_part(&s.place, "t10k", TEST, &state);
    snprintf(text, sizeof text, EXPERIMENT, epochs);
    place_write(&s.place, "e.yaml", text);

    output o = scene_train(&s, "whole", NONE, NULL);
    CHECKF(o.status == 0, "status %d: %s", o.status, o.err);
    const char *digest = strstr(o.out, "weights sha256:");
    CHECK(digest != NULL && strlen(digest) == strlen("weights sha256:") + 64 + 1);
    memcpy(s.digest, digest + strlen("weights sha256:"), 64);
    output_free(&o);
    return s;
}

void scene_close(const scene *s) { place_close(&s->place); }

process scene_start(const scene *s, const char *run, const char *const *more,
                    const char *const *environment) {
    const char *arguments[32] = {"train",         "e.yaml",       "--run", run,
                                 "--no-progress", "--save-every", "3"};
    size_t count = 7;
    for (size_t i = 0; more[i] != NULL; i++)
        arguments[count++] = more[i];
    return program_start(&s->place, &(request){.arguments = arguments, .environment = environment});
}

output scene_train(const scene *s, const char *run, const char *const *more,
                   const char *const *environment) {
    process started = scene_start(s, run, more, environment);
    return program_wait(&started);
}

static void check_same(const scene *s, const char *run, const char *file, const char *about) {
    char whole[128], other[128];
    snprintf(whole, sizeof whole, "whole/%s", file);
    snprintf(other, sizeof other, "%s/%s", run, file);
    CHECKF(place_has(&s->place, other), "%s: no %s", about, other);
    CHECKF(place_same(&s->place, whole, other), "%s: %s differs", about, other);
}

/* One of the lines of events.jsonl that tell of an epoch, less what is another one each time; NULL
 * after the last. */
static json_t *next_epoch(const char **line, const char *about) {
    while (**line != '\0') {
        const size_t length = strcspn(*line, "\n");
        CHECKF((*line)[length] == '\n', "%s: half a line of events: %s", about, *line);
        json_t *event = json_loadb(*line, length, JSON_REJECT_DUPLICATES, NULL);
        CHECKF(json_is_object(event), "%s: %s", about, *line);
        *line += length + 1;
        if (strcmp(json_string_value(json_object_get(event, "event")), "epoch") == 0) {
            json_object_del(event, "time");
            json_object_del(event, "seconds");
            return event;
        }
        json_decref(event);
    }
    return NULL;
}

/* Each epoch stands there once, in order, with what the undisturbed run says of it. */
static void check_events(const scene *s, const char *run, const char *about) {
    char path[128];
    snprintf(path, sizeof path, "%s/events.jsonl", run);
    char *whole = place_read(&s->place, "whole/events.jsonl"), *text = place_read(&s->place, path);
    CHECKF(whole != NULL && text != NULL, "%s: no events", about);
    CHECKF(strncmp(text, "{\"event\": \"start\"", 17) == 0, "%s: %.80s", about, text);
    const char *expected = whole, *line = text;
    for (size_t epoch = 1; epoch <= s->epochs + 1; epoch++) {
        json_t *a = next_epoch(&expected, about), *b = next_epoch(&line, about);
        CHECKF((a == NULL) == (epoch > s->epochs) && (a == NULL) == (b == NULL) &&
                   (a == NULL || json_equal(a, b)),
               "%s: epoch %zu of the events: %s", about, epoch, text);
        json_decref(a);
        json_decref(b);
    }
    free(whole);
    free(text);
}

void scene_check_whole(const scene *s, const char *run, const output *o, const char *about) {
    CHECKF(o->status == 0, "%s: status %d: %s", about, o->status, o->err);
    CHECKF(strstr(o->out, s->digest) != NULL, "%s: another digest: %s", about, o->out);
    check_same(s, run, "history.csv", about);
    check_same(s, run, "model.safetensors", about);
    check_same(s, run, "best.safetensors", about);
    check_same(s, run, "experiment.yaml", about);
    check_same(s, run, "DONE", about);
    check_events(s, run, about);
    CHECKF(!place_has_prefix(&s->place, run, ".isobit-"), "%s: a temporary file stays", about);
}

size_t scene_steps(const char *err, const char *word) {
    size_t step, steps, epoch;
    const char *said = strstr(err, word);
    if (said == NULL)
        return 0;
    said += strlen(word);
    if (sscanf(said, " step %zu of %zu of epoch %zu", &step, &steps, &epoch) == 3)
        return (epoch - 1) * SCENE_STEPS + step;
    return sscanf(said, " epoch %zu", &epoch) == 1 ? epoch * SCENE_STEPS : 0;
}

size_t scene_isas(const scene *s, char isas[8][16]) {
    output o = program_run(&s->place,
                           &(request){.arguments = (const char *const[]){"info", "--json", NULL}});
    json_t *info = json_loads(o.out, 0, NULL);
    const json_t *list = json_object_get(info, "isa_available");
    const size_t count = json_array_size(list);
    CHECKF(count > 0 && count <= 8, "%s", o.out);
    for (size_t i = 0; i < count; i++)
        snprintf(isas[i], sizeof isas[i], "%s", json_string_value(json_array_get(list, i)));
    json_decref(info);
    output_free(&o);
    return count;
}

size_t scene_random(uint64_t *state, size_t bound) {
    return (size_t)((uint64_t)fixture_random(state) * bound >> 32);
}

size_t scene_setting(const char *variable, size_t otherwise) {
    const char *text = getenv(variable);
    return text == NULL ? otherwise : (size_t)strtoull(text, NULL, 10);
}
