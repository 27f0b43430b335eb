/* States of a training run on their way to the disk. */
#include "base/clock.h"
#include "cli/signals.h"
#include "cli/training.h"
#include "io/best_weights.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- best weights --- */

isb_status isb_training_keep_best(isb_training *t, isb_callback_kind kind, isb_error *error) {
    isb_tensors_free(&t->best[kind]);
    return isb_trainer_export(t->trainer, false, &t->best[kind], error);
}

isb_status isb_training_load_best(isb_training *t, const isb_tensors *state, isb_error *error) {
    isb_status status = ISB_OK;
    for (int kind = 0; kind < ISB_CALLBACK_KINDS && status == ISB_OK; kind++)
        status = isb_best_weights_take(&t->best[kind], (isb_callback_kind)kind, state, error);
    return status;
}

isb_status isb_training_end(isb_training *t, isb_error *error) {
    const isb_callback_state *state = &t->callbacks.states[ISB_EARLY_STOPPING];
    isb_epoch_result best;
    const isb_callback *callback = isb_callback_find(&t->experiment, ISB_EARLY_STOPPING);
    const bool asked = callback != NULL && callback->restore_best_weights;
    const isb_tensors *weights = &t->best[ISB_EARLY_STOPPING];
    if (!asked || weights->count == 0 || state->best_epoch == t->result.epochs)
        return ISB_OK;
    isb_status status = isb_trainer_import(t->trainer, weights, false, "the best weights", error);
    if (status == ISB_OK)
        status = isb_history_find(&t->history, state->best_epoch, &best, error);
    if (status != ISB_OK)
        return status;
    t->result.restored = state->best_epoch;
    t->result.train = best.train;
    t->result.validation = best.validation;
    return ISB_OK;
}

/* --- saving --- */

isb_status isb_training_fail_diverged(isb_training *t, size_t epoch, size_t step, const char *what,
                                      isb_error *error) {
    t->result.diverged = true;
    isb_fail(
        error, ISB_DIVERGED,
        "training diverged in epoch %zu at step %zu: %s; try a smaller learning_rate (it is %g), "
        "or check the values and the scale of the data",
        epoch, step, what, t->callbacks.learning_rate);
    return isb_fail(error, ISB_DIVERGED,
                    t->saved ? "the last finite state is kept in %s/%s" : "nothing was saved in %s",
                    t->run.path, ISB_RUN_LAST);
}

static const isb_tensor *not_finite(const isb_tensors *tensors) {
    for (size_t i = 0; i < tensors->count; i++) {
        const float *values = tensors->items[i].data;
        const size_t size = isb_shape_size(tensors->items[i].shape);
        int bad = 0;
        for (size_t k = 0; k < size; k++)
            bad |= !(values[k] - values[k] == 0.0f);
        if (bad)
            return &tensors->items[i];
    }
    return NULL;
}

static isb_status snapshot_tensors(isb_training *t, isb_tensors *out, isb_error *error) {
    isb_status status = isb_trainer_export(t->trainer, true, out, error);
    for (int kind = 0; kind < ISB_CALLBACK_KINDS && status == ISB_OK; kind++)
        status = isb_best_weights_add(out, (isb_callback_kind)kind, &t->best[kind], error);
    return status;
}

static isb_status snapshot_checkpoint(isb_training *t, isb_checkpoint *out, isb_error *error) {
    isb_trainer_position(t->trainer, &out->position);
    out->steps = out->position.epochs * isb_trainer_steps_an_epoch(t->trainer) + out->position.step;
    memcpy(out->callbacks, t->callbacks.states, sizeof out->callbacks);
    out->stopped = t->callbacks.stopped != NULL;
    out->trace = isb_trace_text(&t->trace);
    return out->trace != NULL ? ISB_OK : isb_fail_memory(error, "the trace of an epoch");
}

