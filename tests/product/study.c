/* isobit study through the program. */
#include "check.h"
#include "few_digits.h"
#include "program.h"
#include "small_run.h"
#include "study/statistics.h"
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RUN(p, ...) program_run(p, &(request){.arguments = ARGS(__VA_ARGS__)})

static const char base[] = "name: base\n"
                           "data: {source: few, validation: 0.1}\n"
                           "model:\n"
                           "  - flatten\n"
                           "  - dense: {units: 12, activation: relu}\n"
                           "  - dropout: {rate: 0.2}\n"
                           "  - dense: {units: 10, activation: softmax}\n"
                           "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, "
                           "metrics: [accuracy]}\n"
                           "fit: {epochs: 2, batch_size: 50}\n";
static const char grid[] = "name: grid\n"
                           "experiment: base.yaml\n"
                           "seeds: 3\n"
                           "vary:\n"
                           "  placement: [none, after, before]\n"
                           "  rate: [0.2, 0.4]\n";

static place make_place(const char *study) {
    place p = place_open();
    few_digits_write(&p);
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
    output o = RUN(&p, "study", "study.yaml", "--threads", "4", "--dry-run", "--set",
                   "fit.batch_size=512");
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
    few_digits_write(&p);
    place_write(&p, "base.yaml",
                "data: {source: few, validation: 0.1}\n"
                "model: [flatten, {dense: {units: 12, activation: relu}}, {dense: {units: 10, "
                "activation: softmax}}]\n"
                "compile: {optimizer: {adam: {learning_rate: 0.03}}, loss: "
                "sparse_categorical_crossentropy, metrics: [accuracy]}\n"
                "fit:\n  epochs: 30\n  batch_size: 50\n  callbacks:\n"
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
    char *report = get(&p, "s/report.html");
    CHECK(contains(report, "<td class=\"word reason\">diverged in epoch 1 at step "));
    free(report);
    place_close(&p);
}

/* A table that cannot be read in the middle fails its runs; once it can be, they are done. */
CASE(study, a_run_that_failed_is_tried_again) {
    place p = make_place(grid);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
    char *results = get(&p, "s/results.csv"), *journal = get(&p, "s/runs.jsonl");
    /* The first line, as a failure. */
    const char *key = strstr(journal, "\"key\""), *end = strchr(key, ',');
    char line[512];
    snprintf(line, sizeof line,
             "{\"event\": \"run\", %.*s, \"state\": \"failed\", \"epochs\": 0, "
             "\"best_epoch\": 0, \"message\": \"out of memory\", \"metrics\": {}, "
             "\"curve\": []}\n",
             (int)(end - key), key);
    char *others = strchr(journal, '\n') + 1, *changed = NULL;
    CHECK(asprintf(&changed, "%s%s", line, others) > 0);
    place_write(&p, "s/runs.jsonl", changed);
    output o = RUN(&p, "study", "--status", "s", "--json");
    CHECKF(o.status == 0 && contains(o.out, "\"failed\": 1"), "%s%s", o.out, o.err);
    output_free(&o);
    for (int again = 0; again < 2; again++) {
        check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
        CHECKF(lines_of(&p, "s/runs.jsonl") == 16, "%zu", lines_of(&p, "s/runs.jsonl"));
        char *after = get(&p, "s/results.csv");
        CHECK(strcmp(after, results) == 0);
        free(after);
    }
    free(changed);
    free(journal);
    free(results);
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

/* Also where an epoch is one step, and where nothing comes of the first one. */
CASE(study, a_dry_run_measures_any_experiment) {
    place p = make_place(grid);
    output o = RUN(&p, "study", "study.yaml", "--dry-run", "--set", "fit.batch_size=20000");
    CHECKF(o.status == 0 && contains(o.out, "\ntime        about "), "%s%s", o.out, o.err);
    output_free(&o);
    place_write(&p, "study.yaml",
                "experiment: base.yaml\n"
                "vary: {compile.optimizer: [{sgd: {learning_rate: 1e30}}, adam]}\n");
    o = RUN(&p, "study", "study.yaml", "--dry-run");
    CHECKF(o.status == 0 && contains(o.out, "\ntime        "), "%s%s", o.out, o.err);
    CHECKF(!contains(o.out, "nan") && !contains(o.out, "inf"), "%s", o.out);
    output_free(&o);
    o = RUN(&p, "study", "study.yaml", "--dry-run", "--json", "--threads", "3");
    json_t *root = json_loads(o.out, 0, NULL);
    CHECKF(o.status == 0 && root != NULL, "%s%s", o.out, o.err);
    CHECK(json_array_size(json_object_get(root, "variants")) == 2);
    CHECK(json_integer_value(json_object_get(root, "runs")) == 20);
    CHECK(json_integer_value(json_object_get(root, "runs_at_a_time")) == 3);
    CHECK(json_object_get(root, "seconds") != NULL);
    CHECK(json_real_value(json_object_get(root, "smallest_p")) == isb_smallest_p(10, 1));
    json_decref(root);
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

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

/* Of five beside the baseline two go on, then one: there is something to compare at the end. */
CASE(study, halving_keeps_the_best_beside_the_baseline) {
    place p = make_place("experiment: base.yaml\n"
                         "seeds: 2\n"
                         "vary: {model.1.dense.units: [2, 4, 8, 12, 16, 24]}\n"
                         "halving: {epochs: 1}\n");
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s", "--set", "fit.epochs=4"));
    char *results = get(&p, "s/results.csv");
    CHECKF(count_of(results, ",done,") == 2 * 2 && count_of(results, ",eliminated,") == 4 * 2, "%s",
           results);
    CHECKF(count_of(results, "\n2,1,done,") == 1, "%s", results);
    free(results);
    CHECKF(lines_of(&p, "s/runs.jsonl") == (6 + 3 + 2) * 2, "%zu", lines_of(&p, "s/runs.jsonl"));
    place_close(&p);
}

/* A survivor goes on from where it stands; killed between two rounds, the study trains it again
 * from the beginning. Both come to the same bits. */
CASE(study, halving_goes_on_to_the_bits_of_training_again) {
    place p = make_place("experiment: base.yaml\n"
                         "seeds: 2\n"
                         "vary: {placement: [none, after, before], rate: [0.2, 0.4]}\n"
                         "halving: {reduce: 2, epochs: 1}\n");
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s", "--set", "fit.epochs=4"));
    CHECK(lines_of(&p, "s/runs.jsonl") == (5 + 3 + 2) * 2);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "t", "--set", "fit.epochs=4"));
    char *journal = get(&p, "t/runs.jsonl"), *end = journal;
    for (int line = 0; line < 5 * 2; line++)
        end = strchr(end, '\n') + 1;
    *end = '\0';
    place_write(&p, "t/runs.jsonl", journal);
    free(journal);
    output o = RUN(&p, "study", "--status", "t", "--json");
    json_t *root = json_loads(o.out, 0, NULL);
    CHECKF(o.status == 0 && root != NULL, "%s%s", o.out, o.err);
    json_t *runs = json_object_get(root, "runs");
    CHECK(json_is_null(json_object_get(root, "finished")));
    CHECK(contains(json_string_value(json_object_get(root, "command")), " study study.yaml "));
    CHECKF(json_integer_value(json_object_get(runs, "done")) == 6 &&
               json_integer_value(json_object_get(runs, "eliminated")) == 4,
           "%s", o.out);
    json_decref(root);
    output_free(&o);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "t", "--set", "fit.epochs=4"));
    CHECK(lines_of(&p, "t/runs.jsonl") == (5 + 3 + 2) * 2);
    check_same(&p, "s", "t");
    place_close(&p);
}

