#include "cli/bench.h"
#include "cli/page.h"
#include "cli/quantity.h"
#include "io/json.h"
#include <math.h>

static double samples_per_second(const isb_bench_point *point) {
    return (double)point->batch_size / point->step_seconds;
}

static void print_row(FILE *out, const isb_bench_point *point) {
    char rate[ISB_COUNT_SIZE], peak[32] = "-", share[32] = "-";
    if (isfinite(point->peak_gflops)) {
        snprintf(peak, sizeof peak, "%.1f", point->peak_gflops);
        snprintf(share, sizeof share, "%.1f %%", 100 * point->gflops / point->peak_gflops);
    }
    fprintf(out, "%7zu  %10zu  %12.2f  %12s  %9.1f  %12s  %8s\n", point->threads, point->batch_size,
            1e6 * point->step_seconds, isb_count_text((size_t)samples_per_second(point), rate),
            point->gflops, peak, share);
}

isb_status isb_bench_table(const isb_bench_point *points, size_t count, isb_error *error) {
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    fprintf(page.out, "%7s  %10s  %12s  %12s  %9s  %12s  %8s\n", "threads", "batch_size",
            "us a step", "samples/s", "GFLOP/s", "peak GFLOP/s", "of peak");
    for (size_t i = 0; i < count; i++)
        print_row(page.out, &points[i]);
    fprintf(page.out, "instruction set %s\n", points[0].isa);
    if (points[0].passes_over_zeros)
        fputs("zeros of the inputs are passed over, but counted in GFLOP/s\n", page.out);
    return isb_page_print(&page, error);
}

static void add_object(isb_json *json, const isb_bench_point *point) {
    isb_json_object(json, NULL);
    isb_json_unsigned(json, "threads", point->threads);
    isb_json_unsigned(json, "batch_size", point->batch_size);
    isb_json_double(json, "step_microseconds", 1e6 * point->step_seconds);
    isb_json_double(json, "samples_per_second", samples_per_second(point));
    isb_json_double(json, "gflops", point->gflops);
    isb_json_double(json, "peak_gflops", point->peak_gflops);
    isb_json_double(json, "of_peak", point->gflops / point->peak_gflops);
    isb_json_string(json, "isa", point->isa);
    isb_json_boolean(json, "passes_over_zeros", point->passes_over_zeros);
    isb_json_end_object(json);
}

isb_status isb_bench_json(const isb_bench_point *points, size_t count, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_array(&json, NULL);
    for (size_t i = 0; i < count; i++)
        add_object(&json, &points[i]);
    isb_json_end_array(&json);
    char *text;
    isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}
