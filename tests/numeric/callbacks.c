/* The callbacks that follow the metrics. What is expected of each script is what Keras 3.15 did:
 * its own EarlyStopping, ReduceLROnPlateau and ModelCheckpoint were driven through the same values,
 * on the TensorFlow backend. All values are multiples of 1/64, so that its single precision and the
 * double here compare alike. */
#include "train/callbacks.h"
#include "check.h"
#include <fenv.h>
#include <math.h>
#include <string.h>

/* Metrics epoch by epoch, in 64ths. */
static const double falling[] = {
    148, 153, 151, 142, 140, 134, 130, 122, 119, 119, 112, 110, 104, 98, 96, 92, 94, 87, 75, 82,
    70,  72,  69,  74,  76,  69,  66,  70,  63,  68,  57,  60,  55,  55, 55, 61, 51, 57, 53, 49};
static const double flat[] = {64, 60, 58, 57, 57, 56, 56, 55, 55, 55, 54, 55, 54, 54, 54,
                              53, 53, 52, 52, 52, 52, 51, 51, 51, 51, 51, 50, 50, 50, 50};
static const double rising[] = {52,  47,  49,  58,  60,  66,  70,  78,  81,  81,
                                88,  90,  96,  102, 104, 108, 106, 113, 125, 118,
                                130, 128, 131, 126, 124, 131, 134, 130, 137, 132,
                                143, 140, 145, 145, 145, 139, 149, 143, 147, 151};
static const double broken[] = {80, NAN, 79,  78,  INFINITY, 80, NAN, 77, 79, NAN, 78,
                                76, 76,  NAN, NAN, NAN,      70, NAN, 90, 90, 90,  90};

typedef struct script {
    isb_callback callback;
    const double *values;
    const char *expected; /* an epoch a letter: + better than ever, R rate reduced, S stopped */
    double learning_rate; /* in the end; 0.5 at first */
} script;

enum { MOST_EPOCHS = 64 };

