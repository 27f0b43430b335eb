#include "export/keras_scaling.h"
#include "base/square_root.h"
#include "cpu/fpenv.h"
#include "model/scaling.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double EPSILON = 1e-7; /* Keras's least deviation */

void isb_keras_step_free(isb_keras_step *step) {
    free(step->mean);
    free(step->variance);
    *step = (isb_keras_step){0};
}

/* --- Rescaling --- */

/* The number that `scale` is the reciprocal of: a whole one where there is one. */
static double reciprocal(double scale) {
    const double whole = nearbyint(1 / scale);
    return whole > 0 && 1 / whole == scale ? whole : 1 / scale;
}

isb_status isb_keras_read_rescaling(isb_keras_step *out, const json_t *config,
                                    const char **problem) {
    const json_t *scale = json_object_get(config, "scale"),
                 *offset = json_object_get(config, "offset");
    *out = (isb_keras_step){.scale = json_number_value(scale), .offset = json_number_value(offset)};
    *problem = NULL;
    if (!json_is_number(scale) || !(out->scale > 0) || !isnormal((float)reciprocal(out->scale)))
        *problem = "scale is not a number above 0";
    else if (offset != NULL && !(json_is_number(offset) && isfinite((float)out->offset)))
        *problem = "offset is not a number";
    return *problem == NULL ? ISB_OK : ISB_CORRUPT;
}

double isb_keras_step_divisor(const isb_keras_step *step) {
    return step->normalizes || step->offset != 0 ? 0 : reciprocal(step->scale);
}

/* --- Normalization --- */

static bool keep_axis(isb_keras_step *step, const json_t *axis) {
    const json_int_t rank = (json_int_t)step->input.rank;
    json_int_t place = json_integer_value(axis);
    if (!json_is_integer(axis) || place < -rank || place > rank || place == 0)
        return false;
    place = place < 0 ? place + rank : place - 1;
    step->kept[place] = true;
    return true;
}

/* An axis, a list of them, or none. */
static bool read_axes(isb_keras_step *step, const json_t *axes) {
    if (axes == NULL || json_is_integer(axes)) {
        json_t *last = json_integer(-1);
        const bool kept = keep_axis(step, axes != NULL ? axes : last);
        json_decref(last);
        return kept;
    }
    for (size_t i = 0; i < json_array_size(axes); i++)
        if (!keep_axis(step, json_array_get(axes, i)))
            return false;
    return json_is_array(axes) || json_is_null(axes);
}

static isb_shape kept_shape(const isb_keras_step *step) {
    isb_shape shape = {0};
    for (size_t i = 0; i < step->input.rank; i++)
        if (step->kept[i])
            shape.sizes[shape.rank++] = step->input.sizes[i];
    return shape;
}

static size_t count_numbers(const json_t *value) {
    size_t count = json_is_array(value) ? 0 : 1;
    for (size_t i = 0; i < json_array_size(value); i++)
        count += count_numbers(json_array_get(value, i));
    return count;
}

/* Puts the numbers of lists within lists one behind the other; NULL where something else is among
 * them. */
static double *put_numbers(double *to, const json_t *value) {
    if (!json_is_array(value)) {
        *to = json_number_value(value);
        return json_is_number(value) && isfinite((float)*to) ? to + 1 : NULL;
    }
    for (size_t i = 0; i < json_array_size(value) && to != NULL; i++)
        to = put_numbers(to, json_array_get(value, i));
    return to;
}

static isb_status read_values(isb_keras_step *step, const json_t *mean, const json_t *variance,
                              const char **problem) {
    const size_t all = isb_shape_size(kept_shape(step));
    step->count = count_numbers(mean);
    *problem = "mean and variance are not numbers, one each or one for each place of its axes";
    if (count_numbers(variance) != step->count || (step->count != all && step->count != 1))
        return ISB_CORRUPT;
    step->mean = calloc(step->count, sizeof *step->mean);
    step->variance = calloc(step->count, sizeof *step->variance);
    if (step->mean == NULL || step->variance == NULL)
        return ISB_NO_MEMORY;
    if (put_numbers(step->mean, mean) == NULL || put_numbers(step->variance, variance) == NULL)
        return ISB_CORRUPT;
    *problem = "a variance is below 0";
    for (size_t i = 0; i < step->count; i++)
        if (step->variance[i] < 0)
            return ISB_CORRUPT;
    return ISB_OK;
}

isb_status isb_keras_read_normalization(isb_keras_step *out, const json_t *config, isb_shape input,
                                        const char **problem) {
    const json_t *mean = json_object_get(config, "mean"),
                 *variance = json_object_get(config, "variance");
    *out = (isb_keras_step){.normalizes = true, .input = input};
    *problem = "invert is not supported";
    if (json_is_true(json_object_get(config, "invert")))
        return ISB_CORRUPT;
    *problem = "its axis is none of its input's";
    if (!read_axes(out, json_object_get(config, "axis")))
        return ISB_CORRUPT;
    if (mean != NULL && !json_is_null(mean))
        return read_values(out, mean, variance, problem);
    out->count = isb_shape_size(kept_shape(out));
    return ISB_OK;
}

/* --- composing --- */

/* Both of a Normalization, read out of the weights where they are variables. */
typedef struct moments {
    double *mean, *variance; /* owned where the step has none */
} moments;

