#include "study/study_run.h"
#include "base/clock.h"
#include "base/number.h"
#include "data/prepare.h"
#include "data/split.h"
#include "data/targets.h"
#include "io/initial_weights.h"
#include "io/sha256.h"
#include "model/work.h"
#include "train/callbacks.h"
#include "train/metric.h"
#include <isobit/trainer.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct run {
    const isb_study_task *task;
    isb_outcome *out;
    isb_experiment experiment;
    isb_dataset own;            /* where the data depend on the seed */
    const isb_dataset *dataset; /* that, or the one of all runs */
    isb_model model;
    isb_split split;
    isb_trainer *trainer;
    isb_callbacks callbacks;
    const isb_callback *early_stopping; /* NULL: none, or its best weights are not wanted */
    isb_tensors best;
} run;

/* --- before training --- */

static isb_status take_data(run *r, isb_error *error) {
    const isb_preparation preparation = {.labels = true, .threads = 1};
    r->dataset = r->task->dataset;
    if (!isb_data_depend(&r->experiment))
        return ISB_OK;
    r->dataset = &r->own;
    const isb_status status = isb_dataset_prepare(&r->own, &r->experiment, &preparation, error);
    return status == ISB_OK ? isb_targets_prepare(&r->own, &r->experiment, error) : status;
}

static isb_status load(run *r, isb_error *error) {
    const isb_study_task *task = r->task;
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)task->seed);
    const isb_setting setting = {"the study's seed", "seed", seed};
    isb_status status =
        isb_experiment_parse(&r->experiment, task->experiment, strlen(task->experiment),
                             "a variant of the study", &setting, 1, error);
    if (status == ISB_OK)
        status = take_data(r, error);
    if (status == ISB_OK)
        status = isb_model_build(&r->model, r->experiment.layers, r->experiment.layer_count,
                                 r->dataset->shape, error);
    if (status == ISB_OK)
        status = isb_targets_check(r->dataset, &r->experiment, r->model.outputs, error);
    if (status == ISB_OK)
        status = isb_split_make(&r->split, r->dataset, &r->experiment, error);
    if (status == ISB_OK && task->epochs > 0 && task->epochs < r->experiment.epochs)
        r->experiment.epochs = task->epochs;
    return status;
}

static isb_status prepare(run *r, isb_error *error) {
    const isb_study_task *task = r->task;
    isb_status status = load(r, error);
    if (status != ISB_OK)
        return status;
    const isb_trainer_config config = {.experiment = &r->experiment,
                                       .model = &r->model,
                                       .dataset = r->dataset,
                                       .split = &r->split,
                                       .threads = task->threads,
                                       .isa = task->isa,
                                       .stop = task->stop};
    status = isb_trainer_create(&r->trainer, &config, error);
    if (status == ISB_OK)
        status = isb_initial_weights_read(r->trainer, &r->experiment, error);
    isb_callbacks_start(&r->callbacks, &r->experiment);
    const isb_callback *early_stopping = isb_callback_find(&r->experiment, ISB_EARLY_STOPPING);
    if (early_stopping != NULL && early_stopping->restore_best_weights)
        r->early_stopping = early_stopping;
    r->out->curve = calloc(r->experiment.epochs, sizeof *r->out->curve);
    if (status == ISB_OK && r->out->curve == NULL)
        status = isb_fail_memory(error, "the curve of a run");
    return status;
}

static void free_run(run *r) {
    isb_tensors_free(&r->best);
    isb_trainer_free(r->trainer);
    isb_split_free(&r->split);
    isb_model_free(&r->model);
    isb_dataset_free(&r->own);
    isb_experiment_free(&r->experiment);
}

/* --- training --- */

static void put_point(const run *r, const isb_epoch_result *epoch) {
    double *metrics = r->out->curve[epoch->epoch - 1].metrics;
    const isb_measure_set measures = isb_measures_of(&r->experiment);
    for (int m = 0; m < ISB_METRICS; m++) {
        const isb_measure measure = isb_metric_measure((isb_metric)m);
        const isb_score *score = isb_metric_score(epoch, (isb_metric)m);
        const bool computed = score->present && isb_measures_have(measures, measure);
        metrics[m] = computed ? isb_score_value(score, measure) : NAN;
    }
}

static bool finite_score(const isb_score *score) {
    return !score->present || isfinite(score->loss);
}

static isb_status fail_diverged(const isb_epoch_result *epoch, isb_error *error) {
    const isb_divergence *where = &epoch->divergence;
    if (where->layer[0] != '\0')
        return isb_fail(
            error, ISB_DIVERGED, "diverged in epoch %zu at step %zu: the %s of layer %s not finite",
            epoch->epoch, where->step, where->weights ? "weights" : "output", where->layer);
    return isb_fail(error, ISB_DIVERGED, "diverged in epoch %zu: a loss is not finite",
                    epoch->epoch);
}

static isb_status close_epoch(run *r, const isb_epoch_result *epoch, isb_error *error) {
    isb_callback_actions actions;
    put_point(r, epoch);
    r->out->epochs = r->out->best_epoch = epoch->epoch;
    isb_callbacks_epoch(&r->callbacks, epoch, &actions);
    if (actions.reduced)
        isb_trainer_set_learning_rate(r->trainer, actions.learning_rate);
    if (r->early_stopping == NULL || !actions.improved[ISB_EARLY_STOPPING])
        return ISB_OK;
    isb_tensors_free(&r->best);
    return isb_trainer_export(r->trainer, false, &r->best, error);
}

