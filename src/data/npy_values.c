#include "base/half.h"
#include "base/memory.h"
#include "cpu/fpenv.h"
#include "data/npy_elements.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PROBLEMS = 10 };

/* A value that cannot be used, in a column. */
typedef struct problem {
    size_t column, row; /* the first such row */
    isb_npy_wide value;
    size_t more; /* rows */
} problem;

typedef enum target { BYTES, FLOATS, TARGETS, LABELS } target;

typedef struct reader {
    target kind;
    void *to;
    const char *what; /* the elements are, in messages */
    problem problems[MOST_PROBLEMS];
    size_t problem_count;
    size_t others; /* values of which no more are kept */
    isb_npy_elements elements;
} reader;

static size_t width_of(const isb_npy *array) { return array->count / array->sizes[0]; }

/* --- elements --- */

#define EACH(type, expression)                                                                     \
    for (size_t i = 0; i < count; i++) {                                                           \
        type v;                                                                                    \
        memcpy(&v, from + i * sizeof v, sizeof v);                                                 \
        to[i] = (expression);                                                                      \
    }                                                                                              \
    break

/* Rounded once, as NumPy's astype does; what is too large becomes infinite. */
static void to_floats(const isb_npy *array, const uint8_t *from, float *to, size_t count) {
    switch ((int)array->kind << 4 | (int)array->size) {
    case ISB_NPY_BOOL << 4 | 1: EACH(uint8_t, v != 0 ? 1.0f : 0.0f);
    case ISB_NPY_UNSIGNED << 4 | 1: EACH(uint8_t, (float)v);
    case ISB_NPY_SIGNED << 4 | 1: EACH(int8_t, (float)v);
    case ISB_NPY_SIGNED << 4 | 2: EACH(int16_t, (float)v);
    case ISB_NPY_SIGNED << 4 | 4: EACH(int32_t, (float)v);
    case ISB_NPY_SIGNED << 4 | 8: EACH(int64_t, (float)v);
    case ISB_NPY_UNSIGNED << 4 | 2: EACH(uint16_t, (float)v);
    case ISB_NPY_UNSIGNED << 4 | 4: EACH(uint32_t, (float)v);
    case ISB_NPY_UNSIGNED << 4 | 8: EACH(uint64_t, (float)v);
    case ISB_NPY_FLOAT << 4 | 2: EACH(uint16_t, isb_half_value(v));
    case ISB_NPY_FLOAT << 4 | 4: EACH(float, v);
    default: EACH(double, (float)v);
    }
}

/* --- problems --- */

static void add_problem(reader *r, size_t row, size_t column, isb_npy_wide value) {
    for (size_t i = 0; i < r->problem_count; i++) {
        problem *known = &r->problems[i];
        if (known->column == column && known->value == value) {
            known->row = row < known->row ? row : known->row;
            known->more++;
            return;
        }
    }
    if (r->problem_count == MOST_PROBLEMS)
        r->others++;
    else
        r->problems[r->problem_count++] = (problem){column, row, value, 0};
}

static const char *more_text(size_t more, char text[64]) {
    text[0] = '\0';
    if (more > 0)
        snprintf(text, 64, ", as in %zu more row%s", more, more == 1 ? "" : "s");
    return text;
}

static isb_status report_floats(const reader *r, isb_error *error) {
    const isb_npy *array = r->elements.array;
    char value[ISB_NUMBER_SIZE], column[ISB_NPY_SHAPE_SIZE], more[64];
    for (size_t i = 0; i < r->problem_count; i++) {
        const problem *p = &r->problems[i];
        isb_fail(error, ISB_DATA,
                 "%s: row %zu, column %s (counted from 0) is %s%s; %s are finite numbers of "
                 "single precision (up to 3.4e38)",
                 r->elements.feed->name, p->row, isb_npy_column_text(array, p->column, column),
                 isb_npy_value_text(array, p->value, value), more_text(p->more, more), r->what);
    }
    if (r->others > 0)
        isb_fail(error, ISB_DATA, "%s: %zu more values are no finite numbers either",
                 r->elements.feed->name, r->others);
    return r->problem_count > 0 ? ISB_DATA : ISB_OK;
}

static isb_status report_labels(const reader *r, isb_error *error) {
    const isb_npy *array = r->elements.array;
    char value[ISB_NUMBER_SIZE], more[64];
    for (size_t i = 0; i < r->problem_count; i++) {
        const problem *p = &r->problems[i];
        isb_fail(error, ISB_DATA,
                 "%s: row %zu (counted from 0) has label %s%s; labels are whole numbers from 0 to "
                 "%" PRIu32,
                 r->elements.feed->name, p->row, isb_npy_value_text(array, p->value, value),
                 more_text(p->more, more), UINT32_MAX - 1);
    }
    if (r->others > 0)
        isb_fail(error, ISB_DATA, "%s: %zu more labels are no such numbers either",
                 r->elements.feed->name, r->others);
    return r->problem_count > 0 ? ISB_DATA : ISB_OK;
}

/* --- features --- */

static void find_problems(reader *r, const isb_npy_run *at, const float *values,
                          const uint8_t *elements) {
    const size_t width = r->elements.width, size = r->elements.array->size;
    for (size_t i = 0; i < at->count; i++) {
        const size_t place = at->place + i * at->step;
        if (!isfinite(values[i]))
            add_problem(r, place / width, place % width,
                        isb_npy_widen(r->elements.array, elements + i * size));
    }
}