#define Q(n) (n / 64.0)
#define STOPPING(metric, ...)                                                                      \
    { .kind = ISB_EARLY_STOPPING, .monitor = ISB_METRIC_##metric, __VA_ARGS__ }
#define REDUCING(metric, by, ...)                                                                  \
    { .kind = ISB_REDUCE_LR_ON_PLATEAU, .monitor = ISB_METRIC_##metric, .factor = by, __VA_ARGS__ }
#define KEEPING(metric, ...)                                                                       \
    {                                                                                              \
        .kind = ISB_MODEL_CHECKPOINT, .save_best_only = true, .monitor = ISB_METRIC_##metric,      \
        __VA_ARGS__                                                                                \
    }

static const script early_stopping_scripts[] = {
    {STOPPING(VAL_LOSS, .patience = 0), falling, "+S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 1), falling, "+S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 2), falling, "+.S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 3), falling, "+..++++++.++++++.++.+.+..S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 5), falling, "+..++++++.++++++.++.+.+...+.+.+.+...+..+", 0.5},
    {STOPPING(VAL_LOSS, .patience = 3, .min_delta = Q(4)), falling, "+..+.+.+..+.++.+.++.+..S",
     0.5},
    {STOPPING(VAL_LOSS, .patience = 6, .min_delta = Q(8)), falling, "+....+.+..+..+...++.....S",
     0.5},
    {STOPPING(VAL_LOSS, .patience = 1, .start_from_epoch = 5), falling, ".....++++S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 0, .start_from_epoch = 12), falling, "............++++S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 2, .start_from_epoch = 39), falling,
     ".......................................+", 0.5},
    {STOPPING(LOSS, .patience = 4), falling, "+..++++++.++++++.++.+.+...+.+.+.+...+..+", 0.5},
    {STOPPING(VAL_LOSS, .patience = 3, .mode = ISB_MODE_MAX), falling, "++..S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 0, .mode = ISB_MODE_MAX), falling, "++S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 0), flat, "++++S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 1), flat, "++++S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 2), flat, "++++.+.+.S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 3), flat, "++++.+.+..+..S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 4), flat, "++++.+.+..+...S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 3, .min_delta = Q(1)), flat, "+++..+..S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 4, .min_delta = Q(1)), flat, "+++..+...S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 5, .min_delta = Q(2)), flat, "++.+....S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 6, .min_delta = Q(2)), flat, "++.+.....S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 3, .baseline = {true, Q(54)}), flat, "++++S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 8, .baseline = {true, Q(55)}), flat, "++++.+.+S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 2, .baseline = {true, Q(40)}), flat, "++++S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 40, .baseline = {true, Q(40)}), flat,
     "++++.+.+..+....+.+...+....+...", 0.5},
    {STOPPING(VAL_LOSS, .patience = 2, .min_delta = Q(1), .baseline = {true, Q(59)}), flat, "+++S",
     0.5},
    {STOPPING(VAL_LOSS, .patience = 4, .min_delta = Q(1), .baseline = {true, Q(57)},
              .start_from_epoch = 2),
     flat, "..+..+S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 5, .baseline = {true, Q(52)}, .start_from_epoch = 4), flat,
     "....++.+S", 0.5},
    {STOPPING(VAL_ACCURACY, .patience = 2), rising, "+.S", 0.5},
    {STOPPING(ACCURACY, .patience = 4), rising, "+..++++++.++++++.++.+.+...+.+.+.+...+..+", 0.5},
    {STOPPING(ACCURACY, .patience = 4, .min_delta = Q(5)), rising, "+..+.+.+..+.++.+..+...+...S",
     0.5},
    {STOPPING(VAL_ACCURACY, .patience = 2, .mode = ISB_MODE_MIN), rising, "++.S", 0.5},
    {STOPPING(VAL_ACCURACY, .patience = 3, .baseline = {true, Q(100)}), rising, "+.S", 0.5},
    {STOPPING(VAL_ACCURACY, .patience = 7, .min_delta = Q(2), .baseline = {true, Q(90)}), rising,
     "+..+.++++S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 3, .mode = ISB_MODE_MAX), rising, "+..++++++.++++++.++.+.+..S",
     0.5},
    {STOPPING(VAL_LOSS, .patience = 1), broken, "+S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 2), broken, "+.++.S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 3), broken, "+.++..S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 4), broken, "+.++...+...+...S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 4, .min_delta = Q(1)), broken, "+..+...S", 0.5},
    {STOPPING(VAL_LOSS, .patience = 5, .baseline = {true, Q(77)}), broken, "+.++S", 0.5},
};

