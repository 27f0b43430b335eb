/* An experiment: everything that decides what a training run computes. */
#ifndef ISOBIT_EXPERIMENT_H
#define ISOBIT_EXPERIMENT_H

#include <isobit/error.h>
#include <isobit/model.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum isb_scale_kind {
    ISB_SCALE_DEFAULT, /* 255 for 8-bit data, none otherwise */
    ISB_SCALE_NONE,
    ISB_SCALE_BY,            /* x / scale */
    ISB_SCALE_STANDARDIZE,   /* each feature by its own, fitted on the rows trained on */
    ISB_SCALE_MINMAX,        /* likewise */
    ISB_SCALE_MODEL_WEIGHTS, /* likewise, as the file of model_weights says */
} isb_scale_kind;

/* Whether every feature is scaled by numbers of its own. */
static inline bool isb_scales_features(isb_scale_kind kind) {
    return kind >= ISB_SCALE_STANDARDIZE;
}

typedef enum isb_validation_kind {
    ISB_VALIDATION_NONE,
    ISB_VALIDATION_STRATIFIED, /* a seeded, stratified fraction of train */
    ISB_VALIDATION_TAIL,       /* the last rows of train, as Keras's validation_split */
    ISB_VALIDATION_TEST,       /* the source's test part */
} isb_validation_kind;

/* What is done with a missing cell of a table: docs/tables.md. */
typedef enum isb_missing_policy {
    ISB_MISSING_ERROR,     /* refused */
    ISB_MISSING_MEAN,      /* the mean of the column, or its most frequent text */
    ISB_MISSING_INDICATOR, /* the same, and a feature of 0 or 1 that says so */
    ISB_MISSING_DROP_ROW,  /* its row is left out */
} isb_missing_policy;

typedef struct isb_names {
    char **items;
    size_t count;
} isb_names;

/* All columns of a kind, or those that are named; none: not all, and no names. */
typedef struct isb_column_choice {
    bool all;
    isb_names names;
} isb_column_choice;

/* How a table becomes features and labels. */
typedef struct isb_table_form {
    char *label; /* the column; NULL: not given */
    isb_names drop;
    isb_column_choice standardize; /* default: all numbers */
    isb_column_choice one_hot;     /* default: all texts */
    isb_names missing;             /* texts of missing cells; count 0: the empty cell alone */
    isb_missing_policy missing_policy;
    char separator;     /* 0: found out */
    int header;         /* 1 there is one, -1 there is none, 0: found out */
    bool decimal_comma; /* numbers are written 3,14 */
} isb_table_form;

typedef enum isb_optimizer_kind { ISB_ADAM, ISB_SGD } isb_optimizer_kind;

/* The first one is of classes, the others are of a regression. */
typedef enum isb_loss_kind {
    ISB_CROSS_ENTROPY,  /* sparse_categorical_crossentropy */
    ISB_SQUARED_ERROR,  /* mean_squared_error */
    ISB_ABSOLUTE_ERROR, /* mean_absolute_error */
    ISB_HUBER,
} isb_loss_kind;

static inline bool isb_is_regression(isb_loss_kind loss) { return loss != ISB_CROSS_ENTROPY; }

/* Formulas and defaults: docs/numerics.md. Hyper-parameters are doubles, rounded once. */
typedef struct isb_optimizer {
    isb_optimizer_kind kind;
    double learning_rate; /* adam 0.001, sgd 0.01 */
    double beta_1;        /* adam 0.9 */
    double beta_2;        /* adam 0.999 */
    double epsilon;       /* adam 1e-7 */
    double momentum;      /* sgd 0 */
    bool nesterov;        /* sgd false */
} isb_optimizer;

/* What may stand in fit.callbacks, in Keras's words and with Keras's meaning; docs/experiment.md
 * has the keys. */
typedef enum isb_callback_kind {
    ISB_EARLY_STOPPING,
    ISB_MODEL_CHECKPOINT,
    ISB_TERMINATE_ON_NAN, /* always on, written or not */
    ISB_REDUCE_LR_ON_PLATEAU,
    ISB_CALLBACK_KINDS, /* how many there are */
} isb_callback_kind;

/* What outputs are measured by. */
typedef enum isb_measure {
    ISB_MEASURE_LOSS,
    ISB_MEASURE_ACCURACY,
    ISB_MEASURE_MAE, /* of a regression: mean absolute error, */
    ISB_MEASURE_MSE, /* mean squared error, */
    ISB_MEASURE_R2,  /* and the coefficient of determination */
    ISB_MEASURES,    /* how many there are */
} isb_measure;

/* A measure of a part of the data: measure m of the training as it goes, then of validation, then
 * of the training part scored again, is metric m, ISB_MEASURES + m, 2 * ISB_MEASURES + m. */
typedef enum isb_metric {
    ISB_METRIC_LOSS, /* as Keras shows it: dropout on, weights changing */
    ISB_METRIC_ACCURACY,
    ISB_METRIC_MAE,
    ISB_METRIC_MSE,
    ISB_METRIC_R2,
    ISB_METRIC_VAL_LOSS,
    ISB_METRIC_VAL_ACCURACY,
    ISB_METRIC_VAL_MAE,
    ISB_METRIC_VAL_MSE,
    ISB_METRIC_VAL_R2,
    ISB_METRIC_TRAIN_EVAL_LOSS,
    ISB_METRIC_TRAIN_EVAL_ACCURACY,
    ISB_METRIC_TRAIN_EVAL_MAE,
    ISB_METRIC_TRAIN_EVAL_MSE,
    ISB_METRIC_TRAIN_EVAL_R2,
    ISB_METRICS, /* how many there are */
} isb_metric;

