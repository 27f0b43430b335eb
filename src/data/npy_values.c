#include "base/half.h"
#include "base/number.h"
#include "cpu/fpenv.h"
#include "data/npy.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are read as they lie");

enum { BLOCK = 8192, MOST_PROBLEMS = 10, MOST_VALUE = ISB_NUMBER_SIZE };

/* An element in the widest type of its kind: double, int64_t or uint64_t, as bits. */
typedef uint64_t wide;

/* A value that cannot be used, in a column. */
typedef struct problem {
    size_t column, row; /* the first such row */
    wide value;
    size_t more; /* rows */
} problem;

typedef struct reader {
    const isb_npy *array;
    const isb_feed *feed;
    size_t width;     /* columns, which are the elements of a row */
    const char *what; /* the elements are, in messages */
    problem problems[MOST_PROBLEMS];
    size_t problem_count;
    size_t others; /* values of which no more are kept */
    isb_error *error;
    _Alignas(8) uint8_t block[BLOCK * 8];
} reader;

static size_t width_of(const isb_npy *array) { return array->count / array->sizes[0]; }

/* --- elements --- */

static void swap_bytes(uint8_t *elements, size_t count, size_t size) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < size / 2; k++) {
            uint8_t *element = elements + i * size, first = element[k];
            element[k] = element[size - 1 - k];
            element[size - 1 - k] = first;
        }
}

/* The next `count` elements, in this machine's order of bytes. */
static isb_status read_block(reader *r, size_t done, size_t count) {
    const size_t size = r->array->size;
    size_t got;
    isb_status status = isb_feed_read(r->feed, r->block, count * size, &got, r->error);
    if (status != ISB_OK)
        return status;
    if (got < count * size) {
        char shape[ISB_NPY_SHAPE_SIZE];
        return isb_fail(r->error, ISB_DATA,
                        "%s: is cut short: shape %s and the header make %zu bytes, and %zu are "
                        "there; %s",
                        r->feed->name, isb_npy_shape(r->array, shape),
                        r->array->header + r->array->count * size,
                        r->array->header + done * size + got, r->feed->mend);
    }
    if (r->array->swapped)
        swap_bytes(r->block, count, size);
    return ISB_OK;
}

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

