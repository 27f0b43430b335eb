/* fit.callbacks in the experiment file. */
#include "check.h"
#include <isobit/experiment.h>
#include <stdlib.h>
#include <string.h>

#define HEAD                                                                                       \
    "name: x\n"                                                                                    \
    "seed: 1\n"                                                                                    \
    "data:\n"                                                                                      \
    "  source: digits\n"                                                                           \
    "  validation: test\n"                                                                         \
    "model:\n"                                                                                     \
    "  - dense: {units: 10, activation: softmax, use_bias: true, kernel_initializer: "             \
    "glorot_uniform, bias_initializer: zeros}\n"                                                   \
    "compile:\n"                                                                                   \
    "  optimizer: {sgd: {learning_rate: 0.01, momentum: 0, nesterov: false}}\n"                    \
    "  loss: {sparse_categorical_crossentropy: {from_logits: false}}\n"                            \
    "  metrics: [accuracy, train_eval]\n"                                                          \
    "fit:\n"                                                                                       \
    "  epochs: 1\n"                                                                                \
    "  batch_size: 32\n"                                                                           \
    "  shuffle: true\n"
#define TAIL "model_weights: none\n"

#define BARE                                                                                       \
    "  callbacks:\n"                                                                               \
    "    - early_stopping\n"                                                                       \
    "    - model_checkpoint\n"                                                                     \
    "    - terminate_on_nan\n"                                                                     \
    "    - reduce_lr_on_plateau\n"
#define BARE_RESOLVED                                                                              \
    "  callbacks:\n"                                                                               \
    "    - early_stopping: {monitor: val_loss, min_delta: 0, patience: 0, mode: auto, baseline: "  \
    "none, restore_best_weights: false, start_from_epoch: 0}\n"                                    \
    "    - model_checkpoint: {monitor: val_loss, mode: auto, save_best_only: false, save_freq: "   \
    "epoch, initial_value_threshold: none}\n"                                                      \
    "    - terminate_on_nan: {}\n"                                                                 \
    "    - reduce_lr_on_plateau: {monitor: val_loss, factor: 0.1, patience: 10, mode: auto, "      \
    "min_delta: 0.0001, cooldown: 0, min_lr: 0}\n"

#define FULL                                                                                       \
    "  callbacks:\n"                                                                               \
    "    - reduce_lr_on_plateau: {monitor: train_eval_accuracy, factor: 0, patience: 2147483647, " \
    "mode: min, min_delta: 0.5, cooldown: 3, min_lr: 1e-06}\n"                                     \
    "    - terminate_on_nan: {}\n"                                                                 \
    "    - model_checkpoint: {monitor: accuracy, mode: max, save_best_only: true, save_freq: "     \
    "100, "                                                                                        \
    "initial_value_threshold: 0.75}\n"                                                             \
    "    - early_stopping: {monitor: val_accuracy, min_delta: 0.001, patience: 4, mode: auto, "    \
    "baseline: -2.5, restore_best_weights: true, start_from_epoch: 7}\n"

static isb_experiment parse_with(const char *text, const isb_setting *settings, size_t count) {
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    isb_experiment_parse(&experiment, text, strlen(text), "exp.yaml", settings, count, &error);
    CHECKF(error.count == 0, "%s", isb_error_text(&error));
    return experiment;
}

static isb_experiment parse(const char *text) { return parse_with(text, NULL, 0); }

static void check_resolved(const char *text, const char *expected) {
    isb_experiment e = parse(text);
    char *resolved = NULL;
    CHECK(isb_experiment_write(&e, &resolved, NULL) == ISB_OK);
    CHECKF(strcmp(resolved, expected) == 0, "%s", resolved);
    free(resolved);
    isb_experiment_free(&e);
}

CASE(experiment_callbacks, defaults) {
    isb_experiment e = parse(HEAD BARE);
    CHECK(e.callback_count == 4);
    const isb_callback *stopping = &e.callbacks[0], *checkpoint = &e.callbacks[1],
                       *nan = &e.callbacks[2], *reduce = &e.callbacks[3];
    CHECK(stopping->kind == ISB_EARLY_STOPPING && stopping->monitor == ISB_METRIC_VAL_LOSS);
    CHECK(stopping->min_delta == 0 && stopping->patience == 0 && stopping->mode == ISB_MODE_AUTO);
    CHECK(!stopping->baseline.given && !stopping->restore_best_weights);
    CHECK(stopping->start_from_epoch == 0);
    CHECK(checkpoint->kind == ISB_MODEL_CHECKPOINT && checkpoint->monitor == ISB_METRIC_VAL_LOSS);
    CHECK(checkpoint->mode == ISB_MODE_AUTO && !checkpoint->save_best_only);
    CHECK(checkpoint->save_freq == 0 && !checkpoint->initial_value_threshold.given);
    CHECK(nan->kind == ISB_TERMINATE_ON_NAN);
    CHECK(reduce->kind == ISB_REDUCE_LR_ON_PLATEAU && reduce->monitor == ISB_METRIC_VAL_LOSS);
    CHECK(reduce->factor == 0.1 && reduce->patience == 10 && reduce->mode == ISB_MODE_AUTO);
    CHECK(reduce->min_delta == 1e-4 && reduce->cooldown == 0 && reduce->min_lr == 0);
    isb_experiment_free(&e);
}

