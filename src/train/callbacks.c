#include "train/callbacks.h"
#include "cpu/fpenv.h"
#include "train/metric.h"
#include <math.h>

/* terminate_on_nan is on also where nobody wrote it down. */
static const isb_callback terminate_on_nan = {.kind = ISB_TERMINATE_ON_NAN};

const isb_callback *isb_callback_find(const isb_experiment *experiment, isb_callback_kind kind) {
    for (size_t i = 0; i < experiment->callback_count; i++)
        if (experiment->callbacks[i].kind == kind)
            return &experiment->callbacks[i];
    return NULL;
}

void isb_callbacks_start(isb_callbacks *callbacks, const isb_experiment *experiment) {
    *callbacks = (isb_callbacks){.items = experiment->callbacks,
                                 .count = experiment->callback_count,
                                 .learning_rate = experiment->optimizer.learning_rate};
    for (size_t i = 0; i < callbacks->count; i++) {
        const isb_callback *c = &callbacks->items[i];
        if (c->kind == ISB_MODEL_CHECKPOINT && c->initial_value_threshold.given)
            callbacks->states[c->kind] =
                (isb_callback_state){.has_best = true, .best = c->initial_value_threshold.value};
    }
}

static bool is_maximized(const isb_callback *c) {
    return c->mode == ISB_MODE_AUTO ? isb_measure_rises(isb_metric_measure(c->monitor))
                                    : c->mode == ISB_MODE_MAX;
}

/* By more than min_delta; NaN never is. */
static bool is_better(const isb_callback *c, double value, double than) {
    return is_maximized(c) ? value - c->min_delta > than : value + c->min_delta < than;
}

/* The first value is the best so far, whatever it is; only NaN, which nothing could ever be better
 * than, is passed over. */
static bool keep_best(const isb_callback *c, isb_callback_state *state, size_t epoch,
                      double value) {
    if (state->has_best ? !is_better(c, value, state->best) : isnan(value))
        return false;
    state->has_best = true;
    state->best = value;
    state->best_epoch = epoch;
    return true;
}

/* A best value that does not beat the baseline leaves the patience as short as it was. */
static void stop_early(isb_callbacks *callbacks, const isb_callback *c, size_t epoch, double value,
                       isb_callback_actions *actions) {
    isb_callback_state *state = &callbacks->states[c->kind];
    if (epoch <= c->start_from_epoch)
        return;
    state->wait++;
    if (keep_best(c, state, epoch, value)) {
        actions->improved[c->kind] = true;
        if (!c->baseline.given || is_better(c, value, c->baseline.value))
            state->wait = 0;
    } else if (state->wait >= c->patience && epoch > 1) {
        actions->stop = true;
        callbacks->stopped = c;
    }
}

static bool reduce(const isb_callback *c, double *learning_rate) {
    if (!(*learning_rate > c->min_lr))
        return false;
    const double reduced = *learning_rate * c->factor;
    *learning_rate = reduced > c->min_lr ? reduced : c->min_lr;
    return true;
}

static void reduce_on_plateau(isb_callbacks *callbacks, const isb_callback *c, size_t epoch,
                              double value, isb_callback_actions *actions) {
    isb_callback_state *state = &callbacks->states[c->kind];
    if (state->cooldown > 0)
        state->cooldown--;
    if (keep_best(c, state, epoch, value)) {
        actions->improved[c->kind] = true;
        state->wait = 0;
    } else if (state->cooldown == 0) {
        state->wait++;
        if (state->wait >= c->patience && reduce(c, &callbacks->learning_rate)) {
            actions->reduced = true;
            state->cooldown = c->cooldown;
            state->wait = 0;
        }
    }
}

static void follow(isb_callbacks *callbacks, const isb_callback *c, const isb_epoch_result *result,
                   isb_callback_actions *actions) {
    const isb_score *score = isb_metric_score(result, c->monitor);
    const double value = isb_score_value(score, isb_metric_measure(c->monitor));
    if (!score->present)
        return;
    if (c->kind == ISB_EARLY_STOPPING)
        stop_early(callbacks, c, result->epoch, value, actions);
    else if (c->kind == ISB_REDUCE_LR_ON_PLATEAU)
        reduce_on_plateau(callbacks, c, result->epoch, value, actions);
    else if (c->kind == ISB_MODEL_CHECKPOINT && c->save_best_only)
        actions->improved[c->kind] =
            keep_best(c, &callbacks->states[c->kind], result->epoch, value);
}

void isb_callbacks_epoch(isb_callbacks *callbacks, const isb_epoch_result *result,
                         isb_callback_actions *actions) {
    *actions = (isb_callback_actions){0};
    if (result->diverged) {
        actions->stop = true;
        callbacks->stopped = &terminate_on_nan;
    } else {
        const isb_fpenv before = isb_fpenv_enter();
        for (size_t i = 0; i < callbacks->count; i++)
            follow(callbacks, &callbacks->items[i], result, actions);
        isb_fpenv_leave(before);
    }
    actions->learning_rate = callbacks->learning_rate;
}
