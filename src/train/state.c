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

static isb_status export_vector(const char *name, const float *values, size_t count,
                                isb_tensors *out, isb_error *error) {
    isb_tensor *tensor = &out->items[out->count++];
    snprintf(tensor->name, sizeof tensor->name, "%s", name);
    tensor->shape = (isb_shape){1, {count}};
    tensor->data = malloc(count * sizeof *tensor->data);
    if (tensor->data == NULL)
        return isb_fail_memory(error, "a copy of the weights");
    memcpy(tensor->data, values, count * sizeof *values);
    return ISB_OK;
}

static isb_status export_scaling(const isb_scaling *scaling, isb_tensors *out, isb_error *error) {
    if (scaling->width == 0)
        return ISB_OK;
    const isb_status status =
        export_vector(ISB_SCALING_OFFSET, scaling->offset, scaling->width, out, error);
    return status != ISB_OK
               ? status
               : export_vector(ISB_SCALING_DIVISOR, scaling->divisor, scaling->width, out, error);
}

isb_status isb_state_export(const isb_network *network, const isb_optimizer *optimizer,
                            isb_tensors *out, isb_error *error) {
    *out = (isb_tensors){0};
    size_t count = 0;
    while (isb_network_parameter(network, count) != NULL)
        count++;
    out->items = calloc(count * arrays(optimizer) + 2, sizeof *out->items);
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
    const isb_status status = export_scaling(&network->scaling, out, error);
    if (status != ISB_OK)
        isb_tensors_free(out);
    return status;
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

static void check_divisors(const isb_tensors *tensors, const char *from, isb_error *error) {
    const isb_tensor *divisor = isb_tensors_find(tensors, ISB_SCALING_DIVISOR);
    for (size_t i = 0; i < divisor->shape.sizes[0]; i++) {
        if (divisor->data[i] > 0)
            continue;
        isb_fail(error, ISB_CORRUPT, "%s: tensor '%s' holds a value that is not above 0", from,
                 ISB_SCALING_DIVISOR);
        return;
    }
}

isb_status isb_scaling_import(isb_network *network, const isb_tensors *tensors, const char *from,
                              isb_error *error) {
    const isb_shape shape = {1, {network->inputs}};
    isb_error found = ISB_ERROR_INIT;
    isb_scaling scaling = {0};
    check(tensors, ISB_SCALING_OFFSET, shape, from, &found);
    check(tensors, ISB_SCALING_DIVISOR, shape, from, &found);
    if (found.count == 0)
        check_divisors(tensors, from, &found);
    isb_status status = found.count > 0
                            ? isb_fail(error, found.status, "%s", isb_error_text(&found))
                            : isb_scaling_make(&scaling, network->inputs, error);
    isb_error_clear(&found);
    if (status != ISB_OK) {
        isb_scaling_free(&scaling);
        return status;
    }
    const size_t bytes = network->inputs * sizeof(float);
    memcpy(scaling.offset, isb_tensors_find(tensors, ISB_SCALING_OFFSET)->data, bytes);
    memcpy(scaling.divisor, isb_tensors_find(tensors, ISB_SCALING_DIVISOR)->data, bytes);
    isb_scaling_free(&network->scaling);
    network->scaling = scaling;
    return ISB_OK;
}