static const script reduce_lr_scripts[] = {
    {REDUCING(VAL_LOSS, 0.5, .patience = 1), falling, "+RR++++++R++++++R++R+R+RRR+R+R+R+RRR+RR+",
     0x1p-18},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2), falling, "+.R++++++.++++++.++.+.+.R.+.+.+.+.R.+.R+",
     0x1p-5},
    {REDUCING(VAL_LOSS, 0.5, .patience = 3), falling, "+..++++++.++++++.++.+.+..R+.+.+.+..R+..+",
     0x1p-3},
    {REDUCING(VAL_LOSS, 0.5, .patience = 4, .min_delta = Q(4)), falling,
     "+..+.+.+..+.++.+.++.+...R...+.+...R.+...", 0x1p-3},
    {REDUCING(VAL_LOSS, 0.25, .patience = 2, .cooldown = 1), falling,
     "+.R++++++.++++++.++.+.+.R.+.+.+.+.R.+.R+", 0x1p-9},
    {REDUCING(VAL_LOSS, 0.25, .patience = 2, .cooldown = 3), falling,
     "+.R++++++.++++++.++.+.+.R.+.+.+.+.R.+.R+", 0x1p-9},
    {REDUCING(VAL_LOSS, 0.5, .patience = 0), falling, "+RR++++++R++++++R++R+R+RRR+R+R+R+RRR+RR+",
     0x1p-18},
    {REDUCING(VAL_LOSS, 0.5, .patience = 0, .cooldown = 2), falling,
     "+R.++++++R++++++R++R+R+R.R+R+R+R+R.R+R.+", 0x1p-14},
    {REDUCING(VAL_LOSS, 0.5, .patience = 1, .min_lr = Q(1)), falling,
     "+RR++++++R++++++R++R+.+...+.+.+.+...+..+", 0x1p-6},
    {REDUCING(VAL_LOSS, 0.5, .patience = 1, .min_lr = Q(12)), falling,
     "+RR++++++.++++++.++.+.+...+.+.+.+...+..+", 0x1.8p-3},
    {REDUCING(VAL_LOSS, 0, .patience = 3), falling, "+..++++++.++++++.++.+.+..R+.+.+.+...+..+", 0},
    {REDUCING(VAL_LOSS, 0, .patience = 3, .min_lr = Q(8)), falling,
     "+..++++++.++++++.++.+.+..R+.+.+.+...+..+", 0x1p-3},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2, .min_lr = 0.5), falling,
     "+..++++++.++++++.++.+.+...+.+.+.+...+..+", 0.5},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2, .min_lr = 1), falling,
     "+..++++++.++++++.++.+.+...+.+.+.+...+..+", 0.5},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2, .mode = ISB_MODE_MAX), falling,
     "++.R.R.R.R.R.R.R.R.R.R.R.R.R.R.R.R.R.R.R", 0x1p-20},
    {REDUCING(VAL_LOSS, 0.5, .patience = 10), falling, "+..++++++.++++++.++.+.+...+.+.+.+...+..+",
     0.5},
    {REDUCING(VAL_LOSS, 0.5, .patience = 1), flat, "++++R+R+RR+RRRR+R+RRR+RRRR+RRR", 0x1p-20},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2), flat, "++++.+.+.R+.R.R+.+.R.+.R.R+.R.", 0x1p-8},
    {REDUCING(VAL_LOSS, 0.5, .patience = 3), flat, "++++.+.+..+..R.+.+..R+..R.+..R", 0x1p-5},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2, .min_delta = Q(1)), flat,
     "+++.R+.R.R+.R.R.R+.R.R.R.R+.R.", 0x1p-12},
    {REDUCING(VAL_LOSS, 0.5, .patience = 3, .min_delta = Q(2)), flat,
     "++.+..R..R+..R..R..R.+..R..R..", 0x1p-8},
    {REDUCING(VAL_LOSS, 0.5, .patience = 1, .cooldown = 2), flat, "++++R+R+R.+R.R.+R+R.R+R.R.+R.R",
     0x1p-13},
    {REDUCING(VAL_LOSS, 0.5, .patience = 1, .cooldown = 5), flat, "++++R+.+.R+...R+.+.R.+..R.+..R",
     0x1p-7},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2, .min_delta = Q(2), .cooldown = 2, .min_lr = Q(1)), flat,
     "++.+.R..R.+.R..R..R..+........", 0x1p-6},
    {REDUCING(VAL_ACCURACY, 0.5, .patience = 2), rising, "+.R++++++.++++++.++.+.+.R.+.+.+.+.R.+.R+",
     0x1p-5},
    {REDUCING(ACCURACY, 0.5, .patience = 3, .min_delta = Q(3), .cooldown = 1), rising,
     "+..+.+++..+.++.+.++.+..R..+..R+..R..+..R", 0x1p-5},
    {REDUCING(ACCURACY, 0.5, .patience = 4, .mode = ISB_MODE_MIN), rising,
     "++...R...R...R...R...R...R...R...R...R..", 0x1p-10},
    {REDUCING(VAL_LOSS, 0.5, .patience = 1), broken, "+R++RRR+RRR+RRRR+RRRRR", 0x1p-17},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2), broken, "+.++.R.+.R.+.R.R+.R.R.", 0x1p-7},
    {REDUCING(VAL_LOSS, 0.5, .patience = 2, .cooldown = 2), broken, "+.++.R.+.R.+.R..+.R..R",
     0x1p-6},
    {REDUCING(VAL_LOSS, 0.5, .patience = 3, .min_delta = Q(1)), broken, "+..+..R..R.+..R.+..R..",
     0x1p-5},
};

