/* Measurements of training steps: what they measure and how they are shown. */
#ifndef ISB_CLI_BENCH_H
#define ISB_CLI_BENCH_H

#include "cli/training.h"

/* One number of threads with one batch size. */
typedef struct isb_bench_point {
    size_t threads, batch_size;
    double step_seconds; /* median of several slices of time */
    double gflops;       /* of the multiply-adds of the dense layers, two operations each */
    double peak_gflops;  /* of as many threads; NaN where none can be measured */
    const char *isa;
    bool passes_over_zeros; /* whose multiply-adds count none the less */
} isb_bench_point;

/* Trains with `t`'s experiment and data, warms up, and measures for about `seconds`. Threads and
 * batch size of the point are given, the rest is filled in. */
isb_status isb_bench_measure(const isb_training *t, double seconds, isb_bench_point *point,
                             isb_error *error);

isb_status isb_bench_table(const isb_bench_point *points, size_t count, isb_error *error);
isb_status isb_bench_json(const isb_bench_point *points, size_t count, isb_error *error);

#endif
