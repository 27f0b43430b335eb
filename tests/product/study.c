/* isobit study through the program. */
#include "check.h"
#include "program.h"
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RUN(p, ...) program_run(p, &(request){.arguments = ARGS(__VA_ARGS__)})

static const char base[] = "name: base\n"
                           "data: {source: digits, validation: 0.1}\n"
                           "model:\n"
                           "  - flatten\n"
                           "  - dense: {units: 12, activation: relu}\n"
                           "  - dropout: {rate: 0.2}\n"
                           "  - dense: {units: 10, activation: softmax}\n"
                           "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, "
                           "metrics: [accuracy]}\n"
                           "fit: {epochs: 2, batch_size: 512}\n";
static const char grid[] = "name: grid\n"
                           "experiment: base.yaml\n"
                           "seeds: 3\n"
                           "vary:\n"
                           "  placement: [none, after, before]\n"
                           "  rate: [0.2, 0.4]\n";

static place make_place(const char *study) {
    place p = place_open();
    place_write(&p, "base.yaml", base);
    place_write(&p, "study.yaml", study);
    return p;
}

static void check_run(const place *p, const char *const *arguments) {
    output o = program_run(p, &(request){.arguments = arguments});
    CHECKF(o.status == 0, "%d: %s", o.status, o.err);
    output_free(&o);
}

static bool contains(const char *text, const char *part) { return strstr(text, part) != NULL; }

static char *get(const place *p, const char *path) {
    char full[512];
    snprintf(full, sizeof full, "%s/%s", p->path, path);
    FILE *file = fopen(full, "r");
    CHECKF(file != NULL, "%s", full);
    char *text = NULL;
    size_t size = 0;
    if (getdelim(&text, &size, '\0', file) < 0) { /* empty: the first line is still to come */
        free(text);
        text = strdup("");
    }
    fclose(file);
    return text;
}

static size_t lines_of(const place *p, const char *path) {
    char *text = get(p, path);
    size_t lines = 0;
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    free(text);
    return lines;
}

static void check_same(const place *p, const char *a, const char *b) {
    static const char *const names[] = {"results.csv", "summary.csv"};
    for (size_t i = 0; i < 2; i++) {
        char x[64], y[64];
        snprintf(x, sizeof x, "%s/%s", a, names[i]);
        snprintf(y, sizeof y, "%s/%s", b, names[i]);
        CHECKF(place_same(p, x, y), "%s and %s", x, y);
    }
}

CASE(study, packing_changes_no_bit) {
    place p = make_place(grid);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--threads", "1", "--run", "one"));
    check_run(&p, ARGS("study", "study.yaml", "-q", "--threads", "3", "--run", "three"));
    check_run(&p, ARGS("study", "study.yaml", "-q", "--threads", "6", "--run", "six"));
    check_same(&p, "one", "three");
    check_same(&p, "one", "six");
    CHECK(lines_of(&p, "one/results.csv") == 1 + 5 * 3);
    CHECK(lines_of(&p, "one/summary.csv") == 1 + 5);
    CHECK(place_has(&p, "one/report.html") && place_has(&p, "one/result.json"));
    place_close(&p);
}

/* Where there are fewer runs than threads, each run takes several. */
CASE(study, few_runs_share_the_threads) {
    place p = make_place("experiment: base.yaml\nseeds: 1\nvary: {rate: [0.2, 0.4]}\n");
    output o = RUN(&p, "study", "study.yaml", "--threads", "4", "--dry-run");
    CHECKF(contains(o.out, "at a time   2 runs on 2 threads each (4 threads: as asked)\n"), "%s",
           o.out);
    output_free(&o);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--threads", "1", "--run", "one"));
    check_run(&p, ARGS("study", "study.yaml", "-q", "--threads", "4", "--run", "four"));
    check_same(&p, "one", "four");
    place_close(&p);
}

/* A row of results.csv is what `isobit train` makes of that variant's file and seed. */
CASE(study, a_run_is_what_train_makes_of_it) {
    place p = make_place(grid);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
    char *results = get(&p, "s/results.csv");
    for (int variant = 0; variant < 5; variant += 2) {
        char file[64];
        snprintf(file, sizeof file, "s/variants/%03d.yaml", variant);
        output o = RUN(&p, "train", file, "-q", "--seed", "2", "--run", "again", "--force");
        CHECKF(o.status == 0, "%s", o.err);
        const char *digest = strstr(o.out, "sha256:");
        CHECK(digest != NULL);
        char wanted[80];
        snprintf(wanted, sizeof wanted, ",%.64s", digest + strlen("sha256:"));
        CHECKF(contains(results, wanted), "%s is not in %s", wanted, results);
        output_free(&o);
    }
    free(results);
    place_close(&p);
}

