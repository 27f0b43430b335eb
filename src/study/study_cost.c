#include "study/study_cost.h"
#include "base/clock.h"
#include "model/work.h"
#include "study/study_setup.h"

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

static size_t batch_rows(const isb_study_setup *setup) {
    const size_t rows = setup->split.train_rows, batch = setup->experiment.batch_size;
    return batch < rows ? batch : rows;
}

static isb_study_cost count(const isb_study_setup *setup) {
    enum { STATE = 4, COPIES = 2 }; /* weights, two of the optimizer, best; a copy, its digest */
    const size_t weights = setup->model.parameters * sizeof(float);
    const size_t rows = setup->split.train_rows, batch = batch_rows(setup);
    isb_study_cost cost = {.step_work = isb_model_work(&setup->model, batch)};
    cost.multiply_adds =
        (double)isb_model_work(&setup->model, 1) * (double)rows * (double)setup->experiment.epochs;
    cost.state_bytes = STATE * weights + setup->experiment.epochs * sizeof(isb_curve_point);
    cost.bytes = cost.state_bytes + COPIES * weights +
                 (batch < 2048 ? batch : 2048) * row_floats(&setup->model) * sizeof(float) +
                 rows * 2 * sizeof(uint32_t);
    if (setup->dataset == &setup->own)
        cost.bytes += (setup->own.train.rows + setup->own.test.rows) * row_bytes(&setup->own);
    return cost;
}

isb_status isb_study_cost_of(isb_study_cost *out, const isb_study_task *task, isb_error *error) {
    isb_study_setup setup = {0};
    *out = (isb_study_cost){0};
    /* Weights from a file must fit. */
    const isb_status status = task->input->weights != NULL
                                  ? isb_study_setup_make(&setup, task, error)
                                  : isb_study_setup_load(&setup, task, error);
    if (status == ISB_OK)
        *out = count(&setup);
    isb_study_setup_free(&setup);
    return status;
}

/* --- measured --- */

static const double MEASURE_SECONDS = 0.3;

static bool observe(void *context, const isb_progress *progress) {
    const double *end = context;
    (void)progress;
    return isb_clock_seconds() > *end;
}

/* Steps alone, whether an epoch has thousands of them or one. */
static isb_status train(isb_trainer *trainer, size_t *steps, double *seconds, isb_error *error) {
    isb_epoch_result result = {0};
    isb_status status = ISB_OK;
    while (status == ISB_OK && !result.diverged && *seconds < MEASURE_SECONDS) {
        double end = isb_clock_seconds() + MEASURE_SECONDS - *seconds;
        status = isb_trainer_epoch(trainer, observe, &end, &result, error);
        *seconds += result.train_seconds;
        *steps = result.steps;
    }
    return status;
}

isb_status isb_study_measure(double *out, const isb_study_task *task, isb_error *error) {
    isb_study_setup setup = {0};
    size_t steps = 0;
    double seconds = 0;
    isb_status status = isb_study_setup_make(&setup, task, error);
    if (status == ISB_OK)
        status = train(setup.trainer, &steps, &seconds, error);
    if (status == ISB_OK)
        *out = (double)isb_model_work(&setup.model, batch_rows(&setup)) * (double)steps / seconds;
    isb_study_setup_free(&setup);
    return status;
}