CASE(experiment_callbacks, every_key) {
    isb_experiment e = parse(HEAD FULL);
    CHECK(e.callback_count == 4);
    const isb_callback *reduce = &e.callbacks[0], *checkpoint = &e.callbacks[2],
                       *stopping = &e.callbacks[3];
    CHECK(reduce->kind == ISB_REDUCE_LR_ON_PLATEAU);
    CHECK(reduce->monitor == ISB_METRIC_TRAIN_EVAL_ACCURACY && reduce->factor == 0);
    CHECK(reduce->patience == 2147483647 && reduce->mode == ISB_MODE_MIN);
    CHECK(reduce->min_delta == 0.5 && reduce->cooldown == 3 && reduce->min_lr == 1e-6);
    CHECK(checkpoint->kind == ISB_MODEL_CHECKPOINT && checkpoint->monitor == ISB_METRIC_ACCURACY);
    CHECK(checkpoint->mode == ISB_MODE_MAX && checkpoint->save_best_only);
    CHECK(checkpoint->save_freq == 100 && checkpoint->initial_value_threshold.given);
    CHECK(checkpoint->initial_value_threshold.value == 0.75);
    CHECK(stopping->kind == ISB_EARLY_STOPPING && stopping->monitor == ISB_METRIC_VAL_ACCURACY);
    CHECK(stopping->min_delta == 0.001 && stopping->patience == 4);
    CHECK(stopping->baseline.given && stopping->baseline.value == -2.5);
    CHECK(stopping->restore_best_weights && stopping->start_from_epoch == 7);
    isb_experiment_free(&e);
}

CASE(experiment_callbacks, none) {
    static const char *const forms[] = {"", "  callbacks: none\n", "  callbacks: []\n"};
    for (size_t i = 0; i < 3; i++) {
        char text[1024];
        snprintf(text, sizeof text, HEAD "%s" TAIL, forms[i]);
        isb_experiment e = parse(text);
        CHECK(e.callback_count == 0 && e.callbacks == NULL);
        isb_experiment_free(&e);
        check_resolved(text, HEAD TAIL);
    }
}

CASE(experiment_callbacks, words_in_quotes) {
    isb_experiment e = parse(HEAD "  callbacks: ['early_stopping', model_checkpoint: {save_freq: "
                                  "\"epoch\", initial_value_threshold: none}]\n");
    CHECK(e.callback_count == 2 && e.callbacks[0].kind == ISB_EARLY_STOPPING);
    CHECK(e.callbacks[1].save_freq == 0 && !e.callbacks[1].initial_value_threshold.given);
    isb_experiment_free(&e);
}

CASE(experiment_callbacks, resolved) {
    check_resolved(HEAD BARE TAIL, HEAD BARE_RESOLVED TAIL);
    check_resolved(HEAD BARE_RESOLVED TAIL, HEAD BARE_RESOLVED TAIL);
    check_resolved(HEAD FULL TAIL, HEAD FULL TAIL);
}

