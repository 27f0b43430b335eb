/* The power fails at any moment of a run or a study: whatever the disk then holds, it goes on to
 * the same bytes, from the last state that was sure to be on the disk or from a later one.
 *
 * ISOBIT_TEST_POWER: at how many places each file that was not synced is torn. ISOBIT_TEST_SEED: at
 * other ones. */
#include "check.h"
#include "disk.h"
#include "sanitized.h"
#include "scene.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 3, MOST_STATES = 1 << 16, MOST_CHANGES = 10 };

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef struct trial {
    const scene *scene;
    const char *directory; /* that the power failure leaves something of */
    disk *disk;
    uint64_t seed;
    size_t places;  /* where files are torn */
    uint64_t *seen; /* states */
    size_t seen_count, calls;

    /* What must come of a state: true where it did. `about` names the state. */
    bool (*goes_on)(struct trial *t, const char *about);
} trial;

static bool is_new(trial *t, uint64_t hash) {
    for (size_t i = 0; i < t->seen_count; i++)
        if (t->seen[i] == hash)
            return false;
    CHECK(t->seen_count < MOST_STATES);
    t->seen[t->seen_count++] = hash;
    return true;
}

/* False where it does not go on as it must. */
static bool try_failure(trial *t, const disk_failure *failure) {
    char about[160];
    bool good = true;
    disk_state *state = disk_fail(t->disk, failure);
    if (is_new(t, state->hash)) {
        disk_state_put(state, &t->scene->place, t->directory);
        snprintf(about, sizeof about, "power lost after call %zu, names %llx, contents %llu",
                 t->calls, (unsigned long long)failure->names,
                 (unsigned long long)failure->contents);
        good = t->goes_on(t, about);
    }
    disk_state_free(state);
    return good;
}

/* All ways in which names may have come about, with all kinds of contents. */
static bool try_all(trial *t) {
    CHECK(t->disk->change_count <= MOST_CHANGES);
    const uint64_t names = (uint64_t)1 << t->disk->change_count;
    uint64_t contents = 1;
    for (size_t left = disk_unsure(t->disk); left > 0; left--)
        contents *= DISK_CONTENTS;
    for (uint64_t n = 0; n < names; n++)
        for (uint64_t k = 0; k < contents; k++)
            for (size_t i = 0; i < t->places; i++)
                if (!try_failure(t, &(disk_failure){n, k, t->seed + i}))
                    return false;
    return true;
}

/* The record is of the directory as it lies there now; false at the first state that does not go
 * on. */
static bool try_everywhere(trial *t) {
    do {
        if (!try_all(t))
            return false;
        t->calls++;
    } while (disk_step(t->disk));
    return true;
}

static trial trial_open(const scene *s, const char *directory,
                        bool (*goes_on)(trial *, const char *)) {
    trial t = {.scene = s,
               .directory = directory,
               .disk = disk_open(&s->place, directory),
               .seed = scene_setting("ISOBIT_TEST_SEED", 1),
               .places = scene_setting("ISOBIT_TEST_POWER", 1),
               .seen = calloc(MOST_STATES, sizeof *t.seen),
               .goes_on = goes_on};
    CHECK(t.seen != NULL);
    return t;
}

static void trial_close(trial *t) {
    disk_close(t->disk);
    free(t->seen);
}

/* Too few states would prove nothing. */
static void try_and_close(trial *t, const char *what, size_t least) {
    CHECK(try_everywhere(t));
    fprintf(stderr, "seed %zu: %s: %zu states after %zu calls, 0 lost\n", (size_t)t->seed, what,
            t->seen_count, t->calls);
    CHECKF(t->seen_count >= least, "only %zu states", t->seen_count);
    trial_close(t);
}

/* Runs the program while it is recorded. The record must tell all: its calls, done once more, make
 * what lies there in the end. */
static void record(trial *t, const char *const *arguments) {
    const place *p = &t->scene->place;
    disk *replay = disk_open(p, t->directory);
    char root[128], to[128];
    snprintf(root, sizeof root, "RECORD_ROOT=%s", p->path);
    snprintf(to, sizeof to, "RECORD=%s/record", p->path);
    place_remove(p, "record");
    output o =
        program_run(p, &(request){.arguments = arguments,
                                  .environment = ARGS("LD_PRELOAD=" ISB_RECORDER, root, to)});
    CHECKF(o.status == 0, "%d %s", o.status, o.err);
    output_free(&o);
    disk_take(t->disk, p, "record");
    disk_take(replay, p, "record");
    while (disk_step(replay))
        continue;
    disk_check(replay, p, t->directory);
    disk_close(replay);
}