/* Says so of most runs faster than by looking at each value by itself. */
static bool all_finite(const float *values, size_t count) {
    uint32_t bad = 0, bits;
    for (size_t i = 0; i < count; i++) {
        memcpy(&bits, values + i, sizeof bits);
        bad |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    return bad == 0;
}

static void store_floats(isb_npy_elements *e) {
    reader *r = e->context;
    float values[ISB_NPY_BLOCK], *to = r->to;
    to_floats(e->array, e->block, values, e->count);
    for (size_t i = 0; i < e->count;) {
        const isb_npy_run at = isb_npy_next_run(e, i);
        for (size_t k = 0; k < at.count; k++)
            to[at.place + k * at.step] = values[i + k];
        if (!all_finite(values + i, at.count))
            find_problems(r, &at, values + i, e->block + i * e->array->size);
        i += at.count;
    }
}

static void store_bytes(isb_npy_elements *e) {
    const bool truth = e->array->kind == ISB_NPY_BOOL;
    uint8_t *to = ((reader *)e->context)->to;
    for (size_t i = 0; i < e->count;) {
        const isb_npy_run at = isb_npy_next_run(e, i);
        for (size_t k = 0; k < at.count; k++)
            to[at.place + k * at.step] = truth ? e->block[i + k] != 0 : e->block[i + k];
        i += at.count;
    }
}

static void store_labels(isb_npy_elements *e) {
    const isb_npy *array = e->array;
    reader *r = e->context;
    uint32_t *to = r->to;
    for (size_t i = 0; i < e->count; i++) {
        const isb_npy_wide value = isb_npy_widen(array, e->block + i * array->size);
        const double real = array->kind == ISB_NPY_FLOAT ? isb_npy_double(value) : 0.0;
        const bool fits = array->kind == ISB_NPY_FLOAT
                              ? real >= 0 && real < UINT32_MAX && real == (double)(uint32_t)real
                              : value < UINT32_MAX; /* negative ones are beyond */
        if (!fits)
            add_problem(r, e->index + i, 0, value);
        else
            to[e->index + i] = array->kind == ISB_NPY_FLOAT ? (uint32_t)real : (uint32_t)value;
    }
}

/* --- the whole --- */

static isb_status read_elements(reader *r, const isb_npy *array, const isb_feed *feed,
                                isb_error *error) {
    void (*store)(isb_npy_elements *) = r->kind == BYTES    ? store_bytes
                                        : r->kind == LABELS ? store_labels
                                                            : store_floats;
    const isb_fpenv before = isb_fpenv_enter();
    r->elements.context = r;
    isb_status status = isb_npy_elements_read(&r->elements, array, feed, store, error);
    if (status == ISB_OK)
        status = r->kind == LABELS ? report_labels(r, error) : report_floats(r, error);
    isb_fpenv_leave(before);
    return status;
}

static isb_status read_array(const isb_npy *array, const isb_feed *feed, target kind, void **out,
                             isb_error *error) {
    reader *r = calloc(1, sizeof *r);
    *out = malloc(array->count * (kind == BYTES ? 1 : 4));
    isb_status status = ISB_OK;
    if (r == NULL || *out == NULL) {
        status = isb_fail_memory(error, feed->name);
    } else {
        isb_prefer_huge_pages(*out, array->count * (kind == BYTES ? 1 : 4));
        r->kind = kind;
        r->to = *out;
        r->what = kind == TARGETS ? "targets" : "features";
        status = read_elements(r, array, feed, error);
    }
    free(r);
    if (status != ISB_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}

isb_status isb_npy_features(const isb_npy *array, const isb_feed *feed, isb_dtype *dtype,
                            void **features, isb_error *error) {
    char shape[ISB_NPY_SHAPE_SIZE];
    *features = NULL;
    if (array->rank < 2)
        return isb_fail(error, ISB_DATA,
                        "%s: has shape %s, where features have 2 to %d axes, the first of them "
                        "rows; for one feature a row save x.reshape(-1, 1)",
                        feed->name, isb_npy_shape(array, shape), ISB_NPY_MAX_RANK);
    const bool bytes = array->size == 1 && array->kind != ISB_NPY_SIGNED;
    *dtype = bytes ? ISB_U8 : ISB_F32;
    return read_array(array, feed, bytes ? BYTES : FLOATS, features, error);
}

isb_status isb_npy_labels(const isb_npy *array, const isb_feed *feed, uint32_t **labels,
                          isb_error *error) {
    char shape[ISB_NPY_SHAPE_SIZE];
    void *out;
    *labels = NULL;
    if (array->rank == 0 || width_of(array) != 1)
        return isb_fail(error, ISB_DATA,
                        "%s: has shape %s, where labels have (rows,) or (rows, 1)%s", feed->name,
                        isb_npy_shape(array, shape),
                        array->rank == 2 ? "; for one-hot labels save y.argmax(1)" : "");
    isb_status status = read_array(array, feed, LABELS, &out, error);
    *labels = out;
    return status;
}

isb_status isb_npy_targets(const isb_npy *array, const isb_feed *feed, size_t *width,
                           float **targets, isb_error *error) {
    char shape[ISB_NPY_SHAPE_SIZE];
    void *out;
    *targets = NULL;
    if (array->rank != 1 && array->rank != 2)
        return isb_fail(error, ISB_DATA,
                        "%s: has shape %s, where the targets of a regression have (rows,) or "
                        "(rows, targets)",
                        feed->name, isb_npy_shape(array, shape));
    *width = width_of(array);
    const isb_status status = read_array(array, feed, TARGETS, &out, error);
    *targets = out;
    return status;
}
