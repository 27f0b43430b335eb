#include "study/study_run.h"
#include "base/clock.h"
#include "study/study_setup.h"
#include "train/metric.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct run {
    const isb_study_task *task;
    isb_outcome *out;
    isb_study_setup setup;
    isb_callbacks callbacks;
    const isb_callback *early_stopping; /* NULL: none, or its best weights are not wanted */
    isb_tensors best;
} run;

/* --- going on --- */

void isb_study_state_free(isb_study_state *state) {
    isb_tensors_free(&state->tensors);
    isb_tensors_free(&state->best);
    free(state->curve);
    *state = (isb_study_state){0};
}

static isb_status restore(run *r, isb_study_state *state, isb_error *error) {
    isb_trainer *trainer = r->setup.trainer;
    isb_status status =
        isb_trainer_import(trainer, &state->tensors, true, "the epochs before", error);
    if (status == ISB_OK)
        status = isb_trainer_resume(trainer, &state->position, error);
    if (status != ISB_OK)
        return status;
    memcpy(r->callbacks.states, state->callbacks, sizeof state->callbacks);
    r->callbacks.learning_rate = state->position.learning_rate;
    if (state->stopped)
        r->callbacks.stopped = isb_callback_find(&r->setup.experiment, ISB_EARLY_STOPPING);
    r->best = state->best;
    state->best = (isb_tensors){0};
    memcpy(r->out->curve, state->curve, state->epochs * sizeof *state->curve);
    r->out->epochs = r->out->best_epoch = state->epochs;
    return ISB_OK;
}

/* Before the best weights take the place of the last ones. */
static isb_status keep(run *r, isb_study_state *state, isb_error *error) {
    isb_study_state_free(state);
    state->curve = malloc(r->out->epochs * sizeof *state->curve);
    if (state->curve == NULL)
        return isb_fail_memory(error, "the state of a run");
    state->epochs = r->out->epochs;
    state->stopped = r->callbacks.stopped != NULL;
    memcpy(state->curve, r->out->curve, state->epochs * sizeof *state->curve);
    memcpy(state->callbacks, r->callbacks.states, sizeof state->callbacks);
    isb_trainer_position(r->setup.trainer, &state->position);
    return isb_trainer_export(r->setup.trainer, true, &state->tensors, error);
}

/* --- before training --- */

static isb_status prepare(run *r, isb_error *error) {
    isb_study_state *state = r->task->state;
    const isb_experiment *experiment = &r->setup.experiment;
    const isb_status status = isb_study_setup_make(&r->setup, r->task, error);
    if (status != ISB_OK)
        return status;
    isb_callbacks_start(&r->callbacks, experiment);
    const isb_callback *early_stopping = isb_callback_find(experiment, ISB_EARLY_STOPPING);
    if (early_stopping != NULL && early_stopping->restore_best_weights)
        r->early_stopping = early_stopping;
    r->out->curve = calloc(experiment->epochs, sizeof *r->out->curve);
    if (r->out->curve == NULL)
        return isb_fail_memory(error, "the curve of a run");
    return state != NULL && state->tensors.count > 0 ? restore(r, state, error) : ISB_OK;
}

static void free_run(run *r) {
    isb_tensors_free(&r->best);
    isb_study_setup_free(&r->setup);
}

/* --- training --- */

static void put_point(const run *r, const isb_epoch_result *epoch) {
    double *metrics = r->out->curve[epoch->epoch - 1].metrics;
    const isb_measure_set measures = isb_measures_of(&r->setup.experiment);
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
        isb_trainer_set_learning_rate(r->setup.trainer, actions.learning_rate);
    if (r->early_stopping == NULL || !actions.improved[ISB_EARLY_STOPPING])
        return ISB_OK;
    isb_tensors_free(&r->best);
    return isb_trainer_export(r->setup.trainer, false, &r->best, error);
}

static isb_status take_threads(run *r, isb_error *error) {
    const isb_study_task *task = r->task;
    return task->share == NULL
               ? ISB_OK
               : isb_trainer_set_threads(r->setup.trainer, task->share(task->context), error);
}

/* ISB_STOPPED: given up. */
static isb_status train(run *r, isb_error *error) {
    while (r->out->epochs < r->setup.experiment.epochs && r->callbacks.stopped == NULL) {
        isb_epoch_result epoch;
        isb_status status = take_threads(r, error);
        if (status == ISB_OK)
            status = isb_trainer_epoch(r->setup.trainer, NULL, NULL, &epoch, error);
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
    return isb_trainer_import(r->setup.trainer, &r->best, false, "the best weights", error);
}

static isb_status test(run *r, isb_error *error) {
    const isb_table *table = &r->setup.dataset->test;
    isb_score score;
    if (table->rows == 0)
        return ISB_OK;
    isb_status status =
        isb_trainer_evaluate(r->setup.trainer, table, NULL, table->rows, &score, error);
    if (status == ISB_OK && r->task->stop != NULL &&
        __atomic_load_n(r->task->stop, __ATOMIC_RELAXED) != 0)
        return ISB_STOPPED;
    if (status == ISB_OK && !isfinite(score.loss))
        return isb_fail(error, ISB_DIVERGED, "diverged: the loss of the test part is not finite");
    r->out->test_loss = score.loss;
    r->out->test_accuracy = r->setup.experiment.metric_accuracy ? score.accuracy : NAN;
    return status;
}

static isb_status digest(run *r, isb_error *error) {
    isb_tensors weights;
    isb_status status = isb_trainer_export(r->setup.trainer, false, &weights, error);
    if (status == ISB_OK)
        status = isb_weights_sha256(&weights, r->out->weights_sha256, error);
    isb_tensors_free(&weights);
    return status;
}

static isb_status run_all(run *r, isb_error *error) {
    isb_study_state *state = r->task->state;
    isb_status status = prepare(r, error);
    if (status == ISB_OK)
        status = train(r, error);
    const bool goes_on = state != NULL && r->task->epochs > 0;
    if (status == ISB_OK && goes_on)
        status = keep(r, state, error);
    if (status == ISB_OK)
        status = restore_best(r, error);
    if (status == ISB_OK)
        status = test(r, error);
    if (status == ISB_OK)
        status = digest(r, error);
    if (status == ISB_OK)
        memcpy(r->out->metrics, r->out->curve[r->out->best_epoch - 1].metrics,
               sizeof r->out->metrics);
    if (status == ISB_OK && goes_on) {
        state->best = r->best;
        r->best = (isb_tensors){0};
    }
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
    if (status != ISB_OK && task->state != NULL)
        isb_study_state_free(task->state);
    out->seconds = isb_clock_seconds() - start;
    isb_error_clear(&error);
    free_run(&r);
    return status != ISB_STOPPED;
}
