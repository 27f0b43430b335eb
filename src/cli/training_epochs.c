#include "base/clock.h"
#include "cli/signals.h"
#include "cli/training.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Looking at a clock costs less than a step, but not nothing. */
static double coarse_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Steps between two saves, by --save-every or model_checkpoint; 0: epochs alone. */
static size_t save_steps(const isb_training *t) {
    if (t->options->given[ISB_OPTION_SAVE_EVERY])
        return (size_t)t->options->save_steps;
    const isb_callback *callback = isb_callback_find(&t->experiment, ISB_MODEL_CHECKPOINT);
    return callback != NULL ? callback->save_freq : 0;
}

static bool save_due(const isb_training *t, const isb_progress *progress) {
    const size_t every = t->save_steps;
    const size_t steps = (progress->epoch - 1) * progress->steps + progress->step;
    if (every > 0 && steps % every == 0)
        return true;
    return t->options->save_seconds > 0 &&
           coarse_seconds() - t->last_save >= t->options->save_seconds;
}

static bool observe(void *context, const isb_progress *progress) {
    isb_training *t = context;
    isb_trace_add(&t->trace, progress->batch_loss);
    isb_display_step(&t->display, progress);
    return save_due(t, progress);
}

static bool score_finite(const isb_score *score) {
    return !score->present || isfinite(score->loss);
}

static isb_status fail_step(isb_training *t, const isb_epoch_result *epoch, isb_error *error) {
    const isb_divergence *where = &epoch->divergence;
    char what[160];
    if (where->layer[0] == '\0')
        snprintf(what, sizeof what, "the loss is no longer a finite number");
    else
        snprintf(
            what, sizeof what,
            "the %s of layer %s %s no longer finite (first seen at row %zu of the training data)",
            where->weights ? "weights" : "output", where->layer, where->weights ? "are" : "is",
            where->row);
    return isb_training_fail_diverged(t, epoch->epoch, where->step, what, error);
}

static isb_status check_finite(isb_training *t, const isb_epoch_result *epoch, isb_error *error) {
    if (epoch->diverged)
        return fail_step(t, epoch, error);
    if (score_finite(&epoch->validation) && score_finite(&epoch->train_eval))
        return ISB_OK;
    return isb_training_fail_diverged(t, epoch->epoch, isb_trainer_steps_an_epoch(t->trainer),
                                      "the loss of the evaluation is no longer a finite number",
                                      error);
}

/* --- the end of an epoch --- */

static isb_status tell_callback(isb_training *t, const char *name, const isb_epoch_result *epoch,
                                isb_text *lines, isb_error *error) {
    isb_json json;
    isb_event_begin(&json, name);
    isb_json_unsigned(&json, "epoch", epoch->epoch);
    isb_json_double(&json, "learning_rate", t->callbacks.learning_rate);
    return isb_event_end(&json, lines, error);
}

static isb_status keep_best(isb_training *t, const isb_callback_actions *actions, bool *improved,
                            isb_error *error) {
    static const isb_callback_kind keepers[] = {ISB_EARLY_STOPPING, ISB_MODEL_CHECKPOINT};
    isb_status status = ISB_OK;
    for (size_t i = 0; i < sizeof keepers / sizeof keepers[0] && status == ISB_OK; i++) {
        if (!actions->improved[keepers[i]])
            continue;
        *improved = true;
        status = isb_training_keep_best(t, keepers[i], error);
    }
    return status;
}

static isb_status run_callbacks(isb_training *t, const isb_epoch_result *epoch, bool *improved,
                                isb_text *lines, isb_error *error) {
    isb_callback_actions actions;
    isb_callbacks_epoch(&t->callbacks, epoch, &actions);
    isb_status status = keep_best(t, &actions, improved, error);
    if (status == ISB_OK && actions.reduced) {
        isb_trainer_set_learning_rate(t->trainer, actions.learning_rate);
        isb_display_note(&t->display, "epoch %zu: reduce_lr_on_plateau sets learning_rate to %g",
                         epoch->epoch, actions.learning_rate);
        status = tell_callback(t, "reduce_lr_on_plateau", epoch, lines, error);
    }
    if (status == ISB_OK && actions.stop) {
        isb_display_note(&t->display,
                         "epoch %zu: early_stopping ends training; the best epoch was %zu",
                         epoch->epoch, t->callbacks.states[ISB_EARLY_STOPPING].best_epoch);
        status = tell_callback(t, "early_stopping", epoch, lines, error);
    }
    return status;
}

static isb_status close_epoch(isb_training *t, const isb_epoch_result *epoch, isb_error *error) {
    bool improved = false;
    isb_text lines = {0};
    isb_status status = isb_history_add(&t->history, epoch, error);
    t->result.train = epoch->train;
    t->result.validation = epoch->validation;
    isb_display_epoch(&t->display, epoch, isb_clock_seconds() - t->epoch_start);
    if (status == ISB_OK)
        status = run_callbacks(t, epoch, &improved, &lines, error);
    if (status == ISB_OK)
        status = isb_training_save_epoch(t, epoch, improved, &lines, error);
    free(lines.data);
    if (status != ISB_OK)
        return status;
    t->result.epochs = epoch->epoch;
    t->epoch_start = isb_clock_seconds();
    return ISB_OK;
}