/* Every epoch has its line, also one whose state is not saved. */
static isb_status tell_epoch(isb_training *t, const isb_epoch_result *result, isb_error *error) {
    char *trace = isb_trace_text(&t->trace);
    const isb_epoch_event epoch = {.result = result,
                                   .measures = isb_measures_of(&t->experiment),
                                   .seconds = isb_clock_seconds() - t->epoch_start,
                                   .trace = trace,
                                   .stretch = t->trace.stretch};
    isb_tensors weights = {0};
    isb_status status = trace == NULL ? isb_fail_memory(error, "the losses of an epoch")
                                      : isb_trainer_export(t->trainer, false, &weights, error);
    if (status == ISB_OK)
        status = isb_event_epoch(&epoch, &weights, &t->events, error);
    isb_tensors_free(&weights);
    free(trace);
    isb_trace_restart(&t->trace);
    return status;
}

static isb_status snapshot(isb_training *t, isb_save *save, isb_error *error) {
    isb_status status = snapshot_tensors(t, &save->state, error);
    isb_text_add_bytes(&save->history, t->history.text.data == NULL ? "" : t->history.text.data,
                       t->history.text.length);
    if (status == ISB_OK && save->history.failed)
        status = isb_fail_memory(error, "the history of the epochs");
    if (status == ISB_OK)
        status = snapshot_checkpoint(t, &save->checkpoint, error);
    save->events = t->events;
    t->events = (isb_text){0};
    save->best = t->improved;
    t->improved = t->waiting = false;
    return status;
}

/* NaN and Inf are never saved over a state that is finite. */
static isb_status check_finite(isb_training *t, const isb_tensors *state, isb_error *error) {
    const isb_tensor *bad = not_finite(state);
    if (bad == NULL)
        return ISB_OK;
    char what[128];
    isb_position position;
    isb_trainer_position(t->trainer, &position);
    const bool within = position.step > 0;
    snprintf(what, sizeof what, "a value of %s is no longer a finite number", bad->name);
    return isb_training_fail_diverged(
        t, position.epochs + within,
        within ? position.step : isb_trainer_steps_an_epoch(t->trainer), what, error);
}

isb_status isb_training_save(isb_training *t, isb_error *error) {
    isb_save save = {0};
    const double start = isb_clock_thread_seconds();
    isb_status status = snapshot(t, &save, error);
    if (status == ISB_OK)
        status = check_finite(t, &save.state, error);
    if (status == ISB_OK)
        status = isb_saver_save(&t->saver, &save, error);
    isb_save_free(&save);
    t->saved = t->saved || status == ISB_OK;
    t->last_save = isb_clock_seconds();
    t->save_seconds = isb_clock_thread_seconds() - start;
    return status;
}

/* Every epoch is saved, but where epochs are so short that saving would take more than a hundredth
 * of the time: its work counts on both threads, since it may keep a core from training. */
static bool affordable(isb_training *t) {
    const double cost = t->save_seconds + isb_saver_seconds(&t->saver);
    return isb_clock_seconds() - t->last_save >= 100.0 * cost;
}

static bool last_epoch(const isb_training *t, const isb_epoch_result *epoch) {
    return epoch->epoch >= t->experiment.epochs || t->callbacks.stopped != NULL ||
           isb_signals_status() != ISB_OK;
}

isb_status isb_training_save_epoch(isb_training *t, const isb_epoch_result *epoch, bool improved,
                                   isb_text *lines, isb_error *error) {
    isb_status status = tell_epoch(t, epoch, error);
    isb_text_add_bytes(&t->events, lines->data == NULL ? "" : lines->data, lines->length);
    t->improved = t->improved || improved;
    if (status != ISB_OK)
        return status;
    const bool due = !t->saved || t->options->given[ISB_OPTION_SAVE_EVERY] ||
                     last_epoch(t, epoch) || affordable(t);
    t->waiting = !due;
    return due ? isb_training_save(t, error) : ISB_OK;
}