/* --- a run --- */

/* Steps that were saved before the save that may be under way: what previous.safetensors says. */
static size_t steps_saved(const trial *t) {
    const disk_bytes *bytes = disk_synced(t->disk, "run/previous.safetensors");
    uint64_t length;
    if (bytes == NULL)
        return 0;
    memcpy(&length, bytes->data, sizeof length);
    json_t *header = json_loadb(bytes->data + sizeof length, length, 0, NULL);
    const json_t *metadata = json_object_get(header, "__metadata__");
    const char *steps = json_string_value(json_object_get(metadata, "steps"));
    CHECK(steps != NULL);
    const size_t count = strtoull(steps, NULL, 10);
    json_decref(header);
    return count;
}

static output resume(const trial *t) {
    return scene_train(t->scene, "run", ARGS("--resume", "--threads", "1"), NULL);
}

/* Also before it goes on what is whole of a run's record is verified, and nothing of it is called
 * damaged: the number of epochs compared. */
static size_t verify(const trial *t, const char *about) {
    const place *p = &t->scene->place;
    size_t epochs = 0;
    if (!place_has(p, "run/experiment.yaml"))
        return 0;
    output o =
        program_run(p, &(request){.arguments = ARGS("verify", "run", "--threads", "1", "-q")});
    const bool compared = sscanf(o.out, "run %*[^\n]\ncompared %zu of ", &epochs) == 1;
    CHECKF(compared ? o.status == 0
                    : o.status == 1 && strstr(o.err, "nothing to compare with") != NULL,
           "%s: %d %s%s", about, o.status, o.out, o.err);
    output_free(&o);
    return epochs;
}

static bool run_ends_whole(trial *t, const char *about) {
    verify(t, about);
    output o = resume(t);
    scene_check_whole(t->scene, "run", &o, about);
    output_free(&o);
    return true;
}

static bool run_goes_on(trial *t, const char *about) {
    const size_t saved = steps_saved(t), epochs = verify(t, about);
    CHECKF(epochs >= saved / SCENE_STEPS, "%s: %zu epochs verified, %zu steps were saved", about,
           epochs, saved);
    output o = resume(t);
    scene_check_whole(t->scene, "run", &o, about);
    CHECKF(scene_steps(o.err, "going on after") >= saved, "%s: %zu steps were saved: %s", about,
           saved, o.err);
    output_free(&o);
    return true;
}

static bool run_is_not_refused(trial *t, const char *about) {
    (void)about;
    output o = resume(t);
    const bool good = o.status == 0;
    output_free(&o);
    return good;
}

#define TRAIN(...)                                                                                 \
    ARGS("train", "e.yaml", "--run", "run", "--no-progress", "--save-every", "3", "--threads",     \
         "2", __VA_ARGS__)

CASE(power_loss, of_a_run_from_nothing) {
    SKIP_SANITIZED();
    const scene s = scene_open(EPOCHS);
    trial t = trial_open(&s, "run", run_goes_on);
    record(&t, TRAIN("--resume"));
    try_and_close(&t, "a run", 50);
    scene_close(&s);
}

CASE(power_loss, of_a_run_that_goes_on) {
    SKIP_SANITIZED();
    const scene s = scene_open(EPOCHS);
    output o = scene_train(&s, "run", ARGS("--set", "fit.epochs=1"), NULL);
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    trial t = trial_open(&s, "run", run_goes_on);
    record(&t, TRAIN("--resume"));
    try_and_close(&t, "a run that goes on", 40);
    scene_close(&s);
}

CASE(power_loss, of_a_run_that_replaces_another) {
    SKIP_SANITIZED();
    const scene s = scene_open(EPOCHS);
    place_copy(&s.place, "whole", "run");
    trial t = trial_open(&s, "run", run_ends_whole);
    record(&t, TRAIN("--force"));
    try_and_close(&t, "a run that replaces one", 50);
    scene_close(&s);
}

/* Its epochs are too short for each to be saved: several lines of events come at once. */
CASE(power_loss, of_a_run_that_saves_seldom) {
    SKIP_SANITIZED();
    const scene s = scene_open(EPOCHS);
    trial t = trial_open(&s, "run", run_goes_on);
    record(&t, ARGS("train", "e.yaml", "--run", "run", "--no-progress", "--threads", "2"));
    try_and_close(&t, "a run that saves seldom", 30);
    scene_close(&s);
}

