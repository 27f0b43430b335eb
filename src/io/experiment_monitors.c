#include "io/experiment_monitors.h"
#include "train/metric.h"
#include <stdlib.h>

/* What a metric is made of. */
typedef struct needs {
    bool validation, train_eval, measure;
} needs;

static needs find_missing(const isb_experiment *experiment, isb_metric metric) {
    const bool of_validation = metric >= ISB_METRIC_VAL_LOSS && metric < ISB_METRIC_TRAIN_EVAL_LOSS;
    const bool of_train_eval = metric >= ISB_METRIC_TRAIN_EVAL_LOSS;
    return (needs){
        .validation = of_validation && experiment->validation == ISB_VALIDATION_NONE,
        .train_eval = of_train_eval && !experiment->metric_train_eval,
        .measure = !isb_measures_have(isb_measures_of(experiment), isb_metric_measure(metric)),
    };
}

static bool any(needs missing) {
    return missing.validation || missing.train_eval || missing.measure;
}

static void add_missing(isb_text *text, needs missing, isb_measure measure) {
    if (missing.validation)
        isb_text_add(text, missing.measure ? "data.validation and " : "data.validation");
    if (missing.train_eval)
        isb_text_add(text, missing.measure ? "train_eval and " : "train_eval");
    if (missing.measure)
        isb_text_add(text, isb_measure_name(measure));
    if (missing.train_eval || missing.measure)
        isb_text_add(text, " in compile.metrics");
}

bool isb_metric_computed(const isb_experiment *experiment, isb_metric metric) {
    return !any(find_missing(experiment, metric));
}

static void add_computed(isb_text *text, const isb_experiment *experiment) {
    const char *between = "";
    for (size_t i = 0; i < ISB_METRICS; i++) {
        if (!isb_metric_computed(experiment, (isb_metric)i))
            continue;
        isb_text_add(text, between);
        isb_text_add(text, isb_metric_name((isb_metric)i));
        between = ", ";
    }
}

void isb_metric_explain(isb_text *text, const isb_experiment *experiment, isb_metric metric) {
    add_missing(text, find_missing(experiment, metric), isb_metric_measure(metric));
    isb_text_add(text, " (this experiment computes: ");
    add_computed(text, experiment);
    isb_text_add(text, ")");
}

/* The place of the metric's name, or of the callback where the default stands. */
static void report(isb_reader *reader, const isb_experiment *experiment,
                   const isb_callback *callback, const isb_node *node) {
    const isb_entry *written =
        node->kind == ISB_NODE_MAP ? isb_node_find(node->entries[0].value, "monitor") : NULL;
    isb_text text = {0};
    isb_text_add(&text, isb_callback_name(callback->kind));
    isb_text_add(&text, " cannot monitor ");
    isb_text_add(&text, isb_metric_name(callback->monitor));
    isb_text_add(&text, written == NULL ? ", its default, without " : " without ");
    isb_metric_explain(&text, experiment, callback->monitor);
    if (text.failed)
        reader->problems->no_memory = true;
    else
        isb_problems_add(reader->problems, written != NULL ? written->value->place : node->place,
                         "%s", text.data);
    free(text.data);
}

static bool monitors(const isb_callback *callback) {
    return callback->kind == ISB_EARLY_STOPPING || callback->kind == ISB_REDUCE_LR_ON_PLATEAU ||
           (callback->kind == ISB_MODEL_CHECKPOINT && callback->save_best_only);
}

static bool is_map(const isb_node *root, const char *key) {
    const isb_entry *entry = isb_node_find(root, key);
    return entry != NULL && entry->value->kind == ISB_NODE_MAP;
}

void isb_monitors_check(isb_reader *reader, const isb_node *root,
                        const isb_experiment *experiment) {
    if (reader->scores_unknown || !is_map(root, "data") || !is_map(root, "compile"))
        return;
    for (size_t i = 0; i < experiment->callback_count; i++) {
        const isb_callback *callback = &experiment->callbacks[i];
        if (reader->callbacks[i] != NULL && monitors(callback) &&
            !isb_metric_computed(experiment, callback->monitor))
            report(reader, experiment, callback, reader->callbacks[i]);
    }
}
