#include "base/clock.h"
#include "cli/training.h"
#include <math.h>
#include <stdio.h>

typedef struct watch {
    isb_display *display;
    size_t rows; /* of the epoch under way */
} watch;

static bool observe(void *context, const isb_progress *progress) {
    watch *watched = context;
    watched->rows = progress->rows;
    isb_display_step(watched->display, progress);
    return false;
}

static bool score_finite(const isb_score *score) {
    return !score->present || isfinite(score->loss);
}

static bool all_finite(const isb_tensors *tensors) {
    for (size_t i = 0; i < tensors->count; i++) {
        const isb_tensor *tensor = &tensors->items[i];
        size_t size = isb_shape_size(tensor->shape);
        for (size_t k = 0; k < size; k++) {
            if (!isfinite(tensor->data[k]))
                return false;
        }
    }
    return true;
}

static isb_status fail_diverged(isb_training *t, size_t epoch, const char *what, isb_error *error) {
    t->result.diverged = true;
    char kept[64] = "nothing was saved";
    if (t->result.epochs > 0)
        snprintf(kept, sizeof kept, "the state after epoch %zu is kept", t->result.epochs);
    return isb_fail(error, ISB_DIVERGED,
                    "training diverged in epoch %zu at step %zu: %s; try a smaller learning_rate "
                    "(it is %g), or check the values and the scale of the data; %s in %s",
                    epoch, t->result.steps, what, t->experiment.optimizer.learning_rate, kept,
                    t->run.path);
}

/* Saves the state after an epoch, unless it is no longer finite. */
static isb_status save(isb_training *t, const isb_epoch_result *epoch, isb_error *error) {
    isb_tensors state;
    isb_status status = isb_trainer_export(t->trainer, true, &state, error);
    if (status != ISB_OK)
        return status;
    if (!all_finite(&state))
        status = fail_diverged(t, epoch->epoch, "a weight is no longer a finite number", error);
    if (status == ISB_OK)
        status = isb_history_add(&t->history, epoch, error);
    if (status == ISB_OK)
        status = isb_run_save(&t->run, &t->history, &state, epoch->epoch, epoch->steps, error);
    isb_tensors_free(&state);
    return status;
}

static isb_status train_epoch(isb_training *t, isb_error *error) {
    isb_epoch_result epoch;
    watch watched = {.display = &t->display};
    double start = isb_clock_seconds();
    isb_status status = isb_trainer_epoch(t->trainer, observe, &watched, &epoch, error);
    if (status != ISB_OK)
        return status;
    t->rows += watched.rows;
    t->steps += epoch.steps - t->result.steps;
    t->train_seconds += epoch.train_seconds;
    t->result.steps = epoch.steps;
    t->result.train = epoch.train;
    t->result.validation = epoch.validation;
    if (epoch.diverged || !score_finite(&epoch.train))
        return fail_diverged(t, epoch.epoch, "the loss is no longer a finite number", error);
    if (!score_finite(&epoch.validation) || !score_finite(&epoch.train_eval))
        return fail_diverged(t, epoch.epoch,
                             "the loss of the evaluation is no longer a finite number", error);
    status = save(t, &epoch, error);
    if (status != ISB_OK)
        return status;
    t->result.epochs = epoch.epoch;
    isb_display_epoch(&t->display, &epoch, isb_clock_seconds() - start);
    return ISB_OK;
}

isb_status isb_training_epochs(isb_training *t, isb_error *error) {
    t->result.epochs = t->run.epochs;
    t->result.steps = t->run.steps;
    t->result.train = t->history.last.train;
    t->result.validation = t->history.last.validation;
    isb_display_open(&t->display, t->options, &t->experiment);
    double start = isb_clock_seconds();
    isb_status status = ISB_OK;
    while (status == ISB_OK && t->result.epochs < t->experiment.epochs)
        status = train_epoch(t, error);
    isb_display_clear(&t->display);
    t->result.seconds = isb_clock_seconds() - start;
    t->result.samples_per_second = t->steps == 0 ? NAN : (double)t->rows / t->train_seconds;
    t->result.step_microseconds = t->steps == 0 ? NAN : 1e6 * t->train_seconds / (double)t->steps;
    return status;
}

isb_status isb_training_test(isb_training *t, isb_error *error) {
    if (t->dataset.test.rows == 0)
        return ISB_OK;
    isb_status status = isb_trainer_evaluate(t->trainer, &t->dataset.test, NULL,
                                             t->dataset.test.rows, &t->result.test, error);
    if (status == ISB_OK && !score_finite(&t->result.test))
        return fail_diverged(t, t->result.epochs, "the loss of the test is not a finite number",
                             error);
    return status;
}