/* A program that synced no file would be caught. */
CASE(power_loss, is_seen_where_nothing_is_synced) {
    SKIP_SANITIZED();
    const scene s = scene_open(EPOCHS);
    trial t = trial_open(&s, "run", run_is_not_refused);
    t.disk->forgetful = true;
    record(&t, TRAIN("--resume"));
    CHECK(!try_everywhere(&t));
    trial_close(&t);
    scene_close(&s);
}

/* --- a study --- */

enum { RUNS = 4 };

static scene open_study(void) {
    const scene s = scene_open(EPOCHS);
    place_write(&s.place, "study.yaml",
                "experiment: e.yaml\nseeds: 2\nvary: {model.dropout.rate: [0.1, 0.5]}\n");
    const char *const arguments[] = {"study", "study.yaml", "--run", "finished", NULL};
    output o = program_run(&s.place, &(request){.arguments = arguments});
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    return s;
}

static size_t lines_of(const disk_bytes *bytes) {
    size_t lines = 0;
    for (size_t i = 0; bytes != NULL && i < bytes->length; i++)
        lines += bytes->data[i] == '\n';
    return lines;
}

/* As the program says. */
static size_t runs_done(const char *err) {
    size_t runs = 0;
    const char *said = strstr(err, " of 4 runs are done already");
    while (said != NULL && said > err && said[-1] != '\n')
        said--;
    return said != NULL && sscanf(said, "%zu", &runs) == 1 ? runs : 0;
}

static size_t finish_study(trial *t, const char *about) {
    const place *p = &t->scene->place;
    const char *const arguments[] = {"study",     "study.yaml", "--run", "study",
                                     "--threads", "1",          NULL};
    output o = program_run(p, &(request){.arguments = arguments});
    CHECKF(o.status == 0, "%s: %d %s", about, o.status, o.err);
    CHECKF(place_same(p, "study/results.csv", "finished/results.csv"), "%s", about);
    CHECKF(place_same(p, "study/summary.csv", "finished/summary.csv"), "%s", about);
    CHECKF(!place_has_prefix(p, "study", ".isobit-"), "%s: a temporary file stays", about);
    const size_t runs = runs_done(o.err);
    output_free(&o);
    return runs;
}

static bool study_ends_whole(trial *t, const char *about) {
    finish_study(t, about);
    return true;
}

/* The line of the last run may be under way; those before are kept. */
static bool study_goes_on(trial *t, const char *about) {
    const size_t lines = lines_of(disk_synced(t->disk, "study/runs.jsonl"));
    const size_t runs = finish_study(t, about);
    CHECKF(runs + 1 >= lines, "%s: %zu runs were done, %zu are known", about, lines, runs);
    return true;
}

#define STUDY(...) ARGS("study", "study.yaml", "--run", "study", "--threads", "2", __VA_ARGS__)

CASE(power_loss, of_a_study_from_nothing) {
    SKIP_SANITIZED();
    const scene s = open_study();
    trial t = trial_open(&s, "study", study_goes_on);
    record(&t, STUDY("-q"));
    try_and_close(&t, "a study", 30);
    scene_close(&s);
}

/* Half a line at the end of its journal. */
CASE(power_loss, of_a_study_that_goes_on) {
    SKIP_SANITIZED();
    const scene s = open_study();
    output o = program_run(&s.place, &(request){.arguments = STUDY("-q")});
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    char *journal = place_read(&s.place, "study/runs.jsonl");
    char *third = strchr(strchr(journal, '\n') + 1, '\n') + 1;
    third[100] = '\0';
    place_write(&s.place, "study/runs.jsonl", journal);
    free(journal);
    trial t = trial_open(&s, "study", study_ends_whole);
    record(&t, STUDY("-q"));
    try_and_close(&t, "a study that goes on", 20);
    scene_close(&s);
}

CASE(power_loss, of_a_study_that_begins_anew) {
    SKIP_SANITIZED();
    const scene s = open_study();
    output o = program_run(&s.place, &(request){.arguments = STUDY("-q")});
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    trial t = trial_open(&s, "study", study_ends_whole);
    record(&t, STUDY("-q", "--force"));
    try_and_close(&t, "a study that begins anew", 30);
    scene_close(&s);
}
