#include "cli/bench.h"
#include "cli/commands.h"

/* One thread, and what the machine gives where that is more. */
static isb_count_list default_threads(void) {
    isb_thread_plan plan;
    isb_thread_plan_make(&plan, 0, 0);
    isb_count_list list = {.count = 1, .values = {1}};
    if (plan.threads > 1)
        list.values[list.count++] = plan.threads;
    return list;
}

static isb_count_list batch_sizes(const isb_training *t) {
    if (t->options->batch_sizes.count > 0)
        return t->options->batch_sizes;
    const size_t batch = t->experiment.batch_size, rows = t->split.train_rows;
    return (isb_count_list){.count = 1, .values = {batch < rows ? batch : rows}};
}

static isb_status check_batches(const isb_training *t, const isb_count_list *sizes,
                                isb_error *error) {
    for (size_t i = 0; i < sizes->count; i++) {
        if (sizes->values[i] > t->split.train_rows)
            return isb_fail(error, ISB_USAGE,
                            "--batch-size: there are only %zu rows to train on, %zu are too many",
                            t->split.train_rows, sizes->values[i]);
    }
    return ISB_OK;
}

static isb_status measure(isb_training *t, isb_error *error) {
    const isb_options *options = t->options;
    isb_status status = isb_training_load(t, error);
    if (status != ISB_OK)
        return status;
    const isb_count_list sizes = batch_sizes(t);
    status = check_batches(t, &sizes, error);
    const isb_count_list threads =
        options->bench_threads.count > 0 ? options->bench_threads : default_threads();
    isb_bench_point points[ISB_COUNT_LIST_ROOM * ISB_COUNT_LIST_ROOM];
    size_t count = 0;
    for (size_t i = 0; i < threads.count; i++) {
        for (size_t k = 0; k < sizes.count && status == ISB_OK; k++) {
            isb_bench_point *point = &points[count++];
            *point = (isb_bench_point){.threads = threads.values[i], .batch_size = sizes.values[k]};
            status = isb_bench_measure(t, options->seconds, point, error);
        }
    }
    if (status != ISB_OK)
        return status;
    return options->given[ISB_OPTION_JSON] ? isb_bench_json(points, count, error)
                                           : isb_bench_table(points, count, error);
}

isb_status isb_command_bench(const isb_options *options, isb_error *error) {
    isb_training t = {.options = options};
    isb_status status = measure(&t, error);
    isb_training_free(&t);
    return status;
}