static const script checkpoint_scripts[] = {
    {KEEPING(VAL_LOSS, .mode = ISB_MODE_AUTO), falling, "+..++++++.++++++.++.+.+...+.+.+.+...+..+",
     0.5},
    {KEEPING(VAL_LOSS, .initial_value_threshold = {true, Q(120)}), falling,
     "........+.++++++.++.+.+...+.+.+.+...+..+", 0.5},
    {KEEPING(VAL_LOSS, .initial_value_threshold = {true, Q(1)}), falling,
     "........................................", 0.5},
    {KEEPING(VAL_LOSS, .mode = ISB_MODE_MAX), falling, "++......................................",
     0.5},
    {KEEPING(VAL_LOSS, .mode = ISB_MODE_AUTO), flat, "++++.+.+..+....+.+...+....+...", 0.5},
    {KEEPING(VAL_LOSS, .initial_value_threshold = {true, Q(57)}), flat,
     ".....+.+..+....+.+...+....+...", 0.5},
    {KEEPING(LOSS, .initial_value_threshold = {true, Q(52)}), flat,
     ".....................+....+...", 0.5},
    {KEEPING(VAL_ACCURACY, .mode = ISB_MODE_AUTO), rising,
     "+..++++++.++++++.++.+.+...+.+.+.+...+..+", 0.5},
    {KEEPING(VAL_ACCURACY, .initial_value_threshold = {true, Q(75)}), rising,
     ".......++.++++++.++.+.+...+.+.+.+...+..+", 0.5},
    {KEEPING(ACCURACY, .mode = ISB_MODE_MIN, .initial_value_threshold = {true, Q(60)}), rising,
     "++......................................", 0.5},
    {KEEPING(VAL_LOSS, .mode = ISB_MODE_AUTO), broken, "+.++...+...+....+.....", 0.5},
    {KEEPING(VAL_LOSS, .initial_value_threshold = {true, Q(78)}), broken, ".......+...+....+.....",
     0.5},
};

static void set_metric(isb_epoch_result *result, isb_metric metric, double value) {
    double *const places[ISB_METRICS] = {
        [ISB_METRIC_LOSS] = &result->train.loss,
        [ISB_METRIC_ACCURACY] = &result->train.accuracy,
        [ISB_METRIC_MAE] = &result->train.mae,
        [ISB_METRIC_MSE] = &result->train.mse,
        [ISB_METRIC_R2] = &result->train.r2,
        [ISB_METRIC_VAL_LOSS] = &result->validation.loss,
        [ISB_METRIC_VAL_ACCURACY] = &result->validation.accuracy,
        [ISB_METRIC_VAL_MAE] = &result->validation.mae,
        [ISB_METRIC_VAL_MSE] = &result->validation.mse,
        [ISB_METRIC_VAL_R2] = &result->validation.r2,
        [ISB_METRIC_TRAIN_EVAL_LOSS] = &result->train_eval.loss,
        [ISB_METRIC_TRAIN_EVAL_ACCURACY] = &result->train_eval.accuracy,
        [ISB_METRIC_TRAIN_EVAL_MAE] = &result->train_eval.mae,
        [ISB_METRIC_TRAIN_EVAL_MSE] = &result->train_eval.mse,
        [ISB_METRIC_TRAIN_EVAL_R2] = &result->train_eval.r2,
    };
    *places[metric] = value;
}

/* An epoch with that value; all other metrics improve in every epoch. */
static isb_epoch_result epoch_with(size_t epoch, isb_metric metric, double value) {
    const double better = (double)epoch / 100;
    isb_epoch_result result = {.epoch = epoch};
    result.train = result.validation = result.train_eval =
        (isb_score){true, -better, better, -better, -better, better};
    set_metric(&result, metric, value);
    return result;
}

static char letter_of(const isb_callback_actions *actions, isb_callback_kind kind) {
    if (actions->improved[kind])
        return '+';
    return actions->stop ? 'S' : actions->reduced ? 'R' : '.';
}

static isb_experiment experiment_with(isb_callback *callbacks, size_t count) {
    return (isb_experiment){.optimizer = {.kind = ISB_SGD, .learning_rate = 0.5},
                            .callbacks = callbacks,
                            .callback_count = count};
}

/* The process ends after `cut` epochs, and another one goes on with what was saved. */
static void restart(isb_callbacks *callbacks, const isb_experiment *experiment) {
    const isb_callbacks saved = *callbacks;
    isb_callbacks_start(callbacks, experiment);
    memcpy(callbacks->states, saved.states, sizeof saved.states);
    callbacks->learning_rate = saved.learning_rate;
}