/* Early stopping with restored weights: metrics and digest are those that train reports. */
CASE(study, early_stopping_is_that_of_train) {
    place p = place_open();
    place_write(&p, "base.yaml",
                "data: {source: digits, validation: 0.1}\n"
                "model: [flatten, {dense: {units: 12, activation: relu}}, {dense: {units: 10, "
                "activation: softmax}}]\n"
                "compile: {optimizer: {adam: {learning_rate: 0.03}}, loss: "
                "sparse_categorical_crossentropy, metrics: [accuracy]}\n"
                "fit:\n  epochs: 30\n  batch_size: 512\n  callbacks:\n"
                "    - early_stopping: {patience: 1, restore_best_weights: true}\n"
                "    - reduce_lr_on_plateau: {patience: 0, factor: 0.5}\n");
    place_write(&p, "study.yaml",
                "experiment: base.yaml\nseeds: 2\nvary: {model.1.dense.units: [12, 20]}\n");
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
    char *results = get(&p, "s/results.csv");
    for (int seed = 1; seed <= 2; seed++) {
        char number[8], wanted[128];
        snprintf(number, sizeof number, "%d", seed);
        output o = RUN(&p, "train", "s/variants/001.yaml", "-q", "--json", "--seed", number,
                       "--run", "again", "--force");
        json_t *root = json_loads(o.out, 0, NULL);
        CHECKF(o.status == 0 && root != NULL, "%s", o.err);
        CHECK(json_is_string(json_object_get(root, "stopped")));
        snprintf(wanted, sizeof wanted, ",%d,%s\n",
                 (int)json_integer_value(json_object_get(root, "epochs")),
                 json_string_value(json_object_get(root, "weights_sha256")));
        CHECKF(contains(results, wanted), "%s is not in %s", wanted, results);
        json_decref(root);
        output_free(&o);
    }
    free(results);
    place_close(&p);
}

static size_t finished_runs(const place *p) {
    return place_has(p, "s/runs.jsonl") ? lines_of(p, "s/runs.jsonl") : 0;
}

/* Killed again and again, the same command goes on until it is done. */
CASE(study, killed_it_goes_on_to_the_same_bytes) {
    place p = make_place(grid);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "whole"));
    size_t kills = 0;
    for (size_t wanted = 2; wanted < 15; wanted += 4) {
        process child = program_start(&p, &(request){.arguments = ARGS("study", "study.yaml", "-q",
                                                                       "--run", "s", "--resume")});
        while (finished_runs(&p) < wanted && !place_has(&p, "s/summary.csv"))
            usleep(1000);
        kill(child.child, SIGKILL);
        output o = program_wait(&child);
        kills += o.status == 128 + SIGKILL;
        output_free(&o);
    }
    CHECK(kills > 0);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
    check_same(&p, "whole", "s");
    CHECK(finished_runs(&p) == 15);
    place_close(&p);
}

CASE(study, a_signal_keeps_what_is_done) {
    place p = make_place(grid);
    process child = program_start(
        &p, &(request){.arguments = ARGS("study", "study.yaml", "--run", "s", "--threads", "1",
                                         "--set", "fit.epochs=60")});
    while (finished_runs(&p) < 1)
        usleep(1000);
    kill(child.child, SIGTERM);
    output o = program_wait(&child);
    CHECKF(o.status == 75 && contains(o.err, "\nstopped by SIGTERM after "), "%d %s", o.status,
           o.err);
    CHECKF(contains(o.err, "\ngo on with: ") && contains(o.err, " --set fit.epochs=60\n"), "%s",
           o.err);
    output_free(&o);
    o = RUN(&p, "study", "--status", "s");
    CHECKF(o.status == 0 && contains(o.out, "val_accuracy"), "%d %s%s", o.status, o.out, o.err);
    output_free(&o);
    place_close(&p);
}

CASE(study, one_that_diverges_is_recorded_and_the_others_go_on) {
    place p = make_place("experiment: base.yaml\n"
                         "seeds: 2\n"
                         "vary: {compile.optimizer: [{sgd: {learning_rate: 0.1}}, {sgd: "
                         "{learning_rate: 1e30}}]}\n");
    output o = RUN(&p, "study", "study.yaml", "--run", "s");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    char *results = get(&p, "s/results.csv");
    CHECKF(contains(results, ",diverged,") && contains(results, ",done,"), "%s", results);
    free(results);
    char *journal = get(&p, "s/runs.jsonl");
    CHECKF(contains(journal, "diverged in epoch 1 at step "), "%s", journal);
    free(journal);
    place_close(&p);
}