/* Which way a metric improves; auto: an accuracy or R2 up, any other down. */
typedef enum isb_monitor_mode { ISB_MODE_AUTO, ISB_MODE_MIN, ISB_MODE_MAX } isb_monitor_mode;

/* A value of the monitored metric that has to be beaten. */
typedef struct isb_threshold {
    bool given;
    double value;
} isb_threshold;

/* One of the callbacks. A kind uses the members that are named for it; others are zero. */
typedef struct isb_callback {
    isb_callback_kind kind;

    /* early_stopping, reduce_lr_on_plateau, and a model_checkpoint with save_best_only. */
    isb_metric monitor;    /* default val_loss; one that the experiment computes */
    isb_monitor_mode mode; /* default auto */
    double min_delta;      /* early_stopping 0, reduce_lr_on_plateau 1e-4; to be exceeded */
    size_t patience;       /* early_stopping 0, reduce_lr_on_plateau 10 epochs */

    /* early_stopping */
    isb_threshold baseline;
    bool restore_best_weights; /* default false: the last step's weights are the result */
    size_t start_from_epoch;   /* this many epochs are not looked at; default 0 */

    /* model_checkpoint */
    bool save_best_only; /* default false: monitors nothing */
    size_t save_freq;    /* steps, counted from the beginning of training; 0 (default): epochs */
    isb_threshold initial_value_threshold;

    /* reduce_lr_on_plateau */
    double factor;   /* 0 to below 1, default 0.1 */
    size_t cooldown; /* epochs after a reduction; default 0 */
    double min_lr;   /* default 0 */
} isb_callback;

typedef struct isb_experiment {
    char *file;    /* the path it was read from; for messages */
    char *name;    /* default: the file's name without directory and suffix */
    uint64_t seed; /* 0 to 2^63-1; default 1 */

    char *source; /* "digits", an absolute path, or arrays: what isb_dataset_open takes */
    isb_scale_kind scale_kind;
    double scale;
    isb_validation_kind validation;
    double validation_fraction; /* of stratified and tail; between 0 and 1, both excluded */
    double test_fraction;       /* of the source's rows, split off as test part; 0: none is */
    uint64_t test_seed;         /* of that; default: seed */
    bool test_seed_given;
    isb_table_form table;

    isb_layer *layers;
    size_t layer_count;

    isb_optimizer optimizer;
    isb_loss_kind loss;
    bool from_logits; /* of the cross entropy */
    double delta;     /* of huber; default 1 */
    bool metric_accuracy;
    bool metric_mae, metric_mse, metric_r2; /* of a regression */
    bool metric_train_eval; /* the training set again with dropout off at each epoch's end */

    size_t epochs;           /* default 1 */
    size_t batch_size;       /* default 32 */
    bool shuffle;            /* default true */
    bool balanced;           /* class_weight: balanced; default none */
    isb_callback *callbacks; /* at most one of each kind, in the order of the file; NULL: none */
    size_t callback_count;
    char *model_weights; /* path of a safetensors file, absolute, or NULL */

    /* Where the file or a setting gives them, for messages: "file:line:column" or the setting.
     * NULL where the default stands. */
    char *where_source;
    char *where_validation;
    char *where_test;
    char *where_label;
    char *where_model_weights;
} isb_experiment;

/* `--set KEY=VALUE`, `--data SOURCE` (key data.source) and `--seed N` (key seed), in order.
 * `option` is what the user typed ("--seed"), for messages. */
typedef struct isb_setting {
    const char *option;
    const char *key;
    const char *value;
} isb_setting;

/* Reads and checks the file at `path`, with `settings` laid over it. Every error of file and
 * settings is reported in one go, each with file:line:column and the nearest right word. Relative
 * paths in the file are relative to the file, those in settings to the working directory.
 * A syntax error is reported alone. ISB_USAGE, also where the file cannot be read. `out` is
 * released by isb_experiment_free (also after a failure; it is then empty). */
isb_status isb_experiment_read(isb_experiment *out, const char *path, const isb_setting *settings,
                               size_t setting_count, isb_error *error);

/* The same from text in memory (at most 1 MiB); `path` is for messages and relative paths. */
isb_status isb_experiment_parse(isb_experiment *out, const char *text, size_t length,
                                const char *path, const isb_setting *settings, size_t setting_count,
                                isb_error *error);

/* The resolved experiment as YAML, every default written out; reading it gives the same experiment
 * and writing that the same text. *text is released by free(). */
isb_status isb_experiment_write(const isb_experiment *experiment, char **text, isb_error *error);

/* Compares two resolved experiments (texts of isb_experiment_write) key by key, leaving out what
 * does not decide what is computed: name, fit.epochs, a model_checkpoint's save_freq, and
 * data.source (the digest of the content stands for the data). *keys gets the dotted keys that
 * differ, one a line, "" if none; released by free(). ISB_CORRUPT where a text is no YAML. */
isb_status isb_experiment_compare(const char *a, const char *b, char **keys, isb_error *error);

void isb_experiment_free(isb_experiment *experiment);

/* The words of the experiment file: "early_stopping", "val_loss". */
const char *isb_callback_name(isb_callback_kind kind);
const char *isb_metric_name(isb_metric metric);
const char *isb_loss_name(isb_loss_kind loss);

#ifdef __cplusplus
}
#endif
#endif
