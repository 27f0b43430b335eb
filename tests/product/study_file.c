/* Study files: the variants that they make. Their errors: study_file_errors.c. */
#include "study/study_file.h"
#include "check.h"
#include "study_files.h"
#include <stdlib.h>
#include <string.h>

/* The resolved base, in the pieces that the tests change. */
#define HEAD(source, validation)                                                                   \
    "name: base\nseed: 5\ndata:\n  source: " source "\n  validation: " validation "\nmodel:\n"
#define DENSE(units, activation)                                                                   \
    "  - dense: {units: " units ", activation: " activation ", use_bias: true, "                   \
    "kernel_initializer: glorot_uniform, bias_initializer: zeros}\n"
#define COMPILE(rate)                                                                              \
    "compile:\n"                                                                                   \
    "  optimizer: {adam: {learning_rate: " rate ", beta_1: 0.9, beta_2: 0.999, epsilon: 1e-07}}\n" \
    "  loss: {sparse_categorical_crossentropy: {from_logits: false}}\n"                            \
    "  metrics: [accuracy]\n"
#define FIT(batch)                                                                                 \
    "fit:\n  epochs: 20\n  batch_size: " batch "\n  shuffle: true\nmodel_weights: none\n"
#define TENTH "{fraction: 0.1, from: stratified}"

static isb_study read_with(const char *path, const isb_setting *settings, size_t count) {
    isb_study study;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_study_read(&study, path, settings, count, &error) == ISB_OK, "%s",
           isb_error_text(&error));
    return study;
}

static isb_study read_study(const char *text) {
    const temporary t = study_enter(text);
    isb_study study = read_with("study.yaml", NULL, 0);
    study_leave(&t);
    return study;
}

static void check_labels(const isb_study *study, const char *const *labels, size_t count) {
    CHECKF(study->variant_count == count, "%zu variants", study->variant_count);
    for (size_t i = 0; i < count; i++)
        CHECKF(strcmp(study->variants[i].label, labels[i]) == 0, "%s, not %s",
               study->variants[i].label, labels[i]);
}