/* Up to the end of the epoch, or to a step after which to save. */
static isb_status train_on(isb_training *t, isb_error *error) {
    isb_epoch_result epoch;
    isb_status status = isb_trainer_epoch(t->trainer, observe, t, &epoch, error);
    if (status != ISB_OK)
        return status;
    t->rows += epoch.rows;
    t->steps += epoch.steps - t->result.steps;
    t->train_seconds += epoch.train_seconds;
    t->result.steps = epoch.steps;
    status = check_finite(t, &epoch, error);
    if (status != ISB_OK)
        return status;
    return epoch.stopped ? isb_training_save(t, error) : close_epoch(t, &epoch, error);
}

/* --- the end of all --- */

static isb_status tell_stop(isb_training *t, isb_error *error) {
    isb_json json;
    isb_event_begin(&json, "stop");
    isb_json_string(&json, "signal", isb_signals_name());
    isb_json_unsigned(&json, "steps", t->result.steps);
    isb_status status = isb_event_end(&json, &t->events, error);
    if (status == ISB_OK)
        status = isb_run_tell(&t->run, &t->events, error);
    return status;
}

/* After a signal: everything that was trained is saved; says how to go on. */
static isb_status stop(isb_training *t, isb_error *error) {
    isb_position position;
    isb_trainer_position(t->trainer, &position);
    const size_t steps = isb_trainer_steps_an_epoch(t->trainer);
    const isb_status reason = isb_signals_status();
    isb_status status = tell_stop(t, error);
    if (status != ISB_OK)
        return status;
    if (position.step > 0)
        isb_fail(error, reason,
                 "stopped by %s after step %zu of %zu of epoch %zu of %zu; saved in %s/%s",
                 isb_signals_name(), position.step, steps, position.epochs + 1,
                 t->experiment.epochs, t->run.path, ISB_RUN_LAST);
    else if (position.epochs > 0)
        isb_fail(error, reason, "stopped by %s after epoch %zu of %zu; saved in %s/%s",
                 isb_signals_name(), position.epochs, t->experiment.epochs, t->run.path,
                 ISB_RUN_LAST);
    else
        isb_fail(error, reason, "stopped by %s before the first step; there was nothing to save",
                 isb_signals_name());
    return isb_fail(error, reason, "go on with: %s --resume", t->command_line);
}

static bool unfinished(const isb_training *t) {
    return t->result.epochs < t->experiment.epochs && t->callbacks.stopped == NULL;
}

static void sum_up(isb_training *t, double seconds) {
    t->result.seconds = seconds;
    t->result.samples_per_second = t->steps == 0 ? NAN : (double)t->rows / t->train_seconds;
    t->result.step_microseconds = t->steps == 0 ? NAN : 1e6 * t->train_seconds / (double)t->steps;
    if (t->callbacks.stopped != NULL)
        t->result.stopped = isb_callback_name(t->callbacks.stopped->kind);
}

isb_status isb_training_epochs(isb_training *t, isb_error *error) {
    const double start = isb_clock_seconds();
    t->result.epochs = t->run.checkpoint.position.epochs;
    t->result.steps = t->run.checkpoint.steps;
    t->result.train = t->history.last.train;
    t->result.validation = t->history.last.validation;
    t->epoch_start = t->last_save = start;
    t->save_steps = save_steps(t);
    isb_display_open(&t->display, t->options, &t->experiment);
    isb_saver_open(&t->saver, &t->run);
    t->saving = true;
    isb_status status = ISB_OK;
    while (status == ISB_OK && unfinished(t) && isb_signals_status() == ISB_OK)
        status = train_on(t, error);
    if (status == ISB_OK && t->waiting)
        status = isb_training_save(t, error);
    if (status == ISB_OK)
        status = isb_saver_wait(&t->saver, error);
    isb_display_clear(&t->display);
    sum_up(t, isb_clock_seconds() - start);
    return status == ISB_OK && isb_signals_status() != ISB_OK ? stop(t, error) : status;
}

isb_status isb_training_test(isb_training *t, isb_error *error) {
    if (t->dataset.test.rows == 0)
        return ISB_OK;
    isb_status status = isb_trainer_evaluate(t->trainer, &t->dataset.test, NULL,
                                             t->dataset.test.rows, &t->result.test, error);
    if (status == ISB_OK && isb_signals_status() != ISB_OK)
        return stop(t, error);
    if (status == ISB_OK && !score_finite(&t->result.test))
        return isb_training_fail_diverged(t, t->result.epochs,
                                          isb_trainer_steps_an_epoch(t->trainer),
                                          "the loss of the test is not a finite number", error);
    return status;
}
