/* What a study will cost, from a measured piece of it. */
#include "base/clock.h"
#include "cli/page.h"
#include "cli/quantity.h"
#include "cli/studying.h"
#include "data/split.h"
#include "study/statistics.h"
#include <isobit/trainer.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const double MEASURE_SECONDS = 0.3;

typedef struct probe {
    double start, end;
    size_t steps;
} probe;

/* The first step, whose memory is new, does not count. */
static bool observe(void *context, const isb_progress *progress) {
    probe *p = context;
    p->end = isb_clock_seconds();
    if (progress->step == 1)
        p->start = p->end;
    else
        p->steps++;
    return p->end - p->start > MEASURE_SECONDS;
}

static isb_status measure(isb_trainer *trainer, probe *p, isb_error *error) {
    isb_epoch_result result;
    isb_status status = ISB_OK;
    do {
        status = isb_trainer_epoch(trainer, observe, p, &result, error);
    } while (status == ISB_OK && !result.diverged && p->steps < 3);
    return status;
}

/* Multiply-adds a second of the base experiment's steps, on the threads of a run. */
static isb_status measure_speed(const isb_studying *s, double *speed, isb_error *error) {
    const isb_study_task task = isb_studying_task(s, 0, 0, 0);
    isb_experiment experiment = {0};
    isb_model model = {0};
    isb_split split = {0};
    isb_trainer *trainer = NULL;
    isb_study_cost cost;
    probe p = {0};
    isb_status status = isb_study_cost_of(&cost, &task, error);
    if (status == ISB_OK)
        status = isb_experiment_parse(&experiment, task.experiment, strlen(task.experiment),
                                      "a variant of the study", NULL, 0, error);
    if (status == ISB_OK)
        status = isb_model_build(&model, experiment.layers, experiment.layer_count,
                                 task.dataset->shape, error);
    if (status == ISB_OK)
        status = isb_split_make(&split, task.dataset, &experiment, error);
    const isb_trainer_config config = {.experiment = &experiment,
                                       .model = &model,
                                       .dataset = task.dataset,
                                       .split = &split,
                                       .threads = s->threads,
                                       .isa = s->options->isa};
    if (status == ISB_OK)
        status = isb_trainer_create(&trainer, &config, error);
    if (status == ISB_OK)
        status = measure(trainer, &p, error);
    if (status == ISB_OK)
        *speed = (double)cost.step_work * (double)p.steps / (p.end - p.start);
    isb_trainer_free(trainer);
    isb_split_free(&split);
    isb_model_free(&model);
    isb_experiment_free(&experiment);
    return status;
}

/* Evaluation is a forward pass over rows that are not trained on; a tenth covers it. */
static const double EVALUATION = 1.1;

typedef struct forecast {
    double seconds; /* of all runs, on the workers */
    size_t bytes;   /* of a run, at most */
} forecast;

static isb_status sum_up(const isb_studying *s, double speed, forecast *out, isb_error *error) {
    isb_status status = ISB_OK;
    *out = (forecast){0};
    for (size_t v = 0; v < s->study.variant_count && status == ISB_OK; v++) {
        const isb_study_task task = isb_studying_task(s, v, 0, 0);
        isb_study_cost cost = {0};
        status = isb_study_cost_of(&cost, &task, error);
        out->seconds += EVALUATION * cost.multiply_adds * (double)s->study.seed_count / speed /
                        (double)s->workers;
        out->bytes = cost.bytes > out->bytes ? cost.bytes : out->bytes;
    }
    return status;
}

/* What the process holds now, the data among it. */
static size_t resident_bytes(void) {
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL && fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void print_time(isb_page *page, const isb_studying *s, double seconds) {
    char limit[64] = "";
    if (s->study.seconds > 0)
        snprintf(limit, sizeof limit, "; seeds are added as long as %g s allow", s->study.seconds);
    if (s->study.halving.epochs > 0)
        snprintf(limit, sizeof limit, "; less under halving");
    if (seconds < 90)
        isb_page_row(page, "time", "about %.0f s%s", ceil(seconds), limit);
    else
        isb_page_row(page, "time", "about %.0f min%s", ceil(seconds / 60), limit);
}

static void print_power(isb_page *page, const isb_studying *s) {
    if (s->study.variant_count < 2)
        return;
    const double p = isb_smallest_p(s->study.seed_count, s->study.variant_count - 1);
    isb_page_row(
        page, "smallest p", "%.2g after Holm's adjustment of %zu comparisons at %zu seeds%s", p,
        s->study.variant_count - 1, s->study.seed_count,
        p > 0.05 ? ": this study can show NO difference; take more seeds or fewer variants" : "");
}

isb_status isb_studying_forecast(const isb_studying *s, isb_error *error) {
    double speed = 0;
    forecast cost;
    isb_page page;
    isb_status status = measure_speed(s, &speed, error);
    if (status == ISB_OK)
        status = sum_up(s, speed, &cost, error);
    if (status == ISB_OK)
        status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    const size_t memory = resident_bytes() + s->workers * cost.bytes;
    isb_page_row(&page, "study", "%s", s->study.name);
    isb_page_row(&page, "compare", "%s, against %s", isb_metric_name(s->study.metric),
                 s->study.variants[s->study.baseline].label);
    isb_page_row(&page, "runs", "%zu: %zu variants x %zu seeds", s->outcomes.count,
                 s->study.variant_count, s->study.seed_count);
    for (size_t v = 0; v < s->study.variant_count; v++)
        isb_page_row(&page, v == 0 ? "variants" : "", "%s%s", s->study.variants[v].label,
                     v == s->study.baseline ? " (baseline)" : "");
    isb_page_row(&page, "at a time", "%zu run%s on %zu thread%s each (%s)", s->workers,
                 s->workers == 1 ? "" : "s", s->threads, s->threads == 1 ? "" : "s",
                 s->plan.reason);
    print_time(&page, s, cost.seconds);
    isb_page_row(&page, "memory", "about %.0f MB", ceil((double)memory / 1e6));
    print_power(&page, s);
    return isb_page_print(&page, error);
}