CASE(study, halving_and_a_time_box_are_refused_together) {
    place p = make_place("experiment: base.yaml\n"
                         "vary: {rate: [0.2, 0.4]}\n"
                         "halving: {epochs: 1}\n");
    output o = RUN(&p, "study", "study.yaml", "--time", "10m");
    CHECKF(o.status == 2 && contains(o.err, "--time: adds seeds round by round, but under halving"),
           "%d %s", o.status, o.err);
    output_free(&o);
    place_close(&p);
}

/* Seeds that a time box left out are no gaps; what --data was relative to is remembered. */
CASE(study, a_status_is_that_of_the_study_wherever_it_is_asked) {
    place p = small_open();
    place_write(&p, "study.yaml",
                "experiment: small.yaml\n"
                "seeds: 3\n"
                "vary: {rate: [0.2, 0.4]}\n"
                "compare: {metric: val_loss}\n");
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s", "--time", "0.001s", "--set",
                       "data.validation=0.25", "--data", "data"));
    output before = RUN(&p, "study", "--status", "s");
    CHECKF(before.status == 0 && !contains(before.out, "missing"), "%s%s", before.out, before.err);
    char directory[512];
    snprintf(directory, sizeof directory, "%s/s", p.path);
    const place other = place_open();
    output after = RUN(&other, "study", "--status", directory);
    CHECKF(after.status == 0 && strcmp(before.out, after.out) == 0, "%s%s", after.out, after.err);
    output_free(&before);
    output_free(&after);
    place_close(&other);
    place_close(&p);
}

