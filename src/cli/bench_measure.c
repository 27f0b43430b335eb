#include "base/clock.h"
#include "cli/bench.h"
#include "cpu/peak.h"
#include "model/work.h"
#include <stdlib.h>

enum { SLICES = 9 };

static const double warm_up = 0.2; /* as a share of the time to measure */

typedef struct meter {
    isb_trainer *trainer;
    size_t steps; /* of the trainer so far */
    double stop_at;
} meter;

static bool time_is_up(void *context, const isb_progress *progress) {
    (void)progress;
    const meter *m = context;
    return isb_clock_seconds() >= m->stop_at;
}

/* Trains for some time, at least one step, and gives the mean time of a step. */
static isb_status run_slice(meter *m, double seconds, double *step_seconds, isb_error *error) {
    double trained = 0;
    const size_t before = m->steps;
    m->stop_at = isb_clock_seconds() + seconds;
    do {
        isb_epoch_result epoch;
        isb_status status = isb_trainer_epoch(m->trainer, time_is_up, m, &epoch, error);
        if (status != ISB_OK)
            return status;
        if (epoch.diverged)
            return isb_fail(error, ISB_DIVERGED,
                            "training diverged at step %zu: the loss is no longer a finite number; "
                            "try a smaller learning_rate",
                            epoch.steps);
        trained += epoch.train_seconds;
        m->steps = epoch.steps;
    } while (isb_clock_seconds() < m->stop_at);
    *step_seconds = trained / (double)(m->steps - before);
    return ISB_OK;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Fewer slices where a step takes longer than one. */
static isb_status run_slices(meter *m, double seconds, double *step_seconds, isb_error *error) {
    double slices[SLICES];
    size_t count = 0;
    isb_status status = run_slice(m, warm_up * seconds, &slices[0], error);
    const double stop_at = isb_clock_seconds() + seconds;
    do {
        if (status == ISB_OK)
            status = run_slice(m, seconds / SLICES, &slices[count++], error);
    } while (status == ISB_OK && count < SLICES && isb_clock_seconds() < stop_at);
    qsort(slices, count, sizeof slices[0], compare);
    *step_seconds = count == 0 ? 0 : slices[count / 2];
    return status;
}

isb_status isb_bench_measure(const isb_training *t, double seconds, isb_bench_point *point,
                             isb_error *error) {
    isb_experiment experiment = t->experiment;
    isb_split split = t->split;
    experiment.batch_size = point->batch_size;
    experiment.metric_train_eval = false;
    split.validation_rows = 0;
    split.train_rows -= split.train_rows % point->batch_size; /* every batch is a full one */
    const isb_trainer_config config = {
        .experiment = &experiment,
        .model = &t->model,
        .dataset = &t->dataset,
        .split = &split,
        .threads = point->threads,
        .isa = t->options->isa,
    };
    meter m = {0};
    isb_status status = isb_trainer_create(&m.trainer, &config, error);
    if (status != ISB_OK)
        return status;
    isb_isa isa;
    point->isa = isb_trainer_isa(m.trainer);
    isb_isa_by_name(point->isa, &isa);
    point->passes_over_zeros = isa != ISB_ISA_scalar && isb_trainer_passes_over_zeros(m.trainer);
    point->peak_gflops = isb_peak_gflops(isa, point->threads);
    status = run_slices(&m, seconds, &point->step_seconds, error);
    const size_t work = isb_model_work(&t->model, point->batch_size);
    point->gflops = 2e-9 * (double)work / point->step_seconds;
    isb_trainer_free(m.trainer);
    return status;
}
