/* The callbacks of fit: what each may hold, and the list of them. */
#include "io/experiment_fields.h"
#include <float.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member) offsetof(isb_callback, member)

/* --- a threshold: a number, or none --- */

static void read_threshold(isb_reader *reader, const isb_field *field, const isb_node *node,
                           void *base) {
    isb_threshold *threshold = isb_field_at(field, base);
    const char *nothing = isb_nothing_hint(node);
    if (isb_node_is(node, "none"))
        *threshold = (isb_threshold){0};
    else if (nothing[0] != '\0')
        isb_wrong_value(reader, field, node, nothing);
    else
        threshold->given = isb_read_number(reader, field, node, &threshold->value);
}

static void write_threshold(isb_text *text, const isb_field *field, const void *base) {
    const isb_threshold *threshold = isb_field_of(field, base);
    const isb_field value = {.offset = field->offset + offsetof(isb_threshold, value)};
    if (threshold->given)
        isb_kind_real.write(text, &value, base);
    else
        isb_text_add(text, "none");
}

static const isb_kind kind_threshold = {read_threshold, write_threshold, NULL, false};

/* --- save_freq: epoch (stored as 0), or a number of steps --- */

static void read_save_freq(isb_reader *reader, const isb_field *field, const isb_node *node,
                           void *base) {
    size_t *steps = isb_field_at(field, base);
    if (node->kind == ISB_NODE_SCALAR && strcmp(node->text, "epoch") == 0)
        *steps = 0;
    else
        isb_kind_count.read(reader, field, node, base);
}

static void write_save_freq(isb_text *text, const isb_field *field, const void *base) {
    const size_t *steps = isb_field_of(field, base);
    if (*steps == 0)
        isb_text_add(text, "epoch");
    else
        isb_kind_count.write(text, field, base);
}

static const isb_kind kind_save_freq = {read_save_freq, write_save_freq, NULL, false};

/* --- the keys of each --- */

static const char *const metrics[] = {
    [ISB_METRIC_LOSS] = "loss",
    [ISB_METRIC_ACCURACY] = "accuracy",
    [ISB_METRIC_MAE] = "mean_absolute_error",
    [ISB_METRIC_MSE] = "mean_squared_error",
    [ISB_METRIC_R2] = "r2_score",
    [ISB_METRIC_VAL_LOSS] = "val_loss",
    [ISB_METRIC_VAL_ACCURACY] = "val_accuracy",
    [ISB_METRIC_VAL_MAE] = "val_mean_absolute_error",
    [ISB_METRIC_VAL_MSE] = "val_mean_squared_error",
    [ISB_METRIC_VAL_R2] = "val_r2_score",
    [ISB_METRIC_TRAIN_EVAL_LOSS] = "train_eval_loss",
    [ISB_METRIC_TRAIN_EVAL_ACCURACY] = "train_eval_accuracy",
    [ISB_METRIC_TRAIN_EVAL_MAE] = "train_eval_mean_absolute_error",
    [ISB_METRIC_TRAIN_EVAL_MSE] = "train_eval_mean_squared_error",
    [ISB_METRIC_TRAIN_EVAL_R2] = "train_eval_r2_score",
};
static const isb_words metric_words = {metrics, COUNT(metrics)};

static const char *const modes[] = {
    [ISB_MODE_AUTO] = "auto",
    [ISB_MODE_MIN] = "min",
    [ISB_MODE_MAX] = "max",
};
static const isb_words mode_words = {modes, COUNT(modes)};

#define MONITOR                                                                                    \
    {                                                                                              \
        .key = "monitor", .kind = &isb_kind_choice, .offset = AT(monitor), .words = &metric_words, \
        .initial = "val_loss", .sample = "val_loss",                                               \
        .must = "the name of a metric, such as val_loss"                                           \
    }
#define MODE                                                                                       \
    {                                                                                              \
        .key = "mode", .kind = &isb_kind_choice, .offset = AT(mode), .words = &mode_words,         \
        .initial = "auto", .sample = "max", .must = "auto, min or max"                             \
    }
#define BOOL .kind = &isb_kind_bool, .initial = "false", .sample = "true", .must = "true or false"
#define EPOCHS                                                                                     \
    .kind = &isb_kind_count, .low = 0, .high = 2147483647, .must = "an integer from 0 to 2147483647"
#define FROM_0 .kind = &isb_kind_real, .low = 0, .high = DBL_MAX, .must = "a number of at least 0"
#define THRESHOLD                                                                                  \
    .kind = &kind_threshold, .low = -DBL_MAX, .high = DBL_MAX, .initial = "none", .sample = "0.5", \
    .must = "a number, or none"

static const isb_field early_stopping_fields[] = {
    MONITOR,
    {.key = "min_delta", FROM_0, .offset = AT(min_delta), .initial = "0", .sample = "0.001"},
    {.key = "patience",
     EPOCHS,
     .offset = AT(patience),
     .initial = "0",
     .sample = "3",
     .usual = true},
    MODE,
    {.key = "baseline", THRESHOLD, .offset = AT(baseline)},
    {.key = "restore_best_weights", BOOL, .offset = AT(restore_best_weights)},
    {.key = "start_from_epoch",
     EPOCHS,
     .offset = AT(start_from_epoch),
     .initial = "0",
     .sample = "5"},
};