static isb_status read_variable(double **out, const isb_keras_step *step, size_t index,
                                isb_hdf5_reader *weights) {
    char layer[40], place[80];
    const size_t count = step->count;
    snprintf(layer, sizeof layer, step->ordinal > 0 ? "normalization_%zu" : "normalization",
             step->ordinal);
    snprintf(place, sizeof place, "layers/%s/vars/%zu", layer, index);
    if (count == 0 || count > weights->length / sizeof(uint16_t))
        return isb_fail(weights->error, ISB_CORRUPT,
                        "%s: model.weights.h5: too short for %s of config.json", weights->path,
                        layer);
    float *values = calloc(count, sizeof *values);
    *out = calloc(count, sizeof **out);
    isb_status status = values == NULL || *out == NULL
                            ? isb_fail_memory(weights->error, weights->path)
                            : isb_hdf5_reader_floats(weights, place, kept_shape(step), values);
    for (size_t i = 0; status == ISB_OK && i < count; i++)
        (*out)[i] = (double)values[i];
    free(values);
    return status;
}

static isb_status find_moments(moments *out, const isb_keras_step *step, isb_hdf5_reader *weights) {
    *out = (moments){step->mean, step->variance};
    if (step->mean != NULL)
        return ISB_OK;
    isb_status status = read_variable(&out->mean, step, 0, weights);
    if (status == ISB_OK)
        status = read_variable(&out->variance, step, 1, weights);
    for (size_t i = 0; status == ISB_OK && i < step->count; i++)
        if (out->variance[i] < 0)
            status = isb_fail(weights->error, ISB_CORRUPT,
                              "%s: model.weights.h5: a variance of a Normalization is below 0",
                              weights->path);
    return status;
}

static void free_moments(const moments *of, const isb_keras_step *step) {
    if (step->mean != NULL)
        return;
    free(of->mean);
    free(of->variance);
}

/* Where the value of an input lies among those of the axes kept. */
static size_t place_of(const isb_keras_step *step, size_t input) {
    size_t place = 0, stride = 1;
    for (size_t axis = step->input.rank; axis-- > 0;) {
        const size_t size = step->input.sizes[axis];
        if (step->kept[axis]) {
            place += input % size * stride;
            stride *= size;
        }
        input /= size;
    }
    return step->count == 1 ? 0 : place;
}

/* With y = (x - offset) / divisor so far, (y - mean) / deviation is (x - (offset + mean * divisor))
 * / (divisor * deviation); y * scale + shift is the same with mean -shift / scale and deviation 1 /
 * scale. */
static void apply(double *offset, double *divisor, double mean, double deviation) {
    *offset += mean * *divisor;
    *divisor *= deviation;
}

static isb_status compose_step(double *offsets, double *divisors, size_t inputs,
                               const isb_keras_step *step, isb_hdf5_reader *weights) {
    moments of = {0};
    const isb_status status = step->normalizes ? find_moments(&of, step, weights) : ISB_OK;
    for (size_t i = 0; status == ISB_OK && i < inputs; i++) {
        if (step->normalizes) {
            const size_t place = place_of(step, i);
            const double deviation = isb_square_root(of.variance[place]);
            apply(&offsets[i], &divisors[i], of.mean[place],
                  deviation > EPSILON ? deviation : EPSILON);
        } else {
            const double deviation = reciprocal(step->scale);
            apply(&offsets[i], &divisors[i], -step->offset * deviation, deviation);
        }
    }
    free_moments(&of, step);
    return status;
}

static isb_status add_tensor(isb_tensors *out, const char *name, const double *values, size_t count,
                             isb_hdf5_reader *weights) {
    isb_tensor *tensor = &out->items[out->count];
    snprintf(tensor->name, sizeof tensor->name, "%s", name);
    tensor->shape = (isb_shape){1, {count}};
    tensor->data = calloc(count, sizeof *tensor->data);
    if (tensor->data == NULL)
        return isb_fail_memory(weights->error, weights->path);
    out->count++;
    for (size_t i = 0; i < count; i++)
        tensor->data[i] = (float)values[i];
    return ISB_OK;
}

static isb_status check(const double *offsets, const double *divisors, size_t count,
                        isb_hdf5_reader *weights) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite((float)offsets[i]) || !isfinite((float)divisors[i]) ||
            !((float)divisors[i] > 0))
            return isb_fail(weights->error, ISB_CORRUPT,
                            "%s: what its layers scale input %zu (counted from 0) by is beyond "
                            "what a float32 holds",
                            weights->path, i);
    return ISB_OK;
}

static isb_status compose(isb_tensors *out, const isb_keras_step *steps, size_t count,
                          double *offsets, double *divisors, size_t inputs,
                          isb_hdf5_reader *weights) {
    isb_status status = ISB_OK;
    for (size_t i = 0; i < inputs; i++)
        divisors[i] = 1;
    for (size_t i = 0; i < count && status == ISB_OK; i++)
        status = compose_step(offsets, divisors, inputs, &steps[i], weights);
    if (status == ISB_OK)
        status = check(offsets, divisors, inputs, weights);
    if (status == ISB_OK)
        status = add_tensor(out, ISB_SCALING_OFFSET, offsets, inputs, weights);
    return status == ISB_OK ? add_tensor(out, ISB_SCALING_DIVISOR, divisors, inputs, weights)
                            : status;
}

isb_status isb_keras_compose(isb_tensors *out, const isb_keras_step *steps, size_t count,
                             size_t inputs, isb_hdf5_reader *weights) {
    if (inputs > weights->length / sizeof(uint16_t))
        return isb_fail(weights->error, ISB_CORRUPT,
                        "%s: model.weights.h5: too short for the inputs of config.json",
                        weights->path);
    double *offsets = calloc(inputs, sizeof *offsets), *divisors = calloc(inputs, sizeof *divisors);
    const isb_fpenv before = isb_fpenv_enter();
    const isb_status status = offsets == NULL || divisors == NULL
                                  ? isb_fail_memory(weights->error, weights->path)
                                  : compose(out, steps, count, offsets, divisors, inputs, weights);
    isb_fpenv_leave(before);
    free(offsets);
    free(divisors);
    return status;
}