/* What model_weights names decides what runs compute: when it changes, they are other runs. */
CASE(study, weights_that_changed_are_other_runs) {
    place p = make_place("experiment: base.yaml\n"
                         "seeds: 2\n"
                         "vary: {rate: [0.2, 0.4]}\n");
    check_run(&p, ARGS("train", "base.yaml", "-q", "--run", "a"));
    check_run(&p, ARGS("train", "base.yaml", "-q", "--run", "b", "--seed", "9"));
    place_copy(&p, "a", "start");
    const char *const *again = ARGS("study", "study.yaml", "-q", "--run", "s", "--set",
                                    "model_weights=start/model.safetensors");
    check_run(&p, again);
    char *first = get(&p, "s/results.csv");
    CHECK(lines_of(&p, "s/runs.jsonl") == 4);
    place_remove(&p, "start");
    place_copy(&p, "b", "start");
    check_run(&p, again);
    char *second = get(&p, "s/results.csv");
    CHECKF(strcmp(first, second) != 0, "%s", second);
    CHECK(lines_of(&p, "s/runs.jsonl") == 8);
    output o = RUN(&p, "train", "s/variants/001.yaml", "-q", "--seed", "2", "--run", "again");
    const char *digest = strstr(o.out, "sha256:");
    CHECKF(o.status == 0 && digest != NULL, "%s", o.err);
    char wanted[80];
    snprintf(wanted, sizeof wanted, ",%.64s", digest + strlen("sha256:"));
    CHECKF(contains(second, wanted), "%s is not in %s", wanted, second);
    output_free(&o);
    place_remove(&p, "start");
    place_copy(&p, "a", "start");
    check_run(&p, again);
    char *third = get(&p, "s/results.csv");
    CHECK(strcmp(first, third) == 0 && lines_of(&p, "s/runs.jsonl") == 8);
    o = RUN(&p, "study", "--status", "s");
    CHECKF(o.status == 0 && !contains(o.out, "missing"), "%s%s", o.out, o.err);
    output_free(&o);
    free(first);
    free(second);
    free(third);
    place_close(&p);
}

/* Before any run. */
CASE(study, weights_that_do_not_fit_are_refused) {
    place p = make_place("experiment: base.yaml\n"
                         "seeds: 2\n"
                         "vary: {model.1.dense.units: [12, 13]}\n");
    check_run(&p, ARGS("train", "base.yaml", "-q", "--run", "a"));
    output o = RUN(&p, "study", "study.yaml", "--set", "model_weights=a/model.safetensors");
    CHECKF(o.status == 6 && contains(o.err, "variant 'units 13': ") &&
               contains(o.err, "a/model.safetensors"),
           "%d %s", o.status, o.err);
    CHECK(!place_has(&p, "studies"));
    output_free(&o);
    place_close(&p);
}

/* Each row of results.csv is what `isobit train` makes of its variant's file. */
static void check_variants(const place *p, size_t variants) {
    char *results = get(p, "s/results.csv");
    for (size_t v = 0; v < variants; v++) {
        char file[64], wanted[80];
        snprintf(file, sizeof file, "s/variants/%03zu.yaml", v);
        output o = RUN(p, "train", file, "-q", "--run", "again", "--force");
        const char *digest = strstr(o.out, "sha256:");
        CHECKF(o.status == 0 && digest != NULL, "%s", o.err);
        snprintf(wanted, sizeof wanted, ",%.64s", digest + strlen("sha256:"));
        CHECKF(contains(results, wanted), "%s is not in %s", wanted, results);
        output_free(&o);
    }
    free(results);
}

