#include "cli/commands.h"
#include "cli/predicting.h"
#include <math.h>
#include <stdlib.h>

/* Rows that are computed at once, fewer where they have very many classes. */
enum { BLOCK_ROWS = 8192, BLOCK_VALUES = 1 << 22 };

static isb_status make_block(isb_printing *p, isb_error *error) {
    const size_t width = p->applied->model.outputs;
    const bool regression = isb_is_regression(p->applied->trained.experiment.loss);
    size_t capacity = BLOCK_VALUES / width < BLOCK_ROWS ? BLOCK_VALUES / width : BLOCK_ROWS;
    capacity = capacity == 0 ? 1 : capacity;
    p->capacity = capacity < p->applied->part.count ? capacity : p->applied->part.count;
    p->outputs = calloc(p->capacity * width, sizeof *p->outputs);
    if (!regression)
        p->classes = calloc(p->capacity, sizeof *p->classes);
    if (p->outputs == NULL || (!regression && p->classes == NULL))
        return isb_fail_memory(error, "the predictions");
    return ISB_OK;
}

/* "p_0", or "p_NAME" where classes have names. */
static void print_classes(isb_csv *csv, const isb_applied *a) {
    for (size_t i = 0; i < a->model.outputs; i++) {
        const char *name = isb_dataset_class(&a->dataset, i);
        isb_csv_text(csv, ",");
        if (name != NULL) {
            isb_csv_string(csv, "p_", name);
            continue;
        }
        isb_csv_text(csv, "p_");
        isb_csv_count(csv, i);
    }
}

static void print_header(isb_csv *csv, const isb_applied *a, bool regression) {
    const size_t width = a->model.outputs;
    isb_csv_text(csv, "row");
    if (!regression || width == 1)
        isb_csv_text(csv, ",prediction");
    if (!regression)
        print_classes(csv, a);
    for (size_t i = 0; regression && width > 1 && i < width; i++) {
        isb_csv_text(csv, ",prediction_");
        isb_csv_count(csv, i);
    }
    isb_csv_text(csv, "\n");
}

static bool all_finite(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static void print_name(isb_csv *csv, const isb_applied *a, size_t class) {
    const char *name = isb_dataset_class(&a->dataset, class);
    if (name != NULL)
        isb_csv_string(csv, "", name);
    else
        isb_csv_count(csv, class);
}

/* --- the most likely classes --- */

static void print_top_header(isb_csv *csv, size_t top) {
    isb_csv_text(csv, "row");
    for (size_t i = 1; i <= top; i++) {
        isb_csv_text(csv, ",prediction_");
        isb_csv_count(csv, i);
        isb_csv_text(csv, ",p_");
        isb_csv_count(csv, i);
    }
    isb_csv_text(csv, "\n");
}

/* The largest first, of equal ones the first; those printed become negative. */
static void print_top_row(isb_csv *csv, const isb_applied *a, size_t row, float *outputs,
                          size_t top) {
    isb_csv_count(csv, row);
    for (size_t n = 0; n < top; n++) {
        size_t largest = 0;
        for (size_t i = 1; i < a->model.outputs; i++)
            largest = outputs[i] > outputs[largest] ? i : largest;
        isb_csv_text(csv, ",");
        print_name(csv, a, largest);
        isb_csv_text(csv, ",");
        isb_csv_float(csv, outputs[largest]);
        outputs[largest] = -1;
    }
    isb_csv_text(csv, "\n");
}

/* --- all of them --- */

/* `class` is NULL of a regression. */
static void print_row(isb_csv *csv, const isb_applied *a, size_t row, const uint32_t *class,
                      const float *outputs) {
    isb_csv_count(csv, row);
    if (class != NULL) {
        isb_csv_text(csv, ",");
        print_name(csv, a, *class);
    }
    for (size_t i = 0; i < a->model.outputs; i++) {
        isb_csv_text(csv, ",");
        isb_csv_float(csv, outputs[i]);
    }
    isb_csv_text(csv, "\n");
}

static void compute(const isb_printing *p, const uint32_t *rows, size_t count) {
    const isb_applied *a = p->applied;
    if (p->classes == NULL)
        isb_predictor_outputs(a->predictor, a->part.table, rows, count, p->outputs);
    else
        isb_predictor_predict(a->predictor, a->part.table, rows, count, p->classes, p->outputs);
}

static isb_status print_block(isb_printing *p, size_t base, const uint32_t *rows, size_t count,
                              isb_error *error) {
    const isb_applied *a = p->applied;
    const size_t width = a->model.outputs;
    compute(p, rows, count);
    for (size_t i = 0; i < count && p->csv.status == ISB_OK; i++) {
        float *outputs = p->outputs + i * width;
        if (!all_finite(outputs, width))
            return isb_fail(error, ISB_DIVERGED,
                            "%s: the outputs for row %zu of the %s part (counted from 0) are not "
                            "finite numbers; check the values and the scale of the data",
                            a->dataset.source, base + rows[i], a->part.name);
        if (p->top > 0)
            print_top_row(&p->csv, a, base + rows[i], outputs, p->top);
        else
            print_row(&p->csv, a, base + rows[i], p->classes != NULL ? &p->classes[i] : NULL,
                      outputs);
    }
    return p->csv.status;
}

isb_status isb_printing_open(isb_printing *p, isb_error *error) {
    isb_csv_open(&p->csv, error);
    const isb_status status = make_block(p, error);
    if (status == ISB_OK && (p->top > 0 || p->proba) && p->classes == NULL)
        return isb_fail(error, ISB_USAGE,
                        "--%s: is of classes, and the model gives numbers; take it out",
                        p->top > 0 ? "top" : "proba");
    p->top = p->top < p->applied->model.outputs ? p->top : p->applied->model.outputs;
    if (status == ISB_OK && p->top > 0)
        print_top_header(&p->csv, p->top);
    else if (status == ISB_OK)
        print_header(&p->csv, p->applied, p->classes == NULL);
    return status;
}

isb_status isb_printing_rows(isb_printing *p, size_t base, isb_error *error) {
    const isb_part *part = &p->applied->part;
    isb_status status = ISB_OK;
    for (size_t first = 0; first < part->count && status == ISB_OK; first += p->capacity) {
        const size_t left = part->count - first;
        status = print_block(p, base, part->rows + first, left < p->capacity ? left : p->capacity,
                             error);
    }
    return status;
}

isb_status isb_printing_close(isb_printing *p, isb_status status) {
    const isb_status written = isb_csv_close(&p->csv);
    free(p->classes);
    free(p->outputs);
    return status == ISB_OK ? written : status;
}

static isb_status predict(isb_applied *a, const isb_options *options, isb_error *error) {
    isb_printing printing = {
        .applied = a, .proba = options->given[ISB_OPTION_PROBA], .top = options->top};
    isb_status status = isb_applied_prepare(a, options, false, error);
    if (status != ISB_OK)
        return status;
    status = isb_printing_open(&printing, error);
    if (status == ISB_OK)
        status = isb_printing_rows(&printing, 0, error);
    return isb_printing_close(&printing, status);
}

isb_status isb_command_predict(const isb_options *options, isb_error *error) {
    isb_applied a;
    if (isb_predict_from_stream(options))
        return isb_predict_stream(options, error);
    const isb_status status = predict(&a, options, error);
    isb_applied_free(&a);
    return status;
}
