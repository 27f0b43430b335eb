/* isobit verify through the program, and runs that are cut and go on. */
#include "check.h"
#include "few_digits.h"
#include "program.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RUN(p, ...) program_run(p, &(request){.arguments = ARGS(__VA_ARGS__)})

static const char small[] = "name: small\n"
                            "data: {source: few, validation: 0.1}\n"
                            "model:\n"
                            "  - flatten\n"
                            "  - dense: {units: 16, activation: relu}\n"
                            "  - dropout: {rate: 0.2}\n"
                            "  - dense: {units: 10, activation: softmax}\n"
                            "compile: {optimizer: {adam: {learning_rate: 0.02}}, "
                            "loss: sparse_categorical_crossentropy, metrics: [accuracy]}\n"
                            "fit:\n"
                            "  epochs: 8\n"
                            "  batch_size: 50\n"
                            "  callbacks:\n"
                            "    - reduce_lr_on_plateau: {patience: 1, monitor: loss, factor: 0.5, "
                            "min_delta: 0.3}\n"
                            "    - early_stopping: {patience: 3, monitor: val_accuracy, "
                            "restore_best_weights: true, min_delta: 0.05}\n";

static place make_run(void) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "train", "small.yaml", "-q", "--run", "run");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    return p;
}

static bool contains(const char *text, const char *part) { return strstr(text, part) != NULL; }

static char *get(const place *p, const char *path) {
    char full[512];
    snprintf(full, sizeof full, "%s/%s", p->path, path);
    FILE *file = fopen(full, "r");
    CHECKF(file != NULL, "%s", full);
    char *text = NULL;
    size_t size = 0;
    CHECK(getdelim(&text, &size, '\0', file) > 0);
    fclose(file);
    return text;
}

/* Puts `to` in the place of the first `from`, of the same length. */
static void replace(const place *p, const char *path, const char *from, const char *to) {
    char *text = get(p, path), *at = strstr(text, from);
    CHECKF(at != NULL && strlen(from) == strlen(to), "no '%s' in %s", from, path);
    memcpy(at, to, strlen(to));
    place_write(p, path, text);
    free(text);
}

CASE(verify, a_run_is_the_same_on_other_threads_and_isas) {
    place p = make_run();
    char *digest = get(&p, "run/DONE");
    for (int threads = 1; threads <= 3; threads++) {
        char count[8];
        snprintf(count, sizeof count, "%d", threads);
        output o =
            RUN(&p, "verify", "run", "--threads", count, "--isa", threads == 2 ? "scalar" : "auto");
        CHECKF(o.status == 0, "%s", o.err);
        CHECKF(contains(o.out, "\nverdict     the same bits\nweights sha256:"), "%s", o.out);
        CHECKF(contains(o.out, "recorded epochs, every loss, and the final weights\n"), "%s",
               o.out);
        CHECK(contains(o.out, digest));
        output_free(&o);
    }
    free(digest);
    place_close(&p);
}

CASE(verify, json_has_the_verdict) {
    place p = make_run();
    output o = RUN(&p, "verify", "run", "--json", "-q");
    json_t *root = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    CHECKF(o.status == 0 && root != NULL, "%s", o.out);
    CHECK(json_is_true(json_object_get(root, "same")));
    CHECK(json_is_true(json_object_get(root, "finished")));
    CHECK(json_is_null(json_object_get(root, "difference")));
    json_decref(root);
    output_free(&o);
    place_close(&p);
}

static void check_difference(const place *p, const char *where) {
    output o = RUN(p, "verify", "run", "-q");
    CHECKF(o.status == 1, "%d: %s", o.status, o.err);
    CHECKF(contains(o.err, where), "'%s' is not in %s", where, o.err);
    CHECKF(contains(o.out, "\nverdict     NOT the same bits\n"), "%s", o.out);
    output_free(&o);
}

CASE(verify, another_learning_rate_shows_at_the_second_step) {
    place p = make_run();
    replace(&p, "run/experiment.yaml", "learning_rate: 0.02", "learning_rate: 0.03");
    check_difference(&p, "run: trained again, it differs: epoch 1, step 2: another loss; other "
                         "weights from dense.kernel");
    place_close(&p);
}

CASE(verify, another_seed_shows_before_the_first_step) {
    place p = make_run();
    replace(&p, "run/experiment.yaml", "seed: 1", "seed: 2");
    check_difference(&p, "before the first step: other weights to start from");
    place_close(&p);
}