CASE(study, a_dry_run_writes_nothing) {
    place p = make_place(grid);
    output o = RUN(&p, "study", "study.yaml", "--dry-run");
    CHECKF(o.status == 0, "%s", o.err);
    CHECKF(contains(o.out, "runs        15: 5 variants x 3 seeds\n"), "%s", o.out);
    CHECKF(contains(o.out,
                    "after Holm's adjustment of 4 comparisons at 3 seeds: this study can show "
                    "NO difference"),
           "%s", o.out);
    CHECK(contains(o.out, "\nmemory      about ") && contains(o.out, "\ntime        about "));
    CHECK(!place_has(&p, "studies"));
    output_free(&o);
    place_close(&p);
}

/* However many rounds the time allows, every variant has the same seeds. */
CASE(study, a_time_box_leaves_a_balanced_study) {
    place p = make_place(grid);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s", "--time", "0.001s"));
    CHECK(lines_of(&p, "s/results.csv") == 1 + 5);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s", "--time", "1h"));
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "whole"));
    check_same(&p, "whole", "s");
    output o = RUN(&p, "study", "study.yaml", "--time", "10");
    CHECKF(o.status == 2 && contains(o.err, "--time: '10' is no time"), "%s", o.err);
    output_free(&o);
    place_close(&p);
}

CASE(study, halving_ends_the_worse_ones_early) {
    place p = make_place("experiment: base.yaml\n"
                         "seeds: 2\n"
                         "vary: {placement: [none, after, before], rate: [0.2, 0.4]}\n"
                         "halving: {reduce: 2, epochs: 1}\n");
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s", "--set", "fit.epochs=4"));
    char *results = get(&p, "s/results.csv");
    size_t rows[5] = {0};
    for (char *line = strtok(results, "\n"); line != NULL; line = strtok(NULL, "\n"))
        for (int epochs = 1; epochs <= 4; epochs++) {
            char column[8];
            snprintf(column, sizeof column, ",%d,", epochs);
            const char *last = strrchr(line, ',');
            if (last != NULL && last - line > 2 && strncmp(last - 2, column, 3) == 0)
                rows[epochs]++;
        }
    free(results);
    CHECKF(rows[1] + rows[2] + rows[4] == 10 && rows[1] >= 4 && rows[4] >= 2, "%zu %zu %zu",
           rows[1], rows[2], rows[4]);
    place_close(&p);
}

CASE(study, a_foreign_directory_is_left_alone) {
    place p = make_place(grid);
    check_run(&p, ARGS("train", "base.yaml", "-q", "--run", "run"));
    output o = RUN(&p, "study", "study.yaml", "--run", "run");
    CHECKF(o.status == 2 && contains(o.err, "run: is not empty and not the directory of a study"),
           "%d %s", o.status, o.err);
    output_free(&o);
    o = RUN(&p, "study", "--status", "run");
    CHECKF(o.status == 6, "%d %s", o.status, o.err);
    output_free(&o);
    place_close(&p);
}

CASE(study, a_damaged_journal_names_its_line) {
    place p = make_place(grid);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
    char *journal = get(&p, "s/runs.jsonl");
    char *second = strstr(strchr(journal, '\n'), "\"state\": \"done\"");
    CHECK(second != NULL);
    second[strlen("\"state\": \"")] = 'x';
    place_write(&p, "s/runs.jsonl", journal);
    free(journal);
    output o = RUN(&p, "study", "study.yaml", "--run", "s", "-q");
    CHECKF(o.status == 6 && contains(o.err, "s/runs.jsonl:2: damaged"), "%d %s", o.status, o.err);
    output_free(&o);
    o = RUN(&p, "study", "study.yaml", "--run", "s", "-q", "--force");
    CHECKF(o.status == 0, "%d %s", o.status, o.err);
    output_free(&o);
    place_close(&p);
}

CASE(study, a_variant_that_cannot_be_is_told_before_any_run) {
    place p = make_place("experiment: base.yaml\n"
                         "seeds: 2\n"
                         "vary: {data.validation: [0.1, 0.2], fit.batch_size: [32, 0]}\n");
    output o = RUN(&p, "study", "study.yaml");
    CHECKF(o.status == 2 && contains(o.err, "study.yaml:3:"), "%d %s", o.status, o.err);
    CHECK(!place_has(&p, "studies"));
    output_free(&o);
    place_close(&p);
}