static const isb_field model_checkpoint_fields[] = {
    MONITOR,
    MODE,
    {.key = "save_best_only", BOOL, .offset = AT(save_best_only)},
    {.key = "save_freq",
     .kind = &kind_save_freq,
     .offset = AT(save_freq),
     .low = 1,
     .high = 2147483647,
     .initial = "epoch",
     .sample = "1000",
     .must = "epoch, or a number of steps from 1 to 2147483647",
     .usual = true},
    {.key = "initial_value_threshold", THRESHOLD, .offset = AT(initial_value_threshold)},
};

static const isb_field reduce_lr_on_plateau_fields[] = {
    MONITOR,
    {.key = "factor",
     .kind = &isb_kind_real,
     .offset = AT(factor),
     .low = 0,
     .high = 1,
     .high_open = true,
     .initial = "0.1",
     .sample = "0.5",
     .must = "a number from 0 to below 1",
     .usual = true},
    {.key = "patience", EPOCHS, .offset = AT(patience), .initial = "10", .sample = "3"},
    MODE,
    {.key = "min_delta", FROM_0, .offset = AT(min_delta), .initial = "1e-4", .sample = "0.001"},
    {.key = "cooldown", EPOCHS, .offset = AT(cooldown), .initial = "0", .sample = "2"},
    {.key = "min_lr", FROM_0, .offset = AT(min_lr), .initial = "0", .sample = "1e-6"},
};

static const isb_map early_stopping_map = {"early_stopping", early_stopping_fields,
                                           COUNT(early_stopping_fields)};
static const isb_map model_checkpoint_map = {"model_checkpoint", model_checkpoint_fields,
                                             COUNT(model_checkpoint_fields)};
static const isb_map terminate_on_nan_map = {"terminate_on_nan", NULL, 0};
static const isb_map reduce_lr_on_plateau_map = {
    "reduce_lr_on_plateau", reduce_lr_on_plateau_fields, COUNT(reduce_lr_on_plateau_fields)};
static const isb_map *const maps[ISB_CALLBACK_KINDS] = {
    [ISB_EARLY_STOPPING] = &early_stopping_map,
    [ISB_MODEL_CHECKPOINT] = &model_checkpoint_map,
    [ISB_TERMINATE_ON_NAN] = &terminate_on_nan_map,
    [ISB_REDUCE_LR_ON_PLATEAU] = &reduce_lr_on_plateau_map,
};
const isb_variants isb_callback_variants = {"callback", maps, COUNT(maps), true};

const char *isb_callback_name(isb_callback_kind kind) { return maps[kind]->label; }

const char *isb_metric_name(isb_metric metric) { return metrics[metric]; }

/* --- the list --- */

/* False after an error. */
static bool read_callback(isb_reader *reader, const isb_field *field, const isb_node *node,
                          isb_callback *callback, bool seen[ISB_CALLBACK_KINDS]) {
    size_t before = reader->problems->count;
    size_t index = isb_variant_pick(reader, field->variants, node);
    if (index == field->variants->count)
        return false;
    if (seen[index])
        isb_problems_add(reader->problems, node->place, "callback '%s' stands twice; remove one",
                         field->variants->maps[index]->label);
    seen[index] = true;
    callback->kind = (isb_callback_kind)index;
    isb_variant_fill(reader, field->variants, index, node, callback);
    return reader->problems->count == before;
}

static void read_list(isb_reader *reader, const isb_field *field, const isb_node *list,
                      isb_experiment *experiment) {
    bool seen[ISB_CALLBACK_KINDS] = {false};
    experiment->callbacks = calloc(list->count, sizeof *experiment->callbacks);
    reader->callbacks = isb_pool_take(reader->pool, list->count * sizeof *reader->callbacks);
    if (experiment->callbacks == NULL || reader->callbacks == NULL) {
        reader->problems->no_memory = true;
        return;
    }
    experiment->callback_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        const isb_node *item = list->entries[i].value;
        bool sound = read_callback(reader, field, item, &experiment->callbacks[i], seen);
        reader->callbacks[i] = sound ? item : NULL;
    }
}

static void read_callbacks(isb_reader *reader, const isb_field *field, const isb_node *node,
                           void *base) {
    if (isb_node_is(node, "none"))
        return;
    if (node->kind != ISB_NODE_LIST)
        isb_no_list(reader, field, node, "; start each callback with '- '");
    else if (node->count > 0)
        read_list(reader, field, node, base);
}

static void write_callbacks(isb_text *text, const isb_field *field, const void *base) {
    const isb_experiment *experiment = base;
    for (size_t i = 0; i < experiment->callback_count; i++) {
        const isb_callback *callback = &experiment->callbacks[i];
        isb_text_add(text, "\n    - ");
        isb_variant_write(text, field->variants, (size_t)callback->kind, callback);
    }
}

static bool callbacks_given(const isb_field *field, const void *base) {
    (void)field;
    const isb_experiment *experiment = base;
    return experiment->callback_count > 0;
}

const isb_kind isb_kind_callbacks = {read_callbacks, write_callbacks, callbacks_given, true};