/* A metric may be monitored exactly where it is computed. */
CASE(experiment_callbacks, monitors_what_is_computed) {
    for (int metric = 0; metric < ISB_METRICS; metric++) {
        for (unsigned parts = 0; parts < 8; parts++) {
            const bool validation = parts & 1, asked = parts & 2, train_eval = parts & 4;
            const char *name = isb_metric_name((isb_metric)metric);
            const bool regression = strstr(name, "error") != NULL || strstr(name, "r2") != NULL;
            const char *measure = !regression                        ? "accuracy"
                                  : strstr(name, "absolute") != NULL ? "mean_absolute_error"
                                  : strstr(name, "squared") != NULL  ? "mean_squared_error"
                                                                     : "r2_score";
            const bool computed = (strncmp(name, "val_", 4) != 0 || validation) &&
                                  (strncmp(name, "train_eval_", 11) != 0 || train_eval) &&
                                  (strstr(name, measure) == NULL || asked);
            char text[512];
            snprintf(text, sizeof text,
                     "data: {source: digits, validation: %s}\n"
                     "model: [dense: {units: 3, activation: %s}]\n"
                     "compile: {optimizer: sgd, loss: %s, metrics: [%s%s%s]}\n"
                     "fit: {callbacks: [early_stopping: {monitor: %s}]}\n",
                     validation ? "0.1" : "none", regression ? "linear" : "softmax",
                     regression ? "huber" : "sparse_categorical_crossentropy", asked ? measure : "",
                     asked && train_eval ? ", " : "", train_eval ? "train_eval" : "", name);
            isb_experiment e;
            isb_error error = ISB_ERROR_INIT;
            isb_status status =
                isb_experiment_parse(&e, text, strlen(text), "exp.yaml", NULL, 0, &error);
            CHECKF(status == (computed ? ISB_OK : ISB_USAGE), "%s%s", text, isb_error_text(&error));
            CHECK(!computed || e.callbacks[0].monitor == (isb_metric)metric);
            isb_error_clear(&error);
            isb_experiment_free(&e);
        }
    }
}

CASE(experiment_callbacks, a_checkpoint_of_every_epoch_monitors_nothing) {
    isb_experiment e = parse("data: {source: digits}\n"
                             "model: [dense: {units: 3, activation: softmax}]\n"
                             "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n"
                             "fit: {callbacks: [model_checkpoint: {monitor: val_accuracy}]}\n");
    CHECK(e.callback_count == 1 && e.callbacks[0].monitor == ISB_METRIC_VAL_ACCURACY);
    isb_experiment_free(&e);
}

CASE(experiment_callbacks, names) {
    CHECK(strcmp(isb_callback_name(ISB_EARLY_STOPPING), "early_stopping") == 0);
    CHECK(strcmp(isb_callback_name(ISB_MODEL_CHECKPOINT), "model_checkpoint") == 0);
    CHECK(strcmp(isb_callback_name(ISB_TERMINATE_ON_NAN), "terminate_on_nan") == 0);
    CHECK(strcmp(isb_callback_name(ISB_REDUCE_LR_ON_PLATEAU), "reduce_lr_on_plateau") == 0);
    CHECK(strcmp(isb_metric_name(ISB_METRIC_TRAIN_EVAL_LOSS), "train_eval_loss") == 0);
}

/* --- settings --- */

CASE(experiment_callbacks, settings_reach_every_key) {
    const isb_setting settings[] = {
        {"--set", "fit.callbacks.0.early_stopping.patience", "5"},
        {"--set", "fit.callbacks.early_stopping.monitor", "loss"},
        {"--set", "fit.callbacks.early_stopping.baseline", "0.5"},
        {"--set", "fit.callbacks.model_checkpoint.save_freq", "250"},
        {"--set", "fit.callbacks.3", "model_checkpoint"},
        {"--set", "fit.callbacks.1", "{reduce_lr_on_plateau: {factor: 0.5}}"},
        {"--set", "fit.callbacks.1.reduce_lr_on_plateau.min_lr", "0.001"},
        {"--set", "fit.callbacks.3.model_checkpoint.save_best_only", "true"},
    };
    isb_experiment e = parse_with(HEAD BARE, settings, sizeof settings / sizeof settings[0]);
    CHECK(e.callback_count == 4);
    CHECK(e.callbacks[0].patience == 5 && e.callbacks[0].monitor == ISB_METRIC_LOSS);
    CHECK(e.callbacks[0].baseline.given && e.callbacks[0].baseline.value == 0.5);
    CHECK(e.callbacks[1].kind == ISB_REDUCE_LR_ON_PLATEAU && e.callbacks[1].factor == 0.5);
    CHECK(e.callbacks[1].min_lr == 0.001 && e.callbacks[1].patience == 10);
    CHECK(e.callbacks[3].kind == ISB_MODEL_CHECKPOINT && e.callbacks[3].save_best_only);
    CHECK(e.callbacks[3].save_freq == 0);
    isb_experiment_free(&e);
    const isb_setting whole = {"--set", "fit.callbacks", "[early_stopping: {patience: 2}]"};
    e = parse_with(HEAD, &whole, 1);
    CHECK(e.callback_count == 1 && e.callbacks[0].patience == 2);
    isb_experiment_free(&e);
    const isb_setting nothing = {"--set", "fit.callbacks", "none"};
    e = parse_with(HEAD BARE, &nothing, 1);
    CHECK(e.callback_count == 0);
    isb_experiment_free(&e);
}

/* --- comparing --- */

