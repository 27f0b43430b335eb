#include "cli/applied.h"
#include "cli/commands.h"
#include "cli/csv.h"
#include <math.h>
#include <stdlib.h>

/* Rows that are computed at once, fewer where they have very many classes. */
enum { BLOCK_ROWS = 8192, BLOCK_VALUES = 1 << 22 };

typedef struct block {
    size_t capacity;   /* rows */
    uint32_t *classes; /* NULL of a regression */
    float *outputs;    /* probabilities, or what a regression gives */
} block;

static isb_status make_block(block *out, size_t width, size_t rows, bool regression,
                             isb_error *error) {
    size_t capacity = BLOCK_VALUES / width < BLOCK_ROWS ? BLOCK_VALUES / width : BLOCK_ROWS;
    capacity = capacity == 0 ? 1 : capacity;
    *out = (block){.capacity = capacity < rows ? capacity : rows};
    out->outputs = calloc(out->capacity * width, sizeof *out->outputs);
    if (!regression)
        out->classes = calloc(out->capacity, sizeof *out->classes);
    if (out->outputs == NULL || (!regression && out->classes == NULL))
        return isb_fail_memory(error, "the predictions");
    return ISB_OK;
}

static void free_block(block *of) {
    free(of->classes);
    free(of->outputs);
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

/* `class` is NULL of a regression. */
static void print_row(isb_csv *csv, const isb_applied *a, size_t row, const uint32_t *class,
                      const float *outputs) {
    const char *name = class != NULL ? isb_dataset_class(&a->dataset, *class) : NULL;
    isb_csv_count(csv, row);
    if (class != NULL) {
        isb_csv_text(csv, ",");
        if (name != NULL)
            isb_csv_string(csv, "", name);
        else
            isb_csv_count(csv, *class);
    }
    for (size_t i = 0; i < a->model.outputs; i++) {
        isb_csv_text(csv, ",");
        isb_csv_float(csv, outputs[i]);
    }
    isb_csv_text(csv, "\n");
}

static void compute(const isb_applied *a, const block *b, const uint32_t *rows, size_t count) {
    if (b->classes == NULL)
        isb_predictor_outputs(a->predictor, a->part.table, rows, count, b->outputs);
    else
        isb_predictor_predict(a->predictor, a->part.table, rows, count, b->classes, b->outputs);
}

static isb_status print_block(isb_csv *csv, const isb_applied *a, const block *b,
                              const uint32_t *rows, size_t count, isb_error *error) {
    const size_t width = a->model.outputs;
    compute(a, b, rows, count);
    for (size_t i = 0; i < count && csv->status == ISB_OK; i++) {
        const float *outputs = b->outputs + i * width;
        if (!all_finite(outputs, width))
            return isb_fail(error, ISB_DIVERGED,
                            "%s: the outputs for row %u of the %s part (counted from 0) are not "
                            "finite numbers; check the values and the scale of the data",
                            a->dataset.source, rows[i], a->part.name);
        print_row(csv, a, rows[i], b->classes != NULL ? &b->classes[i] : NULL, outputs);
    }
    return csv->status;
}

static isb_status print_blocks(isb_csv *csv, const isb_applied *a, const block *b,
                               isb_error *error) {
    const isb_part *part = &a->part;
    isb_status status = ISB_OK;
    print_header(csv, a, b->classes == NULL);
    for (size_t first = 0; first < part->count && status == ISB_OK; first += b->capacity) {
        const size_t left = part->count - first;
        status = print_block(csv, a, b, part->rows + first, left < b->capacity ? left : b->capacity,
                             error);
    }
    const isb_status written = isb_csv_close(csv);
    return status == ISB_OK ? written : status;
}

static isb_status predict(isb_applied *a, block *b, const isb_options *options, isb_error *error) {
    isb_status status = isb_applied_prepare(a, options, false, error);
    if (status == ISB_OK)
        status = make_block(b, a->model.outputs, a->part.count,
                            isb_is_regression(a->trained.experiment.loss), error);
    if (status != ISB_OK)
        return status;
    isb_csv csv;
    isb_csv_open(&csv, error);
    return print_blocks(&csv, a, b, error);
}

isb_status isb_command_predict(const isb_options *options, isb_error *error) {
    isb_applied a;
    block b = {0};
    const isb_status status = predict(&a, &b, options, error);
    free_block(&b);
    isb_applied_free(&a);
    return status;
}
