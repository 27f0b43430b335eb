#include "data/npy_elements.h"
#include "base/half.h"
#include "base/number.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are read as they lie");

/* --- blocks --- */

static void swap_bytes(uint8_t *elements, size_t count, size_t size) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < size / 2; k++) {
            uint8_t *element = elements + i * size, first = element[k];
            element[k] = element[size - 1 - k];
            element[size - 1 - k] = first;
        }
}

static isb_status read_block(isb_npy_elements *r, size_t done, size_t count, isb_error *error) {
    const size_t size = r->array->size;
    size_t got;
    isb_status status = isb_feed_read(r->feed, r->block, count * size, &got, error);
    if (status != ISB_OK)
        return status;
    if (got < count * size) {
        char shape[ISB_NPY_SHAPE_SIZE];
        return isb_fail(error, ISB_DATA,
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

static isb_status check_end(const isb_npy_elements *r, isb_error *error) {
    uint8_t beyond;
    size_t got;
    isb_status status = isb_feed_read(r->feed, &beyond, 1, &got, error);
    if (status != ISB_OK || got == 0)
        return status;
    char shape[ISB_NPY_SHAPE_SIZE];
    return isb_fail(error, ISB_DATA,
                    "%s: goes on after its end: shape %s and the header make %zu bytes, and more "
                    "are there; %s",
                    r->feed->name, isb_npy_shape(r->array, shape),
                    r->array->header + r->array->count * r->array->size, r->feed->mend);
}

isb_status isb_npy_elements_read(isb_npy_elements *r, const isb_npy *array, const isb_feed *feed,
                                 void (*take)(isb_npy_elements *), isb_error *error) {
    r->array = array;
    r->feed = feed;
    r->width = array->rank > 0 ? array->count / array->sizes[0] : 1;
    isb_status status = ISB_OK;
    for (r->index = 0; status == ISB_OK && r->index < array->count; r->index += r->count) {
        const size_t left = array->count - r->index;
        r->count = left < ISB_NPY_BLOCK ? left : ISB_NPY_BLOCK;
        status = read_block(r, r->index, r->count, error);
        if (status == ISB_OK)
            take(r);
    }
    return status == ISB_OK ? check_end(r, error) : status;
}

/* --- where they belong --- */

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

isb_npy_run isb_npy_next_run(const isb_npy_elements *r, size_t done) {
    const size_t index = r->index + done, left = r->count - done;
    if (!r->array->fortran || r->array->rank == 0)
        return (isb_npy_run){index, 1, left};
    const size_t rows = r->array->sizes[0], rest = rows - index % rows;
    return (isb_npy_run){place_of(r->array, index), r->width, rest < left ? rest : left};
}

/* --- values --- */

static isb_npy_wide wide_of_double(double value) {
    isb_npy_wide bits;
    value = isnan(value) ? (double)NAN : value; /* one of the many */
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

isb_npy_wide isb_npy_widen(const isb_npy *array, const uint8_t *element) {
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
        return (isb_npy_wide)(array->size == 1   ? v.i1
                              : array->size == 2 ? v.i2
                              : array->size == 4 ? v.i4
                                                 : v.i8);
    return v.u; /* the bytes beyond are zero */
}

double isb_npy_double(isb_npy_wide value) {
    double result;
    memcpy(&result, &value, sizeof result);
    return result;
}

/* --- texts --- */

const char *isb_npy_value_text(const isb_npy *array, isb_npy_wide value,
                               char text[ISB_NUMBER_SIZE]) {
    if (array->kind == ISB_NPY_FLOAT)
        isb_format_double(text, isb_npy_double(value));
    else if (array->kind == ISB_NPY_SIGNED)
        snprintf(text, ISB_NUMBER_SIZE, "%" PRId64, (int64_t)value);
    else
        snprintf(text, ISB_NUMBER_SIZE, "%" PRIu64, value);
    return text;
}

const char *isb_npy_column_text(const isb_npy *array, size_t column,
                                char text[ISB_NPY_SHAPE_SIZE]) {
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