static void check_script(const char *name, const script *s, size_t cut) {
    isb_callback callback = s->callback;
    const isb_experiment experiment = experiment_with(&callback, 1);
    isb_callbacks callbacks;
    isb_callbacks_start(&callbacks, &experiment);
    CHECK(callbacks.learning_rate == 0.5 && callbacks.stopped == NULL);
    char letters[MOST_EPOCHS + 1] = "";
    for (size_t i = 0; i < strlen(s->expected); i++) {
        if (i == cut)
            restart(&callbacks, &experiment);
        const isb_epoch_result result = epoch_with(i + 1, callback.monitor, s->values[i] / 64);
        isb_callback_actions actions;
        isb_callbacks_epoch(&callbacks, &result, &actions);
        letters[i] = letter_of(&actions, callback.kind);
        CHECK(actions.learning_rate == callbacks.learning_rate);
        CHECK(callbacks.stopped == (actions.stop ? &callback : NULL));
        CHECK(!actions.improved[callback.kind] ||
              callbacks.states[callback.kind].best_epoch == i + 1);
    }
    CHECKF(strcmp(letters, s->expected) == 0, "%s, cut after %zu:\n%s, expected\n%s", name, cut,
           letters, s->expected);
    CHECKF(callbacks.learning_rate == s->learning_rate, "%s, cut after %zu: learning rate %.17g",
           name, cut, callbacks.learning_rate);
}

static void check_scripts(const char *name, const script *scripts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char title[64];
        snprintf(title, sizeof title, "%s %zu", name, i);
        for (size_t cut = 0; cut <= strlen(scripts[i].expected); cut++)
            check_script(title, &scripts[i], cut);
    }
}

#define CHECK_SCRIPTS(scripts) check_scripts(#scripts, scripts, sizeof(scripts) / sizeof *(scripts))

CASE(callbacks, early_stopping_is_keras_s) { CHECK_SCRIPTS(early_stopping_scripts); }

CASE(callbacks, reduce_lr_on_plateau_is_keras_s) { CHECK_SCRIPTS(reduce_lr_scripts); }

CASE(callbacks, model_checkpoint_is_keras_s) { CHECK_SCRIPTS(checkpoint_scripts); }

/* --- what the scripts cannot say --- */

static isb_callback_actions after(isb_callbacks *callbacks, isb_epoch_result result) {
    isb_callback_actions actions;
    isb_callbacks_epoch(callbacks, &result, &actions);
    return actions;
}

CASE(callbacks, every_metric_is_found) {
    for (int metric = 0; metric < ISB_METRICS; metric++) {
        isb_callback callback = {.kind = ISB_EARLY_STOPPING, .monitor = (isb_metric)metric};
        const bool up = metric == ISB_METRIC_ACCURACY || metric == ISB_METRIC_VAL_ACCURACY ||
                        metric == ISB_METRIC_TRAIN_EVAL_ACCURACY || metric == ISB_METRIC_R2 ||
                        metric == ISB_METRIC_VAL_R2 || metric == ISB_METRIC_TRAIN_EVAL_R2;
        const isb_experiment experiment = experiment_with(&callback, 1);
        isb_callbacks callbacks;
        isb_callbacks_start(&callbacks, &experiment);
        after(&callbacks, epoch_with(1, callback.monitor, 0.5));
        CHECK(after(&callbacks, epoch_with(2, callback.monitor, up ? 0.6 : 0.4))
                  .improved[ISB_EARLY_STOPPING]);
        CHECKF(after(&callbacks, epoch_with(3, callback.monitor, 0.5)).stop, "metric %d", metric);
    }
}

