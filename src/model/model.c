#include <inttypes.h>
#include <isobit/model.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bounds parameters and the outputs of a layer: 2^40 bytes of float, so that no size computed from
 * them (optimizer state, a batch of activations of reasonable rows) can overflow. */
static const uint64_t MOST_ELEMENTS = (uint64_t)1 << 38;

enum { WHERE_SIZE = 512, SHAPE_SIZE = 128 };

const char *isb_activation_name(isb_activation activation) {
    switch (activation) {
    case ISB_LINEAR:
        return "linear";
    case ISB_RELU:
        return "relu";
    case ISB_SIGMOID:
        return "sigmoid";
    case ISB_TANH:
        return "tanh";
    case ISB_SOFTMAX:
        return "softmax";
    }
    return "unknown";
}

const char *isb_layer_kind_name(isb_layer_kind kind) {
    switch (kind) {
    case ISB_FLATTEN:
        return "flatten";
    case ISB_DENSE:
        return "dense";
    case ISB_DROPOUT:
        return "dropout";
    }
    return "unknown";
}

size_t isb_shape_size(isb_shape shape) {
    size_t size = 1;
    for (size_t i = 0; i < shape.rank; i++) {
        if (__builtin_mul_overflow(size, shape.sizes[i], &size))
            return 0;
    }
    return size;
}

bool isb_shape_equal(isb_shape a, isb_shape b) {
    return a.rank == b.rank && memcmp(a.sizes, b.sizes, a.rank * sizeof a.sizes[0]) == 0;
}

/* "[28, 28]" */
static const char *shape_text(isb_shape shape, char out[SHAPE_SIZE]) {
    size_t used = 0;
    for (size_t i = 0; i < shape.rank; i++)
        used += (size_t)snprintf(out + used, SHAPE_SIZE - used, "%s%zu", i == 0 ? "[" : ", ",
                                 shape.sizes[i]);
    snprintf(out + used, SHAPE_SIZE - used, shape.rank == 0 ? "[]" : "]");
    return out;
}

/* "file:line:column", or the layer's place in the list where it came from no file. */
static const char *where(const isb_layer *layers, size_t index, char out[WHERE_SIZE]) {
    if (layers[index].where != NULL)
        snprintf(out, WHERE_SIZE, "%s", layers[index].where);
    else
        snprintf(out, WHERE_SIZE, "layer %zu (%s)", index, isb_layer_kind_name(layers[index].kind));
    return out;
}

/* The model's input: the data's shape, with which a given input_shape must agree. */
static isb_status find_input(isb_model *model, isb_shape data, isb_error *error) {
    char place[WHERE_SIZE], given_text[SHAPE_SIZE], data_text[SHAPE_SIZE];
    isb_shape given = model->layers[0].input_shape;
    where(model->layers, 0, place);
    if (given.rank == 0 && data.rank == 0)
        return isb_fail(
            error, ISB_USAGE,
            "%s: the shape of the input is unknown; give the first layer an input_shape", place);
    model->input = data.rank == 0 ? given : data;
    if (given.rank != 0 && data.rank != 0 && !isb_shape_equal(given, data))
        return isb_fail(error, ISB_USAGE,
                        "%s: input_shape %s does not fit the data, whose examples are %s; "
                        "write input_shape: %s, or leave it out",
                        place, shape_text(given, given_text), shape_text(data, data_text),
                        data_text);
    size_t size = isb_shape_size(model->input);
    if (size == 0 || size > MOST_ELEMENTS)
        return isb_fail(error, ISB_USAGE, "%s: an example of shape %s is empty or too large", place,
                        shape_text(model->input, data_text));
    return ISB_OK;
}

/* Parameters of a dense layer; false if there are more than can be held. */
static bool count_parameters(const isb_layer *layer, size_t inputs, size_t *count) {
    size_t kernel;
    if (__builtin_mul_overflow(inputs, layer->units, &kernel) ||
        __builtin_add_overflow(kernel, layer->use_bias ? layer->units : 0, count))
        return false;
    return *count <= MOST_ELEMENTS;
}