static void check_differences(const char *left, const char *right, const char *expected) {
    isb_experiment a = parse(left), b = parse(right);
    char *texts[2] = {NULL, NULL}, *keys = NULL;
    CHECK(isb_experiment_write(&a, &texts[0], NULL) == ISB_OK);
    CHECK(isb_experiment_write(&b, &texts[1], NULL) == ISB_OK);
    CHECK(isb_experiment_compare(texts[0], texts[1], &keys, NULL) == ISB_OK);
    CHECKF(strcmp(keys, expected) == 0, "'%s', expected '%s'", keys, expected);
    free(texts[0]);
    free(texts[1]);
    free(keys);
    isb_experiment_free(&a);
    isb_experiment_free(&b);
}

CASE(experiment_callbacks, compare_names_the_keys_that_differ) {
    check_differences(HEAD BARE, HEAD BARE_RESOLVED, "");
    check_differences(HEAD "  callbacks: [early_stopping: {patience: 1}, model_checkpoint]\n",
                      HEAD "  callbacks: [early_stopping: {patience: 2, baseline: 0}, "
                           "model_checkpoint: {mode: min}]\n",
                      "fit.callbacks.0.early_stopping.patience\n"
                      "fit.callbacks.0.early_stopping.baseline\n"
                      "fit.callbacks.1.model_checkpoint.mode");
    check_differences(HEAD "  callbacks: [early_stopping]\n", HEAD, "fit.callbacks");
    check_differences(HEAD "  callbacks: [early_stopping]\n", HEAD BARE, "fit.callbacks");
    check_differences(HEAD "  callbacks: [early_stopping]\n",
                      HEAD "  callbacks: [terminate_on_nan]\n", "fit.callbacks.0");
}

CASE(experiment_callbacks, compare_leaves_out_save_freq) {
    check_differences(
        HEAD "  callbacks: [terminate_on_nan, model_checkpoint: {save_freq: 5}]\n",
        HEAD "  callbacks: [terminate_on_nan, model_checkpoint: {save_freq: epoch}]\n", "");
}

/* --- hostile input --- */

/* Whatever comes in: an experiment that can be written and read again, or a message. */
static void check_survives(const char *text, size_t length) {
    isb_experiment e;
    isb_error error = ISB_ERROR_INIT;
    isb_status status = isb_experiment_parse(&e, text, length, "exp.yaml", NULL, 0, &error);
    CHECK((status == ISB_OK) == (error.count == 0));
    if (status == ISB_OK) {
        char *resolved = NULL;
        CHECK(isb_experiment_write(&e, &resolved, NULL) == ISB_OK);
        check_resolved(resolved, resolved);
        free(resolved);
    } else {
        CHECK(status == ISB_USAGE && e.callbacks == NULL);
    }
    isb_error_clear(&error);
    isb_experiment_free(&e);
}

CASE(experiment_callbacks, survives_every_prefix) {
    static const char text[] = HEAD FULL;
    for (size_t i = 0; i < sizeof text; i++) {
        char *prefix = malloc(i > 0 ? i : 1); /* of its very size, so that ASan sees its end */
        CHECK(prefix != NULL);
        memcpy(prefix, text, i);
        check_survives(prefix, i);
        free(prefix);
    }
}

CASE(experiment_callbacks, survives_mutations) {
    char text[] = HEAD FULL;
    const size_t head = sizeof HEAD - 1, length = sizeof text - 1;
    uint64_t state = 20261123;
    for (int i = 0; i < 2000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t at = head + (size_t)(state >> 33) % (length - head);
        char before = text[at];
        text[at] = (char)(state >> 24);
        check_survives(text, length);
        text[at] = before;
    }
}

CASE(experiment_callbacks, a_long_list_is_refused) {
    enum { ITEMS = 50000 };
    static const char item[] = "    - early_stopping\n";
    char *text = calloc(1, sizeof HEAD + 32 + ITEMS * sizeof item);
    CHECK(text != NULL);
    char *end = stpcpy(stpcpy(text, HEAD), "  callbacks:\n");
    for (size_t i = 0; i < ITEMS && (size_t)(end - text) < 1000000; i++)
        end = stpcpy(end, item);
    isb_experiment e;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_experiment_parse(&e, text, (size_t)(end - text), "exp.yaml", NULL, 0, &error) ==
          ISB_USAGE);
    CHECK(error.count == 64 && e.callbacks == NULL);
    CHECK(strstr(isb_error_text(&error),
                 "exp.yaml:18:7: callback 'early_stopping' stands twice; remove one") != NULL);
    isb_error_clear(&error);
    free(text);
}