/* Keras would take NaN for the best value and never find a better one. */
CASE(callbacks, a_first_value_that_is_no_number_is_passed_over) {
    static const double values[] = {NAN, NAN, 3, NAN, 2};
    static const char expected[][6] = {
        [ISB_EARLY_STOPPING] = "..+.+",
        [ISB_MODEL_CHECKPOINT] = "..+.+",
        [ISB_REDUCE_LR_ON_PLATEAU] = "..+.+",
    };
    isb_callback items[] = {
        {.kind = ISB_EARLY_STOPPING, .monitor = ISB_METRIC_VAL_LOSS, .patience = 9},
        {.kind = ISB_MODEL_CHECKPOINT, .monitor = ISB_METRIC_VAL_LOSS, .save_best_only = true},
        {.kind = ISB_REDUCE_LR_ON_PLATEAU, .monitor = ISB_METRIC_VAL_LOSS, .patience = 9},
    };
    const isb_experiment experiment = experiment_with(items, 3);
    isb_callbacks callbacks;
    isb_callbacks_start(&callbacks, &experiment);
    for (size_t i = 0; i < 5; i++) {
        const isb_callback_actions actions =
            after(&callbacks, epoch_with(i + 1, ISB_METRIC_VAL_LOSS, values[i]));
        for (size_t k = 0; k < 3; k++)
            CHECKF(actions.improved[items[k].kind] == (expected[items[k].kind][i] == '+'),
                   "epoch %zu, callback %zu", i + 1, k);
    }
}

CASE(callbacks, the_first_epoch_stops_nothing) {
    isb_callback stopping = {.kind = ISB_EARLY_STOPPING, .monitor = ISB_METRIC_VAL_LOSS};
    const isb_experiment experiment = experiment_with(&stopping, 1);
    isb_callbacks callbacks;
    isb_callbacks_start(&callbacks, &experiment);
    CHECK(!after(&callbacks, epoch_with(1, ISB_METRIC_VAL_LOSS, NAN)).stop);
    CHECK(after(&callbacks, epoch_with(2, ISB_METRIC_VAL_LOSS, NAN)).stop);
}

/* Each keeps to its own metric and state; in one epoch the rate falls and training ends. */
CASE(callbacks, all_at_once) {
    isb_callback items[] = {
        {.kind = ISB_REDUCE_LR_ON_PLATEAU,
         .monitor = ISB_METRIC_LOSS,
         .factor = 0.5,
         .patience = 3},
        {.kind = ISB_TERMINATE_ON_NAN},
        {.kind = ISB_EARLY_STOPPING, .monitor = ISB_METRIC_VAL_LOSS, .patience = 2},
        {.kind = ISB_MODEL_CHECKPOINT, .monitor = ISB_METRIC_VAL_ACCURACY, .save_best_only = true},
    };
    static const double loss[] = {5, 5, 5, 5}, val_loss[] = {4, 3, 3, 3},
                        val_accuracy[] = {0.5, 0.25, 0.75, 0.75};
    const isb_experiment experiment = experiment_with(items, 4);
    isb_callbacks callbacks;
    isb_callbacks_start(&callbacks, &experiment);
    for (size_t i = 0; i < 4; i++) {
        isb_epoch_result result = epoch_with(i + 1, ISB_METRIC_LOSS, loss[i]);
        result.validation =
            (isb_score){.present = true, .loss = val_loss[i], .accuracy = val_accuracy[i]};
        const isb_callback_actions actions = after(&callbacks, result);
        CHECK(actions.improved[ISB_REDUCE_LR_ON_PLATEAU] == (i == 0));
        CHECK(actions.improved[ISB_EARLY_STOPPING] == (i < 2));
        CHECK(actions.improved[ISB_MODEL_CHECKPOINT] == (i == 0 || i == 2));
        CHECK(!actions.improved[ISB_TERMINATE_ON_NAN]);
        CHECK(actions.stop == (i == 3) && actions.reduced == (i == 3));
        CHECK(actions.learning_rate == (i < 3 ? 0.5 : 0.25));
    }
    CHECK(callbacks.stopped == &items[2]);
    CHECK(callbacks.states[ISB_EARLY_STOPPING].best_epoch == 2);
    CHECK(callbacks.states[ISB_EARLY_STOPPING].best == 3);
}

CASE(callbacks, a_checkpoint_of_every_epoch_follows_nothing) {
    isb_callback checkpoint = {.kind = ISB_MODEL_CHECKPOINT, .monitor = ISB_METRIC_LOSS};
    const isb_experiment experiment = experiment_with(&checkpoint, 1);
    isb_callbacks callbacks;
    isb_callbacks_start(&callbacks, &experiment);
    for (size_t epoch = 1; epoch <= 3; epoch++)
        CHECK(!after(&callbacks, epoch_with(epoch, ISB_METRIC_LOSS, -(double)epoch))
                   .improved[ISB_MODEL_CHECKPOINT]);
}