/* A part that is split off for the test is split off where a variant says so. */
CASE(study, a_test_part_of_one_variant_is_no_other_ones) {
    place p = small_open();
    place_write(&p, "study.yaml",
                "experiment: small.yaml\n"
                "seeds: 1\n"
                "compare: {metric: val_loss}\n"
                "vary: {data.test: [0.25, none]}\n");
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s", "--set", "data.validation=0.25",
                       "--set", "fit.epochs=2"));
    check_variants(&p, 2);
    place_close(&p);
}

/* One table, read once as numbers and once as texts. */
CASE(study, a_table_is_read_in_the_form_of_its_variant) {
    place p = place_open();
    char table[2048] = "a,b,label\n";
    for (int i = 0; i < 60; i++)
        snprintf(table + strlen(table), 32, "%d,%c,%s\n", i * 7 % 5, 'x' + i % 3,
                 i * i % 7 < 3 ? "yes" : "no");
    place_write(&p, "table.csv", table);
    place_write(&p, "base.yaml",
                "data: {source: table.csv, label: label, validation: 0.2, test: 0.2}\n"
                "model: [{dense: {units: 4, activation: relu}}, {dense: {units: 2, activation: "
                "softmax}}]\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: "
                "[accuracy]}\n"
                "fit: {epochs: 3, batch_size: 8}\n");
    place_write(&p, "study.yaml",
                "experiment: base.yaml\n"
                "seeds: 2\n"
                "vary: {data.features.one_hot: [categorical, [a, b], [b]]}\n");
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
    check_variants(&p, 3);
    output o = RUN(&p, "study", "--status", "s");
    CHECKF(o.status == 0 && !contains(o.out, "missing"), "%s%s", o.out, o.err);
    output_free(&o);
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

/* Of two studies in one directory the second one's files stand alone. */
CASE(study, another_study_takes_a_directory_over) {
    place p = make_place(grid);
    place_write(&p, "other.yaml", "experiment: base.yaml\nseeds: 1\nvary: {rate: [0.2, 0.3]}\n");
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
    output o = RUN(&p, "study", "study.yaml", "--run", "s");
    CHECKF(o.status == 0 && !contains(o.err, "holds the study of"), "%s", o.err);
    output_free(&o);
    o = RUN(&p, "study", "other.yaml", "--run", "s");
    CHECKF(o.status == 0 && contains(o.err, "warning: s holds the study of ") &&
               contains(o.err, "/study.yaml; its runs stay"),
           "%s", o.err);
    output_free(&o);
    CHECK(place_has(&p, "s/variants/001.yaml") && !place_has(&p, "s/variants/002.yaml"));
    place_close(&p);
}

CASE(study, an_experiment_is_no_study) {
    place p = make_place(grid);
    output o = RUN(&p, "study", "base.yaml");
    CHECKF(o.status == 2 && contains(o.err, "error: base.yaml:1:1: this is an experiment, not a "
                                            "study: `isobit train` trains it; "),
           "%s", o.err);
    output_free(&o);
    o = RUN(&p, "study", "--status", ".");
    CHECKF(o.status == 6 && contains(o.err, "error: .: is not the directory of a study"), "%s",
           o.err);
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

/* As a power failure leaves it: a stretch of the last line never reached the disk. */
CASE(study, a_torn_last_line_is_done_again) {
    place p = make_place(grid);
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "whole"));
    check_run(&p, ARGS("study", "study.yaml", "-q", "--run", "s"));
    char *journal = get(&p, "s/runs.jsonl"), path[128];
    const size_t length = strlen(journal);
    memset(journal + length - 200, 0, 150);
    snprintf(path, sizeof path, "%s/s/runs.jsonl", p.path);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(journal, 1, length, file) == length && fclose(file) == 0);
    free(journal);
    output o = RUN(&p, "study", "--status", "s");
    CHECKF(o.status == 0, "%d %s", o.status, o.err);
    output_free(&o);
    o = RUN(&p, "study", "study.yaml", "--run", "s");
    CHECKF(o.status == 0 && contains(o.err, "14 of 15 runs are done already"), "%d %s", o.status,
           o.err);
    output_free(&o);
    check_same(&p, "whole", "s");
    CHECK(finished_runs(&p) == 15);
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