CASE(verify, a_changed_record_names_its_place) {
    place p = make_run();
    char *text = get(&p, "run/events.jsonl");
    char *second = strstr(text, "\"epoch\": 2,");
    CHECK(second != NULL);
    char *digest = strstr(second, "\"dense_1.bias\": \"");
    CHECK(digest != NULL);
    char *whole = strstr(second, "\"weights_sha256\": \"");
    digest += strlen("\"dense_1.bias\": \"");
    whole += strlen("\"weights_sha256\": \"");
    *digest = *digest == '0' ? '1' : '0';
    *whole = *whole == '0' ? '1' : '0';
    place_write(&p, "run/events.jsonl", text);
    free(text);
    check_difference(&p,
                     "epoch 2, step 22 (its last): other weights; other weights from dense_1.bias");
    place_close(&p);
}

CASE(verify, another_history_names_its_epoch) {
    place p = make_run();
    replace(&p, "run/history.csv", "\n2,", "\n9,");
    check_difference(&p, "epoch 2: another row in history.csv");
    place_close(&p);
}

CASE(verify, a_changed_end_is_seen) {
    place p = make_run();
    char *text = get(&p, "run/DONE");
    text[0] = text[0] == '0' ? '1' : '0';
    place_write(&p, "run/DONE", text);
    free(text);
    check_difference(&p, "DONE holds another digest");
    place_close(&p);
}

CASE(verify, what_is_no_run_is_refused) {
    place p = place_open();
    output o = RUN(&p, "verify", "nowhere");
    CHECKF(o.status == 6 && contains(o.err, "error: nowhere: does not exist"), "%s", o.err);
    output_free(&o);
    o = RUN(&p, "verify", ".");
    CHECKF(o.status == 6 && contains(o.err, "is not the directory of a run"), "%s", o.err);
    output_free(&o);
    place_close(&p);
}

CASE(verify, damaged_events_are_told_with_their_line) {
    place p = make_run();
    replace(&p, "run/events.jsonl", "\"epoch\": 2,", "\"epoch\": 7,");
    output o = RUN(&p, "verify", "run", "-q");
    CHECKF(o.status == 6 && contains(o.err, "run/events.jsonl:3: damaged"), "%d %s", o.status,
           o.err);
    output_free(&o);
    place_close(&p);
}

/* Cuts the events down to `lines` lines, and puts `end` behind them. */
static void cut_events(const place *p, size_t lines, const char *end, size_t length) {
    char path[512], *text = get(p, "run/events.jsonl"), *line = text;
    for (size_t i = 0; i < lines; i++)
        line = strchr(line, '\n') + 1;
    snprintf(path, sizeof path, "%s/run/events.jsonl", p->path);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(text, 1, (size_t)(line - text), file) == (size_t)(line - text));
    CHECK(fwrite(end, 1, length, file) == length && fclose(file) == 0);
    free(text);
}

static size_t count_lines(const place *p) {
    char *text = get(p, "run/events.jsonl");
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    free(text);
    return lines;
}

/* Behind what the last save knows to be on the disk: a line that never came, and a whole one. */
static const char TORN[] = "\0\0\0\0\0\n{\"event\": \"stop\"}\n";

CASE(verify, a_record_that_a_power_failure_cut_is_compared_as_far_as_it_is_whole) {
    place p = make_run();
    char *digest = get(&p, "run/DONE");
    place_remove(&p, "run/DONE");
    const size_t lines = count_lines(&p);
    cut_events(&p, lines - 1, TORN, sizeof TORN - 1);
    output o = RUN(&p, "verify", "run", "--no-progress");
    char wanted[128];
    snprintf(wanted, sizeof wanted, "note: run/events.jsonl:%zu: the record was cut short here by",
             lines);
    CHECKF(o.status == 0 && contains(o.err, wanted), "%d %s", o.status, o.err);
    CHECKF(contains(o.err, "isobit train small.yaml -q --run run --resume\n"), "%s", o.err);
    CHECKF(contains(o.out, "run         run (unfinished, its record cut short)\n"), "%s", o.out);
    CHECKF(contains(o.out, "\nverdict     the same bits\n"), "%s", o.out);
    output_free(&o);
    o = RUN(&p, "verify", "run", "-q", "--json");
    CHECKF(contains(o.out, "\"cut_short\": true") && o.err[0] == '\0', "%s%s", o.out, o.err);
    output_free(&o);

    o = RUN(&p, "train", "small.yaml", "-q", "--run", "run", "--resume");
    CHECKF(o.status == 0 && contains(o.out, digest), "%s%s", o.out, o.err);
    output_free(&o);
    o = RUN(&p, "verify", "run", "--json");
    CHECKF(o.status == 0 && contains(o.out, "\"cut_short\": false"), "%s%s", o.out, o.err);
    output_free(&o);
    free(digest);
    place_close(&p);
}

static void check_damaged(const place *p, const char *message) {
    output o = RUN(p, "verify", "run", "-q");
    CHECKF(o.status == 6 && contains(o.err, message), "%d %s", o.status, o.err);
    output_free(&o);
}

