#include "train/state.h"
#include "optim/optimizer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* State 0 is the values; i > 0 is the optimizer's state i - 1. */
static float *array_of(const isb_parameter *parameter, size_t i) {
    return i == 0 ? parameter->values : parameter->state[i - 1];
}

static void array_name(char *out, size_t size, const isb_parameter *parameter,
                       const isb_optimizer *optimizer, size_t i) {
    if (i == 0)
        snprintf(out, size, "%s", parameter->name);
    else
        snprintf(out, size, "optimizer.%s.%s", isb_optimizer_state_name(optimizer, i - 1),
                 parameter->name);
}

static size_t arrays(const isb_optimizer *optimizer) {
    return optimizer != NULL ? 1 + isb_optimizer_states(optimizer) : 1;
}

static isb_shape shape_of(const isb_parameter *parameter) {
    if (parameter->rank == 1)
        return (isb_shape){1, {parameter->columns}};
    return (isb_shape){2, {parameter->rows, parameter->columns}};
}

isb_status isb_state_export(const isb_network *network, const isb_optimizer *optimizer,
                            isb_tensors *out, isb_error *error) {
    *out = (isb_tensors){0};
    size_t count = 0;
    while (isb_network_parameter(network, count) != NULL)
        count++;
    out->items = calloc(count * arrays(optimizer), sizeof *out->items);
    if (out->items == NULL)
        return isb_fail_memory(error, "a copy of the weights");
    for (size_t i = 0; i < arrays(optimizer); i++) {
        for (size_t p = 0; p < count; p++) {
            const isb_parameter *parameter = isb_network_parameter(network, p);
            isb_tensor *tensor = &out->items[out->count++];
            array_name(tensor->name, sizeof tensor->name, parameter, optimizer, i);
            tensor->shape = shape_of(parameter);
            tensor->data = malloc(parameter->rows * parameter->columns * sizeof(float));
            if (tensor->data == NULL) {
                isb_tensors_free(out);
                return isb_fail_memory(error, "a copy of the weights");
            }
            isb_parameter_to_rows(parameter, array_of(parameter, i), tensor->data);
        }
    }
    return ISB_OK;
}

static void shape_text(char *out, size_t size, isb_shape shape) {
    size_t length = (size_t)snprintf(out, size, "(");
    for (size_t i = 0; i < shape.rank && length < size; i++)
        length +=
            (size_t)snprintf(out + length, size - length, i > 0 ? ", %zu" : "%zu", shape.sizes[i]);
    if (length < size)
        snprintf(out + length, size - length, ")");
}

static bool all_finite(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!(values[i] - values[i] == 0.0f))
            return false;
    return true;
}

static void check(const isb_tensors *tensors, const char *name, isb_shape shape, const char *from,
                  isb_error *error) {
    char wanted[96], found[96];
    shape_text(wanted, sizeof wanted, shape);
    const isb_tensor *tensor = isb_tensors_find(tensors, name);
    if (tensor == NULL) {
        isb_fail(error, ISB_CORRUPT,
                 "%s: no tensor '%s', which the model needs with shape %s; use a file of this "
                 "model, or change the model to match",
                 from, name, wanted);
        return;
    }
    if (!isb_shape_equal(tensor->shape, shape)) {
        shape_text(found, sizeof found, tensor->shape);
        isb_fail(error, ISB_CORRUPT,
                 "%s: tensor '%s' has shape %s, but the model needs %s; use a file of this "
                 "model, or change the model to match",
                 from, name, found, wanted);
    } else if (!all_finite(tensor->data, isb_shape_size(shape))) {
        isb_fail(error, ISB_CORRUPT,
                 "%s: tensor '%s' holds NaN or Inf; use weights that are finite", from, name);
    }
}

isb_status isb_state_import(isb_network *network, const isb_optimizer *optimizer,
                            const isb_tensors *tensors, const char *from, isb_error *error) {
    isb_error found = ISB_ERROR_INIT;
    for (int copying = 0; copying <= 1; copying++) {
        isb_parameter *parameter;
        for (size_t p = 0; (parameter = isb_network_parameter(network, p)) != NULL; p++) {
            for (size_t i = 0; i < arrays(optimizer); i++) {
                char name[96];
                array_name(name, sizeof name, parameter, optimizer, i);
                if (!copying)
                    check(tensors, name, shape_of(parameter), from, &found);
                else
                    isb_parameter_from_rows(parameter, isb_tensors_find(tensors, name)->data,
                                            array_of(parameter, i));
            }
        }
        if (found.count > 0)
            break;
    }
    if (found.count == 0)
        return ISB_OK;
    isb_fail(error, found.status, "%s", isb_error_text(&found));
    isb_error_clear(&found);
    return ISB_CORRUPT;
}