/* As Keras: an epoch without the metric is none that waits. */
CASE(callbacks, a_metric_that_is_absent_changes_nothing) {
    isb_callback items[] = {
        {.kind = ISB_EARLY_STOPPING, .monitor = ISB_METRIC_VAL_LOSS, .patience = 1},
        {.kind = ISB_MODEL_CHECKPOINT, .monitor = ISB_METRIC_VAL_LOSS, .save_best_only = true},
        {.kind = ISB_REDUCE_LR_ON_PLATEAU, .monitor = ISB_METRIC_VAL_LOSS, .patience = 1},
    };
    const isb_experiment experiment = experiment_with(items, 3);
    isb_callbacks callbacks;
    isb_callbacks_start(&callbacks, &experiment);
    after(&callbacks, epoch_with(1, ISB_METRIC_VAL_LOSS, 1));
    isb_epoch_result result = epoch_with(2, ISB_METRIC_VAL_LOSS, 0);
    result.validation.present = false;
    const isb_callback_actions actions = after(&callbacks, result);
    CHECK(!actions.stop && !actions.reduced && actions.learning_rate == 0.5);
    for (size_t kind = 0; kind < ISB_CALLBACK_KINDS; kind++) {
        CHECK(!actions.improved[kind] && callbacks.states[kind].wait == 0);
        CHECK(callbacks.states[kind].best == (kind == ISB_TERMINATE_ON_NAN ? 0 : 1));
    }
}

CASE(callbacks, divergence_ends_training) {
    isb_callback stopping = {.kind = ISB_EARLY_STOPPING, .monitor = ISB_METRIC_LOSS};
    for (size_t count = 0; count <= 1; count++) {
        const isb_experiment experiment = experiment_with(&stopping, count);
        isb_callbacks callbacks;
        isb_callbacks_start(&callbacks, &experiment);
        isb_epoch_result result = epoch_with(1, ISB_METRIC_LOSS, NAN);
        result.diverged = true;
        const isb_callback_actions actions = after(&callbacks, result);
        CHECK(actions.stop && !actions.reduced && actions.learning_rate == 0.5);
        CHECK(!actions.improved[ISB_EARLY_STOPPING]);
        CHECK(callbacks.states[ISB_EARLY_STOPPING].wait == 0);
        CHECK(callbacks.stopped != NULL && callbacks.stopped->kind == ISB_TERMINATE_ON_NAN);
    }
}

/* 0.9999 + 1e-4 is 1 to the nearest, so that it is no improvement on 1; rates are products of
 * doubles. */
static void check_decimals(void) {
    isb_callback reduce = {.kind = ISB_REDUCE_LR_ON_PLATEAU,
                           .monitor = ISB_METRIC_VAL_LOSS,
                           .min_delta = 1e-4,
                           .patience = 1,
                           .factor = 0.1,
                           .min_lr = 2.5e-6};
    isb_experiment experiment = experiment_with(&reduce, 1);
    experiment.optimizer.learning_rate = 0.001;
    static const double rates[] = {0.001, 0.001 * 0.1, 0.001 * 0.1 * 0.1, 2.5e-6, 2.5e-6};
    isb_callbacks callbacks;
    isb_callbacks_start(&callbacks, &experiment);
    const int host = fegetround();
    for (size_t i = 0; i < 5; i++) {
        const isb_epoch_result result = epoch_with(i + 1, ISB_METRIC_VAL_LOSS, i == 0 ? 1 : 0.9999);
        isb_callback_actions actions;
        isb_callbacks_epoch(&callbacks, &result, &actions);
        const bool kept = fegetround() == host;
        fesetround(FE_TONEAREST);
        CHECKF(actions.learning_rate == rates[i], "epoch %zu: %.17g", i + 1, actions.learning_rate);
        CHECK(kept && actions.improved[ISB_REDUCE_LR_ON_PLATEAU] == (i == 0));
        fesetround(host);
    }
}

CASE(callbacks, decimals_in_any_environment) {
    static const int directions[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (size_t i = 0; i < 4; i++) {
        fesetround(directions[i]);
        check_decimals();
        fesetround(FE_TONEAREST);
    }
}