/* ISB_STOPPED: given up. */
static isb_status train(run *r, isb_error *error) {
    while (r->out->epochs < r->experiment.epochs && r->callbacks.stopped == NULL) {
        isb_epoch_result epoch;
        isb_status status = isb_trainer_epoch(r->trainer, NULL, NULL, &epoch, error);
        if (status == ISB_OK && epoch.stopped)
            return ISB_STOPPED;
        if (status == ISB_OK && (epoch.diverged || !finite_score(&epoch.validation) ||
                                 !finite_score(&epoch.train_eval)))
            status = fail_diverged(&epoch, error);
        if (status == ISB_OK)
            status = close_epoch(r, &epoch, error);
        if (status != ISB_OK)
            return status;
    }
    return ISB_OK;
}

static isb_status restore_best(run *r, isb_error *error) {
    if (r->best.count == 0)
        return ISB_OK;
    r->out->best_epoch = r->callbacks.states[ISB_EARLY_STOPPING].best_epoch;
    return isb_trainer_import(r->trainer, &r->best, false, "the best weights", error);
}

static isb_status test(run *r, isb_error *error) {
    const isb_table *table = &r->dataset->test;
    isb_score score;
    if (table->rows == 0)
        return ISB_OK;
    isb_status status = isb_trainer_evaluate(r->trainer, table, NULL, table->rows, &score, error);
    if (status == ISB_OK && r->task->stop != NULL &&
        __atomic_load_n(r->task->stop, __ATOMIC_RELAXED) != 0)
        return ISB_STOPPED;
    if (status == ISB_OK && !isfinite(score.loss))
        return isb_fail(error, ISB_DIVERGED, "diverged: the loss of the test part is not finite");
    r->out->test_loss = score.loss;
    r->out->test_accuracy = r->experiment.metric_accuracy ? score.accuracy : NAN;
    return status;
}

static isb_status digest(run *r, isb_error *error) {
    isb_tensors weights;
    isb_status status = isb_trainer_export(r->trainer, false, &weights, error);
    if (status == ISB_OK)
        status = isb_weights_sha256(&weights, r->out->weights_sha256, error);
    isb_tensors_free(&weights);
    return status;
}

static isb_status run_all(run *r, isb_error *error) {
    isb_status status = prepare(r, error);
    if (status == ISB_OK)
        status = train(r, error);
    if (status == ISB_OK)
        status = restore_best(r, error);
    if (status == ISB_OK)
        status = test(r, error);
    if (status == ISB_OK)
        status = digest(r, error);
    if (status == ISB_OK)
        memcpy(r->out->metrics, r->out->curve[r->out->best_epoch - 1].metrics,
               sizeof r->out->metrics);
    return status;
}

static isb_outcome nothing(void) {
    isb_outcome outcome = {.test_loss = NAN, .test_accuracy = NAN};
    for (int metric = 0; metric < ISB_METRICS; metric++)
        outcome.metrics[metric] = NAN;
    return outcome;
}

/* Metrics of a run that came to no good end are those of no epoch. */
static void put_failure(isb_outcome *out, isb_status status, const isb_error *error) {
    isb_outcome failed = nothing();
    failed.state = status == ISB_DIVERGED ? ISB_OUTCOME_DIVERGED : ISB_OUTCOME_FAILED;
    failed.epochs = out->epochs;
    failed.curve = out->curve;
    failed.message = strdup(isb_error_text(error));
    *out = failed;
}

bool isb_study_run(isb_outcome *out, const isb_study_task *task) {
    const double start = isb_clock_seconds();
    isb_error error = ISB_ERROR_INIT;
    run r = {.task = task, .out = out};
    *out = nothing();
    const isb_status status = run_all(&r, &error);
    if (status == ISB_OK)
        out->state = ISB_OUTCOME_DONE;
    else if (status != ISB_STOPPED)
        put_failure(out, status, &error);
    else {
        free(out->curve);
        *out = nothing();
    }
    out->seconds = isb_clock_seconds() - start;
    isb_error_clear(&error);
    free_run(&r);
    return status != ISB_STOPPED;
}

isb_status isb_study_check(const isb_study_task *task, isb_error *error) {
    isb_outcome none = nothing();
    run r = {.task = task, .out = &none};
    const isb_status status = load(&r, error);
    free_run(&r);
    return status;
}

/* --- cost --- */

/* Floats a row takes on its way through the network: each layer's output, twice for the gradient.
 */
static size_t row_floats(const isb_model *model) {
    size_t floats = isb_shape_size(model->input);
    for (size_t i = 0; i < model->count; i++)
        floats += 2 * isb_shape_size(model->info[i].output);
    return floats;
}

static size_t row_bytes(const isb_dataset *dataset) {
    const size_t element = dataset->train.dtype == ISB_F32 ? sizeof(float) : 1;
    return isb_shape_size(dataset->shape) * element + sizeof(uint32_t);
}

isb_status isb_study_cost_of(isb_study_cost *out, const isb_study_task *task, isb_error *error) {
    isb_outcome none = nothing();
    run r = {.task = task, .out = &none};
    isb_status status = load(&r, error);
    if (status == ISB_OK) {
        const size_t rows = r.split.train_rows, batch = r.experiment.batch_size;
        const size_t chunk = batch < rows ? batch : rows;
        const size_t copies =
            6; /* weights, two states of the optimizer, best, a copy, its digest */
        out->step_work = isb_model_work(&r.model, chunk);
        out->multiply_adds =
            (double)isb_model_work(&r.model, 1) * (double)rows * (double)r.experiment.epochs;
        out->bytes = copies * r.model.parameters * sizeof(float) +
                     (chunk < 2048 ? chunk : 2048) * row_floats(&r.model) * sizeof(float) +
                     rows * 2 * sizeof(uint32_t);
        if (r.dataset == &r.own)
            out->bytes += (r.own.train.rows + r.own.test.rows) * row_bytes(&r.own);
    }
    free_run(&r);
    return status;
}