static isb_status build_dense(isb_model *model, size_t index, isb_shape input, isb_error *error) {
    char place[WHERE_SIZE], text[SHAPE_SIZE];
    const isb_layer *layer = &model->layers[index];
    isb_layer_info *info = &model->info[index];
    where(model->layers, index, place);
    if (input.rank != 1)
        return isb_fail(error, ISB_USAGE,
                        "%s: dense takes one axis, but its input has the shape %s; "
                        "put a flatten layer before it",
                        place, shape_text(input, text));
    if (layer->units == 0)
        return isb_fail(error, ISB_USAGE, "%s: dense needs at least 1 unit", place);
    if (!count_parameters(layer, input.sizes[0], &info->parameters) ||
        model->parameters + info->parameters > MOST_ELEMENTS)
        return isb_fail(error, ISB_USAGE,
                        "%s: with %zu units on %zu inputs the model has more than %" PRIu64
                        " parameters; use fewer units",
                        place, layer->units, input.sizes[0], MOST_ELEMENTS);
    info->output = (isb_shape){.rank = 1, .sizes = {layer->units}};
    return ISB_OK;
}

/* The first of a kind has the kind's name, the next ones a number from 1, as in Keras. */
static void name_layer(isb_model *model, size_t index, size_t ordinal) {
    const char *kind = isb_layer_kind_name(model->layers[index].kind);
    char *name = model->info[index].name;
    if (ordinal == 0)
        snprintf(name, sizeof model->info[index].name, "%s", kind);
    else
        snprintf(name, sizeof model->info[index].name, "%s_%zu", kind, ordinal);
}

/* The loss takes one row of class scores an example, and those come from a dense layer alone; only
 * dropouts may follow it. */
static isb_status check_output(isb_model *model, isb_error *error) {
    char place[WHERE_SIZE];
    size_t last = model->count - 1;
    while (last > 0 && model->layers[last].kind == ISB_DROPOUT)
        last--;
    if (model->layers[last].kind != ISB_DENSE)
        return isb_fail(error, ISB_USAGE,
                        "%s: the last layer is %s, but it must be dense, with one unit a class",
                        where(model->layers, last, place),
                        isb_layer_kind_name(model->layers[last].kind));
    model->outputs = model->layers[last].units;
    return ISB_OK;
}

static isb_status build_layers(isb_model *model, isb_error *error) {
    size_t seen[ISB_DROPOUT + 1] = {0};
    isb_shape shape = model->input;
    for (size_t i = 0; i < model->count; i++) {
        isb_layer_info *info = &model->info[i];
        name_layer(model, i, seen[model->layers[i].kind]++);
        switch (model->layers[i].kind) {
        case ISB_FLATTEN:
            info->output = (isb_shape){.rank = 1, .sizes = {isb_shape_size(shape)}};
            break;
        case ISB_DROPOUT:
            info->output = shape;
            break;
        case ISB_DENSE: {
            isb_status status = build_dense(model, i, shape, error);
            if (status != ISB_OK)
                return status;
            break;
        }
        }
        model->parameters += info->parameters;
        shape = info->output;
    }
    return check_output(model, error);
}

isb_status isb_model_build(isb_model *out, const isb_layer *layers, size_t count, isb_shape data,
                           isb_error *error) {
    *out = (isb_model){.layers = layers, .count = count};
    if (count == 0)
        return isb_fail(error, ISB_USAGE, "the model has no layers; give it at least a dense one");
    out->info = calloc(count, sizeof *out->info);
    if (out->info == NULL)
        return isb_fail_memory(error, "the model's layers");
    isb_status status = find_input(out, data, error);
    if (status == ISB_OK)
        status = build_layers(out, error);
    if (status != ISB_OK)
        isb_model_free(out);
    return status;
}

void isb_model_free(isb_model *model) {
    free(model->info);
    *model = (isb_model){0};
}
