#include "io/best_weights.h"
#include "io/checkpoint.h"
#include <stdlib.h>
#include <string.h>

/* Appends a copy of the tensor; there is room for it. */
static isb_status append(isb_tensors *to, const isb_tensor *from, isb_error *error) {
    const size_t bytes = isb_shape_size(from->shape) * sizeof(float);
    isb_tensor copy = *from;
    copy.data = malloc(bytes);
    if (copy.data == NULL)
        return isb_fail_memory(error, "a copy of the weights");
    memcpy(copy.data, from->data, bytes);
    to->items[to->count++] = copy;
    return ISB_OK;
}

static isb_status make_room(isb_tensors *tensors, size_t more, isb_error *error) {
    isb_tensor *items = realloc(tensors->items, (tensors->count + more) * sizeof *items);
    if (items == NULL)
        return isb_fail_memory(error, "a copy of the weights");
    tensors->items = items;
    return ISB_OK;
}

isb_status isb_best_weights_add(isb_tensors *state, isb_callback_kind kind,
                                const isb_tensors *weights, isb_error *error) {
    char prefix[ISB_CALLBACK_PREFIX_SIZE];
    if (weights->count == 0)
        return ISB_OK;
    const size_t length = strlen(isb_callback_prefix(kind, prefix));
    isb_status status = make_room(state, weights->count, error);
    for (size_t i = 0; i < weights->count && status == ISB_OK; i++) {
        isb_tensor tensor = weights->items[i];
        const char *name = weights->items[i].name;
        if (length + strlen(name) >= sizeof tensor.name)
            return isb_fail(error, ISB_FAILURE, "the tensor's name '%s' is too long", name);
        memcpy(tensor.name, prefix, length);
        memcpy(tensor.name + length, name, strlen(name) + 1);
        status = append(state, &tensor, error);
    }
    return status;
}

isb_status isb_best_weights_take(isb_tensors *out, isb_callback_kind kind, const isb_tensors *state,
                                 isb_error *error) {
    char prefix[ISB_CALLBACK_PREFIX_SIZE];
    const size_t length = strlen(isb_callback_prefix(kind, prefix));
    *out = (isb_tensors){0};
    isb_status status = ISB_OK;
    for (size_t i = 0; i < state->count && status == ISB_OK; i++) {
        isb_tensor tensor = state->items[i];
        if (strncmp(tensor.name, prefix, length) != 0)
            continue;
        memmove(tensor.name, tensor.name + length, strlen(tensor.name + length) + 1);
        status = make_room(out, 1, error);
        if (status == ISB_OK)
            status = append(out, &tensor, error);
    }
    if (status != ISB_OK)
        isb_tensors_free(out);
    return status;
}
