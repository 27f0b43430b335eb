#include "train/scaling_fit.h"
#include "base/memory.h"
#include "base/square_root.h"
#include <math.h>
#include <string.h>

typedef struct fit {
    isb_scaling *out;
    const isb_table *table;
    const uint32_t *rows;
    size_t count;
    float *row, *low, *high; /* one an input */
    double *sums, *means;
} fit;

static void load_row(const fit *f, uint32_t row) {
    const size_t width = f->out->width;
    if (f->table->dtype == ISB_F32) {
        memcpy(f->row, (const float *)f->table->features + row * width, width * sizeof *f->row);
        return;
    }
    const uint8_t *bytes = (const uint8_t *)f->table->features + row * width;
    for (size_t i = 0; i < width; i++)
        f->row[i] = (float)bytes[i];
}

static isb_status check_row(const fit *f, uint32_t row, isb_error *error) {
    for (size_t i = 0; i < f->out->width; i++)
        if (!isfinite(f->row[i]))
            return isb_fail(error, ISB_DATA,
                            "data.scale: feature %zu of row %u of train (both counted from 0) is "
                            "no finite number, so that nothing can be fitted; mend the data",
                            i, row);
    return ISB_OK;
}

/* Extremes and means. */
static isb_status measure(const fit *f, isb_error *error) {
    const size_t width = f->out->width;
    for (size_t i = 0; i < width; i++) {
        f->low[i] = INFINITY;
        f->high[i] = -INFINITY;
    }
    for (size_t r = 0; r < f->count; r++) {
        load_row(f, f->rows[r]);
        const isb_status status = check_row(f, f->rows[r], error);
        if (status != ISB_OK)
            return status;
        for (size_t i = 0; i < width; i++) {
            f->low[i] = f->row[i] < f->low[i] ? f->row[i] : f->low[i];
            f->high[i] = f->row[i] > f->high[i] ? f->row[i] : f->high[i];
            f->sums[i] += (double)f->row[i];
        }
    }
    for (size_t i = 0; i < width; i++)
        f->means[i] = f->low[i] == f->high[i] ? (double)f->low[i] : f->sums[i] / (double)f->count;
    return ISB_OK;
}

static void standardize(const fit *f) {
    const size_t width = f->out->width;
    memset(f->sums, 0, width * sizeof *f->sums);
    for (size_t r = 0; r < f->count; r++) {
        load_row(f, f->rows[r]);
        for (size_t i = 0; i < width; i++) {
            const double d = (double)f->row[i] - f->means[i];
            f->sums[i] += d * d;
        }
    }
    for (size_t i = 0; i < width; i++) {
        f->out->offset[i] = (float)f->means[i];
        f->out->divisor[i] = (float)isb_square_root(f->sums[i] / (double)f->count);
    }
}

static void spread(const fit *f) {
    for (size_t i = 0; i < f->out->width; i++) {
        f->out->offset[i] = f->low[i];
        f->out->divisor[i] = (float)((double)f->high[i] - (double)f->low[i]);
    }
}

/* No value that was trained on becomes infinite by the subtraction. */
static isb_status finish(const fit *f, isb_error *error) {
    for (size_t i = 0; i < f->out->width; i++) {
        if (f->out->divisor[i] == 0.0f || f->low[i] == f->high[i])
            f->out->divisor[i] = 1.0f;
        if (!isfinite(f->out->divisor[i]) || !isfinite(f->high[i] - f->out->offset[i]) ||
            !isfinite(f->low[i] - f->out->offset[i]))
            return isb_fail(error, ISB_DATA,
                            "data.scale: the values of feature %zu (counted from 0) lie further "
                            "apart than a float32 holds; mend the data, or divide them by a number",
                            i);
    }
    return ISB_OK;
}

static isb_status run(const fit *f, isb_scale_kind kind, isb_error *error) {
    const isb_status status = measure(f, error);
    if (status != ISB_OK)
        return status;
    if (kind == ISB_SCALE_STANDARDIZE)
        standardize(f);
    else
        spread(f);
    return finish(f, error);
}

isb_status isb_scaling_fit(isb_scaling *out, isb_scale_kind kind, const isb_table *table,
                           const uint32_t *rows, size_t count, isb_error *error) {
    const size_t width = out->width;
    const fit f = {.out = out,
                   .table = table,
                   .rows = rows,
                   .count = count,
                   .row = isb_allocate(width, sizeof(float)),
                   .low = isb_allocate(width, sizeof(float)),
                   .high = isb_allocate(width, sizeof(float)),
                   .sums = isb_allocate(width, sizeof(double)),
                   .means = isb_allocate(width, sizeof(double))};
    const bool complete = f.row && f.low && f.high && f.sums && f.means;
    const isb_status status =
        complete ? run(&f, kind, error) : isb_fail_memory(error, "the scaling of the inputs");
    isb_release(f.row);
    isb_release(f.low);
    isb_release(f.high);
    isb_release(f.sums);
    isb_release(f.means);
    return status;
}