#define LABELS(study, ...)                                                                         \
    check_labels(study, (const char *const[]){__VA_ARGS__},                                        \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void check_experiment(const isb_variant *variant, const char *expected) {
    CHECKF(strcmp(variant->experiment, expected) == 0, "%s:\n%s\nexpected:\n%s", variant->label,
           variant->experiment, expected);
}

CASE(study_file, makes_a_grid_of_placements_and_rates) {
    isb_study study =
        read_study("name: where-to-drop\n"
                   "experiment: base.yaml\n"
                   "seeds: 3\n"
                   "vary:\n"
                   "  placement: [before, none, both]\n"
                   "  rate: [0.2, 0.50]\n"
                   "compare: {metric: val_loss, against: {placement: both, rate: .5}}\n");
    CHECK(strcmp(study.name, "where-to-drop") == 0 && strcmp(study.file, "study.yaml") == 0);
    CHECK(study.seed_count == 3);
    CHECK(study.seeds[0] == 5 && study.seeds[1] == 6 && study.seeds[2] == 7);
    CHECK(study.axis_count == 2 && strcmp(study.axes[0].name, "placement") == 0);
    CHECK(study.axes[1].count == 2 && strcmp(study.axes[1].values[1], "0.50") == 0);
    LABELS(&study, "before, rate 0.2", "before, rate 0.50", "none", "both, rate 0.2",
           "both, rate 0.50");
    CHECK(strcmp(study.variants[2].values[0], "none") == 0);
    CHECK(strcmp(study.variants[2].values[1], "") == 0);
    CHECK(strcmp(study.variants[4].values[1], "0.50") == 0);
    CHECK(study.metric == ISB_METRIC_VAL_LOSS && study.baseline == 4);
    CHECK(study.halving.epochs == 0 && study.seconds == 0 && !study.variants[0].named);
    check_experiment(&study.variants[2],
                     HEAD("digits", TENTH) "  - flatten: {}\n" DENSE("8", "relu")
                         DENSE("10", "softmax") COMPILE("0.001") FIT("32"));
    check_experiment(&study.variants[4],
                     HEAD("digits", TENTH) "  - flatten: {}\n  - dropout: {rate: 0.5}\n" DENSE(
                         "8", "relu") "  - dropout: {rate: 0.5}\n" DENSE("10", "softmax")
                         COMPILE("0.001") FIT("32"));
    isb_study_free(&study);
    CHECK(study.variants == NULL && study.axes == NULL && study.base.name == NULL);
}

CASE(study_file, varies_any_key) {
    isb_study study = read_study("experiment: base.yaml\n"
                                 "seeds: [9, 0, 9223372036854775807]\n"
                                 "vary:\n"
                                 "  compile.optimizer.adam.learning_rate: [0.001, 0.0003]\n"
                                 "  fit.batch_size: [16]\n"
                                 "  model.1.dense.activation: [relu, tanh]\n");
    CHECK(strcmp(study.name, "study") == 0);
    CHECK(study.seed_count == 3 && study.seeds[0] == 9 && study.seeds[1] == 0 &&
          study.seeds[2] == INT64_MAX);
    LABELS(&study, "learning_rate 0.001, activation relu", "learning_rate 0.001, activation tanh",
           "learning_rate 0.0003, activation relu", "learning_rate 0.0003, activation tanh");
    CHECK(study.metric == ISB_METRIC_VAL_ACCURACY && study.baseline == 0);
    check_experiment(&study.variants[3],
                     HEAD("digits", TENTH) "  - flatten: {}\n" DENSE(
                         "8", "tanh") "  - dropout: {rate: 0.25}\n" DENSE("10", "softmax")
                         COMPILE("0.0003") FIT("16"));
    isb_study_free(&study);
}

CASE(study_file, names_keys_as_short_as_they_differ) {
    isb_study study = read_study("experiment: base.yaml\n"
                                 "vary:\n"
                                 "  rate: [0.1]\n"
                                 "  model.1.dense.units: [4, 5]\n"
                                 "  model.3.dense.units: [10]\n"
                                 "  fit.shuffle: [true]\n"
                                 "  compile.optimizer: [adam, {sgd: {momentum: 0.9}}, {sgd: "
                                 "{momentum: 0.9, nesterov: true, learning_rate: 0.1}}]\n");
    CHECK(study.seed_count == 10 && study.seeds[9] == 14);
    LABELS(&study, "rate 0.1, model.1.dense.units 4, optimizer adam",
           "rate 0.1, model.1.dense.units 4, optimizer {sgd: {momentum: 0.9}}",
           "rate 0.1, model.1.dense.units 4, optimizer #3",
           "rate 0.1, model.1.dense.units 5, optimizer adam",
           "rate 0.1, model.1.dense.units 5, optimizer {sgd: {momentum: 0.9}}",
           "rate 0.1, model.1.dense.units 5, optimizer #3");
    CHECK(strcmp(study.variants[2].values[4],
                 "{sgd: {momentum: 0.9, nesterov: true, learning_rate: 0.1}}") == 0);
    isb_study_free(&study);
}

CASE(study_file, lays_whole_values_over_the_base_before_dropout_is_placed) {
    isb_study study =
        read_study("experiment: base.yaml\n"
                   "vary:\n"
                   "  placement: [after]\n"
                   "  model: [[flatten, dropout: {rate: 0.75}, dense: {units: 3}, dense: {units: "
                   "10, activation: softmax}]]\n");
    check_experiment(&study.variants[0],
                     HEAD("digits", TENTH) "  - flatten: {}\n" DENSE(
                         "3", "linear") "  - dropout: {rate: 0.75}\n" DENSE("10", "softmax")
                         COMPILE("0.001") FIT("32"));
    isb_study_free(&study);
}

CASE(study_file, has_named_variants_beside_the_grid) {
    isb_study study = read_study(
        "experiment: base.yaml\n"
        "vary: {placement: [none]}\n"
        "variants:\n"
        "  - name: wide\n"
        "    experiment: wide.yaml\n"
        "  - {name: as it is}\n"
        "  - {name: linear, model: [flatten, {dense: {units: 10, activation: softmax}}]}\n"
        "  - {name: slow, set: {fit.batch_size: 8, compile.optimizer.adam.learning_rate: "
        "1e-4}}\n"
        "compare: {against: {variant: linear}}\n");
    LABELS(&study, "none", "wide", "as it is", "linear", "slow");
    CHECK(study.baseline == 3 && study.axis_count == 1);
    CHECK(!study.variants[0].named && study.variants[1].named && study.variants[4].named);
    CHECK(strcmp(study.variants[4].values[0], "") == 0);
    CHECK(strstr(study.variants[1].experiment, "name: base\nseed: 5\n") ==
          study.variants[1].experiment);
    CHECK(strstr(study.variants[1].experiment, "units: 99") != NULL);
    check_experiment(&study.variants[3], HEAD("digits", TENTH) "  - flatten: {}\n" DENSE(
                                             "10", "softmax") COMPILE("0.001") FIT("32"));
    check_experiment(&study.variants[4],
                     HEAD("digits", TENTH) "  - flatten: {}\n" DENSE(
                         "8", "relu") "  - dropout: {rate: 0.25}\n" DENSE("10", "softmax")
                         COMPILE("0.0001") FIT("8"));
    isb_study_free(&study);
}

CASE(study_file, needs_no_base_where_each_variant_has_its_own) {
    isb_study study = read_study("seeds: 2\nvariants:\n"
                                 "  - {name: a, experiment: wide.yaml}\n"
                                 "  - {name: b, experiment: base.yaml}\n");
    LABELS(&study, "a", "b");
    CHECK(strcmp(study.base.name, "wide") == 0 && study.seeds[0] == 1 && study.seeds[1] == 2);
    CHECK(study.axis_count == 0 && study.baseline == 0);
    isb_study_free(&study);
}

CASE(study_file, keeps_halving_and_time) {
    isb_study study = read_study("experiment: base.yaml\nvary: {rate: [0.1, 0.2]}\n"
                                 "halving: {reduce: 4, epochs: 2}\n");
    CHECK(study.halving.epochs == 2 && study.halving.reduce == 4 && study.seconds == 0);
    isb_study_free(&study);
    study = read_study("experiment: base.yaml\nvary: {rate: [0.1]}\nhalving: {epochs: 19}\n");
    CHECK(study.halving.epochs == 19 && study.halving.reduce == 3);
    isb_study_free(&study);
    study = read_study("experiment: base.yaml\nvary: {rate: [0.1]}\ntime: 1.5h\n");
    CHECK(study.seconds == 5400);
    isb_study_free(&study);
    study = read_study("experiment: base.yaml\nvary: {rate: [0.1]}\ntime: 90s\n");
    CHECK(study.seconds == 90 && study.halving.epochs == 0);
    isb_study_free(&study);
}

CASE(study_file, lays_settings_over_every_experiment) {
    const temporary t =
        study_enter("experiment: base.yaml\nseeds: 2\nvary: {fit.batch_size: [4, 5]}\n"
                    "variants: [{name: w, experiment: wide.yaml}]\n");
    const isb_setting settings[] = {{"--seed", "seed", "70"},
                                    {"--set", "fit.epochs", "3"},
                                    {"--data", "data.source", "some/mnist"}};
    char source[128];
    isb_study study = read_with("study.yaml", settings, 3);
    CHECK(study.seeds[0] == 70 && study.seeds[1] == 71 && study.base.seed == 70);
    char *here = getcwd(NULL, 0);
    snprintf(source, sizeof source, "  source: %s/some/mnist\n", here);
    for (size_t i = 0; i < 3; i++) {
        CHECK(strstr(study.variants[i].experiment, "  epochs: 3\n") != NULL);
        CHECK(strstr(study.variants[i].experiment, "seed: 70\n") != NULL);
        CHECK(strstr(study.variants[i].experiment, source) != NULL);
    }
    CHECK(strstr(study.variants[1].experiment, "batch_size: 5") != NULL);
    free(here);
    isb_study_free(&study);
    study_leave(&t);
}

/* Paths in a file are relative to that file, whoever names it. */
CASE(study_file, finds_paths_beside_the_file_that_has_them) {
    static const char deep[] =
        "experiment: ../parts/base.yaml\nvary: {data.source: [digits, x, ../y, /abs]}\n";
    static const char base[] =
        "data: {source: d, validation: 0.1}\nmodel: [dense: {units: 2, activation: softmax}]\n"
        "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n"
        "model_weights: w.safetensors\n";
    static const char *const sources[] = {"digits", "/studies/x", "/studies/../y", "/abs"};
    const temporary t = study_enter(NULL);
    CHECK(mkdir("studies", 0700) == 0 && mkdir("parts", 0700) == 0);
    temporary_put("studies/deep.yaml", deep, strlen(deep));
    temporary_put("parts/base.yaml", base, strlen(base));
    isb_study study = read_with("studies/deep.yaml", NULL, 0);
    char *here = getcwd(NULL, 0), wanted[256];
    CHECK(strcmp(study.name, "deep") == 0 && study.metric == ISB_METRIC_VAL_LOSS);
    CHECK(strcmp(study.base.file, "studies/../parts/base.yaml") == 0);
    for (size_t i = 0; i < 4; i++) {
        const bool below = i == 1 || i == 2;
        snprintf(wanted, sizeof wanted, "  source: %s%s\n", below ? here : "", sources[i]);
        CHECKF(strstr(study.variants[i].experiment, wanted) != NULL, "%s in %s", wanted,
               study.variants[i].experiment);
        snprintf(wanted, sizeof wanted, "model_weights: %s/studies/../parts/w.safetensors\n", here);
        CHECK(strstr(study.variants[i].experiment, wanted) != NULL);
    }
    isb_study_free(&study);
    const isb_setting setting = {"--set", "model_weights", "v.safetensors"};
    study = read_with("studies/deep.yaml", &setting, 1);
    snprintf(wanted, sizeof wanted, "model_weights: %s/v.safetensors\n", here);
    CHECKF(strstr(study.variants[1].experiment, wanted) != NULL, "%s",
           study.variants[1].experiment);
    free(here);
    isb_study_free(&study);
    study_leave(&t);
}

CASE(study_file, writes_experiments_that_read_back) {
    isb_error error = ISB_ERROR_INIT;
    isb_study study = read_with(ISB_SOURCE_DIR "/examples/study.yaml", NULL, 0);
    CHECK(study.variant_count == 13 && study.seed_count == 10 && study.baseline == 0);
    CHECK(study.metric == ISB_METRIC_VAL_ACCURACY && strcmp(study.name, "where-to-drop") == 0);
    for (size_t i = 0; i < study.variant_count; i++) {
        const char *text = study.variants[i].experiment;
        isb_experiment experiment;
        char *again = NULL;
        CHECK(isb_experiment_parse(&experiment, text, strlen(text), "v.yaml", NULL, 0, &error) ==
              ISB_OK);
        CHECK(isb_experiment_write(&experiment, &again, &error) == ISB_OK);
        CHECK(strcmp(text, again) == 0);
        free(again);
        isb_experiment_free(&experiment);
    }
    isb_study_free(&study);
}