static wide wide_of_double(double value) {
    wide bits;
    value = isnan(value) ? (double)NAN : value; /* one of the many */
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static wide widen(const isb_npy *array, const uint8_t *element) {
    union {
        int8_t i1;
        int16_t i2;
        int32_t i4;
        int64_t i8;
        uint64_t u;
        uint16_t half;
        float f4;
        double f8;
    } v = {.u = 0};
    memcpy(&v, element, array->size);
    if (array->kind == ISB_NPY_FLOAT)
        return wide_of_double(array->size == 2   ? (double)isb_half_value(v.half)
                              : array->size == 4 ? (double)v.f4
                                                 : v.f8);
    if (array->kind == ISB_NPY_SIGNED)
        return (wide)(array->size == 1   ? v.i1
                      : array->size == 2 ? v.i2
                      : array->size == 4 ? v.i4
                                         : v.i8);
    return v.u; /* the bytes beyond are zero */
}

static double double_of_wide(wide value) {
    double result;
    memcpy(&result, &value, sizeof result);
    return result;
}

/* --- problems --- */

static void add_problem(reader *r, size_t row, size_t column, wide value) {
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

static const char *value_text(const isb_npy *array, wide value, char text[MOST_VALUE]) {
    if (array->kind == ISB_NPY_FLOAT)
        isb_format_double(text, double_of_wide(value));
    else if (array->kind == ISB_NPY_SIGNED)
        snprintf(text, MOST_VALUE, "%" PRId64, (int64_t)value);
    else
        snprintf(text, MOST_VALUE, "%" PRIu64, value);
    return text;
}

/* "17", or "[3, 4]" where an example has several axes. */
static const char *column_text(const isb_npy *array, size_t column, char text[ISB_NPY_SHAPE_SIZE]) {
    size_t indices[ISB_NPY_MAX_RANK], length = 0;
    if (array->rank <= 2) {
        snprintf(text, ISB_NPY_SHAPE_SIZE, "%zu", column);
        return text;
    }
    for (size_t axis = array->rank - 1; axis > 0; axis--) {
        indices[axis] = column % array->sizes[axis];
        column /= array->sizes[axis];
    }
    for (size_t axis = 1; axis < array->rank; axis++)
        length += (size_t)snprintf(text + length, ISB_NPY_SHAPE_SIZE - length, "%s%zu",
                                   axis == 1 ? "[" : ", ", indices[axis]);
    snprintf(text + length, ISB_NPY_SHAPE_SIZE - length, "]");
    return text;
}

static const char *more_text(size_t more, char text[64]) {
    text[0] = '\0';
    if (more > 0)
        snprintf(text, 64, ", as in %zu more row%s", more, more == 1 ? "" : "s");
    return text;
}

static isb_status report_floats(const reader *r) {
    char value[MOST_VALUE], column[ISB_NPY_SHAPE_SIZE], more[64];
    for (size_t i = 0; i < r->problem_count; i++) {
        const problem *p = &r->problems[i];
        isb_fail(r->error, ISB_DATA,
                 "%s: row %zu, column %s (counted from 0) is %s%s; %s are finite numbers of "
                 "single precision (up to 3.4e38)",
                 r->feed->name, p->row, column_text(r->array, p->column, column),
                 value_text(r->array, p->value, value), more_text(p->more, more), r->what);
    }
    if (r->others > 0)
        isb_fail(r->error, ISB_DATA, "%s: %zu more values are no finite numbers either",
                 r->feed->name, r->others);
    return r->problem_count > 0 ? ISB_DATA : ISB_OK;
}

static isb_status report_labels(const reader *r) {
    char value[MOST_VALUE], more[64];
    for (size_t i = 0; i < r->problem_count; i++) {
        const problem *p = &r->problems[i];
        isb_fail(r->error, ISB_DATA,
                 "%s: row %zu (counted from 0) has label %s%s; labels are whole numbers from 0 to "
                 "%" PRIu32,
                 r->feed->name, p->row, value_text(r->array, p->value, value),
                 more_text(p->more, more), UINT32_MAX - 1);
    }
    if (r->others > 0)
        isb_fail(r->error, ISB_DATA, "%s: %zu more labels are no such numbers either",
                 r->feed->name, r->others);
    return r->problem_count > 0 ? ISB_DATA : ISB_OK;
}

/* --- features --- */

/* Where an element belongs, rows first, that stands at `index` in Fortran's order. */
static size_t place_of(const isb_npy *array, size_t index) {
    size_t place = 0, stride = array->count;
    for (size_t axis = 0; axis < array->rank; axis++) {
        stride /= array->sizes[axis];
        place += index % array->sizes[axis] * stride;
        index /= array->sizes[axis];
    }
    return place;
}

/* Elements of a block that lie in one column, or all of them where rows come first. */
typedef struct run {
    size_t place; /* of the first one; the others lie `step` apart */
    size_t step, count;
} run;

static run next_run(const reader *r, size_t index, size_t left) {
    if (!r->array->fortran)
        return (run){index, 1, left};
    const size_t rows = r->array->sizes[0], rest = rows - index % rows;
    return (run){place_of(r->array, index), r->width, rest < left ? rest : left};
}

static void find_problems(reader *r, const run *at, const float *values, const uint8_t *elements) {
    for (size_t i = 0; i < at->count; i++) {
        const size_t place = at->place + i * at->step;
        if (!isfinite(values[i]))
            add_problem(r, place / r->width, place % r->width,
                        widen(r->array, elements + i * r->array->size));
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

static void store_floats(reader *r, size_t index, size_t count, float *to) {
    float values[BLOCK];
    to_floats(r->array, r->block, values, count);
    for (size_t i = 0; i < count;) {
        const run at = next_run(r, index + i, count - i);
        for (size_t k = 0; k < at.count; k++)
            to[at.place + k * at.step] = values[i + k];
        if (!all_finite(values + i, at.count))
            find_problems(r, &at, values + i, r->block + i * r->array->size);
        i += at.count;
    }
}

static void store_bytes(reader *r, size_t index, size_t count, uint8_t *to) {
    const bool truth = r->array->kind == ISB_NPY_BOOL;
    for (size_t i = 0; i < count;) {
        const run at = next_run(r, index + i, count - i);
        for (size_t k = 0; k < at.count; k++)
            to[at.place + k * at.step] = truth ? r->block[i + k] != 0 : r->block[i + k];
        i += at.count;
    }
}

static void store_labels(reader *r, size_t index, size_t count, uint32_t *to) {
    const isb_npy *array = r->array;
    for (size_t i = 0; i < count; i++) {
        const wide value = widen(array, r->block + i * array->size);
        const double real = array->kind == ISB_NPY_FLOAT ? double_of_wide(value) : 0.0;
        const bool fits = array->kind == ISB_NPY_FLOAT
                              ? real >= 0 && real < UINT32_MAX && real == (double)(uint32_t)real
                              : value < UINT32_MAX; /* negative ones are beyond */
        if (!fits)
            add_problem(r, index + i, 0, value);
        else
            to[index + i] = array->kind == ISB_NPY_FLOAT ? (uint32_t)real : (uint32_t)value;
    }
}

/* --- the whole --- */

typedef enum target { BYTES, FLOATS, TARGETS, LABELS } target;

static isb_status check_end(const reader *r) {
    uint8_t beyond;
    size_t got;
    isb_status status = isb_feed_read(r->feed, &beyond, 1, &got, r->error);
    if (status != ISB_OK || got == 0)
        return status;
    char shape[ISB_NPY_SHAPE_SIZE];
    return isb_fail(r->error, ISB_DATA,
                    "%s: goes on after its end: shape %s and the header make %zu bytes, and more "
                    "are there; %s",
                    r->feed->name, isb_npy_shape(r->array, shape),
                    r->array->header + r->array->count * r->array->size, r->feed->mend);
}

static isb_status read_elements(reader *r, target kind, void *to) {
    const size_t total = r->array->count;
    for (size_t done = 0; done < total;) {
        const size_t count = total - done < BLOCK ? total - done : BLOCK;
        const isb_status status = read_block(r, done, count);
        if (status != ISB_OK)
            return status;
        if (kind == BYTES)
            store_bytes(r, done, count, to);
        else if (kind != LABELS)
            store_floats(r, done, count, to);
        else
            store_labels(r, done, count, to);
        done += count;
    }
    isb_status status = check_end(r);
    if (status == ISB_OK)
        status = kind == LABELS ? report_labels(r) : report_floats(r);
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
        const isb_fpenv before = isb_fpenv_enter();
        r->array = array;
        r->feed = feed;
        r->width = width_of(array);
        r->what = kind == TARGETS ? "targets" : "features";
        r->error = error;
        status = read_elements(r, kind, *out);
        isb_fpenv_leave(before);
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