CASE(verify, what_was_saved_of_a_record_is_damaged_where_it_is_not_whole) {
    place p = make_run();
    const size_t lines = count_lines(&p);
    cut_events(&p, lines - 1, "", 0);
    check_damaged(&p, "error: run/events.jsonl: damaged: its end is missing\n");
    place_remove(&p, "run/DONE");
    cut_events(&p, lines - 2, "", 0);
    check_damaged(&p, "error: run/events.jsonl: damaged: its end is missing\n");
    cut_events(&p, 2, TORN, sizeof TORN - 1);
    check_damaged(&p, "error: run/events.jsonl:3: damaged: not the event that belongs here\n");
    place_close(&p);
}

CASE(verify, of_a_run_that_saved_nothing_there_is_nothing_to_compare) {
    place p = make_run();
    static const char *const files[] = {"run/DONE", "run/last.safetensors",
                                        "run/previous.safetensors", "run/history.csv"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        place_remove(&p, files[i]);
    output o = RUN(&p, "verify", "run", "-q");
    CHECKF(o.status == 1 && o.out[0] == '\0', "%d %s", o.status, o.out);
    CHECKF(contains(o.err, "error: run: no finished epoch is recorded; there is nothing to compare "
                           "with yet; go on with the run:\n"),
           "%s", o.err);
    CHECKF(contains(o.err, "isobit train small.yaml -q --run run --resume\n"), "%s", o.err);
    output_free(&o);
    place_close(&p);
}

CASE(verify, a_damaged_experiment_is_told) {
    place p = make_run();
    place_write(&p, "run/experiment.yaml", "a: [");
    const char *const commands[] = {"verify", "summary"};
    for (size_t i = 0; i < 2; i++) {
        output o = RUN(&p, commands[i], "run", "-q");
        CHECKF(o.status == 6 && contains(o.err, "run/experiment.yaml: damaged: "), "%d %s",
               o.status, o.err);
        output_free(&o);
    }
    place_close(&p);
}

CASE(verify, other_data_are_refused) {
    place p = make_run();
    char *text = get(&p, "run/run.json"), *digest = strstr(text, "\"data_sha256\": \"");
    CHECK(digest != NULL);
    digest += strlen("\"data_sha256\": \"");
    *digest = *digest == '0' ? '1' : '0';
    place_write(&p, "run/run.json", text);
    free(text);
    output o = RUN(&p, "verify", "run", "-q");
    CHECKF(o.status == 3 && contains(o.err, "not the data of this run"), "%d %s", o.status, o.err);
    output_free(&o);
    place_close(&p);
}

/* The callbacks above reduce the learning rate and end this run early. */
CASE(verify, a_resumed_run_has_the_bytes_of_the_uninterrupted_one) {
    place p = make_run();
    char *history = get(&p, "run/history.csv"), *events = get(&p, "run/events.jsonl");
    CHECK(contains(events, "\"event\": \"reduce_lr_on_plateau\""));
    CHECK(contains(events, "\"event\": \"early_stopping\""));
    free(events);
    output o = RUN(&p, "train", "small.yaml", "-q", "--run", "cut", "--set", "fit.epochs=2");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "-q", "--run", "cut", "--resume", "--threads", "3", "--isa",
            "scalar");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    const char *const files[] = {"history.csv", "model.safetensors", "best.safetensors",
                                 "last.safetensors", "DONE"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char a[64], b[64];
        snprintf(a, sizeof a, "run/%s", files[i]);
        snprintf(b, sizeof b, "cut/%s", files[i]);
        if (strcmp(files[i], "last.safetensors") != 0) /* it knows the length of events.jsonl */
            CHECKF(place_same(&p, a, b), "%s", files[i]);
    }
    free(history);
    o = RUN(&p, "verify", "cut", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "--run", "cut", "--resume", "--set", "fit.epochs=20");
    CHECKF(o.status == 0 && contains(o.out, "; ended by early_stopping"), "%s%s", o.out, o.err);
    output_free(&o);
    CHECK(place_same(&p, "run/history.csv", "cut/history.csv"));
    place_close(&p);
}

CASE(verify, saving_between_steps_changes_no_bit) {
    place p = make_run();
    output o = RUN(&p, "train", "small.yaml", "-q", "--run", "often", "--save-every", "1");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    CHECK(place_same(&p, "run/history.csv", "often/history.csv"));
    CHECK(place_same(&p, "run/model.safetensors", "often/model.safetensors"));
    CHECK(place_same(&p, "run/DONE", "often/DONE"));
    o = RUN(&p, "train", "small.yaml", "--save-every", "0");
    CHECKF(o.status == 2 &&
               contains(o.err, "--save-every: '0' is neither a number of steps, as 500"),
           "%s", o.err);
    output_free(&o);
    place_close(&p);
}
