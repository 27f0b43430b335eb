#include "export/keras_layers.h"
#include "export/keras_compile.h"
#include "io/json_bounds.h"
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 64, MOST_PARTS = 1 << 20 };

#define SUPPORTED                                                                                  \
    "a Sequential of InputLayer, Rescaling, Normalization, Flatten, Reshape, Dense, Dropout, "     \
    "Activation, ReLU and Softmax can be imported"

/* Where reading stands. */
typedef struct reader {
    const char *path;
    isb_error *error;
    isb_imported *out;
    isb_shape input;                                      /* rank 0: no layer has said it yet */
    char layer[ISB_CLIP_SIZE], class_name[ISB_CLIP_SIZE]; /* the one that is read */
} reader;

static isb_status fail(const reader *in, const char *what) {
    return isb_fail(in->error, ISB_CORRUPT, "%s: layer '%s' (%s): %s", in->path, in->layer,
                    in->class_name, what);
}

/* "" where there is no such text. */
static const char *get_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* A list of sizes behind the batch axis. */
static isb_status read_shape(reader *in, const json_t *list) {
    const size_t rank = json_array_size(list);
    if (rank < 2 || rank > ISB_MAX_RANK + 1)
        return fail(in, "its input must have 1 to 4 axes beside the batch");
    isb_shape shape = {.rank = rank - 1};
    for (size_t i = 1; i < rank; i++) {
        const json_t *size = json_array_get(list, i);
        if (!json_is_integer(size) || json_integer_value(size) < 1 ||
            json_integer_value(size) > INT_MAX)
            return fail(in, "its input has an axis of no fixed size");
        shape.sizes[i - 1] = (size_t)json_integer_value(size);
    }
    in->input = shape;
    return ISB_OK;
}

/* The first layer says the shape; an older file only in its build_config. */
static isb_status take_shape(reader *in, const json_t *layer, const json_t *config) {
    if (in->input.rank != 0)
        return ISB_OK;
    const json_t *shape = json_object_get(config, "batch_shape");
    if (shape == NULL)
        shape = json_object_get(config, "batch_input_shape");
    if (shape == NULL)
        shape = json_object_get(json_object_get(layer, "build_config"), "input_shape");
    return shape != NULL ? read_shape(in, shape)
                         : fail(in, "the shape of its input is not there; build the model, then "
                                    "save it");
}

/* A name, or a function written out as an object. */
static isb_status read_activation(reader *in, const json_t *config, isb_activation *out) {
    const json_t *value = json_object_get(config, "activation");
    const char *name = json_is_object(value) ? get_text(value, "config") : json_string_value(value);
    if (value == NULL || json_is_null(value))
        name = isb_activation_name(ISB_LINEAR);
    for (int a = ISB_LINEAR; name != NULL && a <= ISB_SOFTMAX; a++) {
        if (strcmp(name, isb_activation_name((isb_activation)a)) == 0) {
            *out = (isb_activation)a;
            return ISB_OK;
        }
    }
    char clipped[ISB_CLIP_SIZE];
    return isb_fail(
        in->error, ISB_CORRUPT,
        "%s: layer '%s' (%s): activation '%s' is not known; linear, relu, sigmoid, tanh "
        "and softmax are",
        in->path, in->layer, in->class_name, isb_clip(clipped, name != NULL ? name : "?"));
}

static isb_layer *add_layer(reader *in, isb_layer_kind kind) {
    isb_layer *layer = &in->out->layers[in->out->layer_count++];
    *layer = (isb_layer){.kind = kind};
    if (in->out->layer_count == 1)
        layer->input_shape = in->input;
    return layer;
}

static isb_status read_input(reader *in, const json_t *config) {
    (void)config;
    return in->out->layer_count > 0 ? fail(in, "it must be the first layer") : ISB_OK;
}

static isb_status read_flatten(reader *in, const json_t *config) {
    if (strcmp(get_text(config, "data_format"), "channels_first") == 0)
        return fail(in, "data_format channels_first is not supported");
    add_layer(in, ISB_FLATTEN);
    return ISB_OK;
}

static bool is_regularized(const json_t *config) {
    static const char *const keys[] = {"kernel_regularizer", "bias_regularizer",
                                       "activity_regularizer", "kernel_constraint",
                                       "bias_constraint"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (json_is_object(json_object_get(config, keys[i])))
            return true;
    return false;
}

static isb_status read_dense(reader *in, const json_t *config) {
    const json_t *units = json_object_get(config, "units");
    const json_t *bias = json_object_get(config, "use_bias");
    if (!json_is_integer(units) || json_integer_value(units) < 1 ||
        json_integer_value(units) > INT_MAX)
        return fail(in, "units is not a number from 1 to 2147483647");
    if (bias != NULL && !json_is_boolean(bias))
        return fail(in, "use_bias is neither true nor false");
    isb_layer *layer = add_layer(in, ISB_DENSE);
    layer->units = (size_t)json_integer_value(units);
    layer->use_bias = bias == NULL || json_is_true(bias);
    in->out->left_out = in->out->left_out || is_regularized(config);
    layer->kernel_initializer = ISB_GLOROT_UNIFORM;
    layer->bias_initializer = ISB_ZEROS;
    return read_activation(in, config, &layer->activation);
}

static isb_status read_dropout(reader *in, const json_t *config) {
    const json_t *rate = json_object_get(config, "rate"),
                 *shape = json_object_get(config, "noise_shape");
    if (!json_is_number(rate) || !(json_number_value(rate) >= 0 && json_number_value(rate) <= 1))
        return fail(in, "rate is not a number from 0 to 1");
    if (shape != NULL && !json_is_null(shape))
        return fail(in, "noise_shape is not supported");
    add_layer(in, ISB_DROPOUT)->rate = json_number_value(rate);
    return ISB_OK;
}

/* It goes into the dense layer before it; dropped units stay 0, and kept ones scaled, under a relu
 * alone. */
static isb_status take_activation(reader *in, isb_activation activation) {
    size_t last = in->out->layer_count;
    bool drops = false;
    if (activation == ISB_LINEAR)
        return ISB_OK;
    while (last > 0 && in->out->layers[last - 1].kind == ISB_DROPOUT)
        drops = in->out->layers[--last].rate > 0 || drops;
    isb_layer *dense = last > 0 ? &in->out->layers[last - 1] : NULL;
    if (dense == NULL || dense->kind != ISB_DENSE || dense->activation != ISB_LINEAR)
        return fail(in, "it must follow a Dense layer that has no activation of its own");
    if (drops && activation != ISB_RELU)
        return fail(in, "behind a Dropout only relu can be imported; move the Dropout behind it");
    dense->activation = activation;
    return ISB_OK;
}

static isb_status read_activation_layer(reader *in, const json_t *config) {
    isb_activation activation = ISB_LINEAR;
    const isb_status status = read_activation(in, config, &activation);
    return status == ISB_OK ? take_activation(in, activation) : status;
}

static bool is_zero(const json_t *value) {
    return value == NULL || json_is_null(value) ||
           (json_is_number(value) && json_number_value(value) == 0);
}

static isb_status read_relu(reader *in, const json_t *config) {
    const json_t *most = json_object_get(config, "max_value");
    if ((most != NULL && !json_is_null(most)) ||
        !is_zero(json_object_get(config, "negative_slope")) ||
        !is_zero(json_object_get(config, "threshold")))
        return fail(in, "max_value, negative_slope and threshold are not supported");
    return take_activation(in, ISB_RELU);
}

static isb_status read_softmax(reader *in, const json_t *config) {
    const json_t *axis = json_object_get(config, "axis");
    const json_int_t place = json_integer_value(axis);
    if (axis != NULL && (!json_is_integer(axis) || (place != -1 && place != 1)))
        return fail(in, "its axis must be the last one");
    return take_activation(in, ISB_SOFTMAX);
}

/* --- what is done to the inputs --- */

static isb_status add_step(reader *in, isb_keras_step **out) {
    if (in->out->step_count == ISB_KERAS_STEPS)
        return fail(in, "there are too many of its kind");
    for (size_t i = 0; i < in->out->layer_count; i++)
        if (in->out->layers[i].kind == ISB_DENSE)
            return fail(in, "it must stand before the first Dense layer");
    *out = &in->out->steps[in->out->step_count++];
    return ISB_OK;
}

/* After the last step was read. What adds to inputs would change those that a Dropout has set to 0.
 */
static isb_status close_step(reader *in, isb_status status, const char *problem) {
    if (status == ISB_NO_MEMORY)
        return isb_fail_memory(in->error, in->path);
    if (status != ISB_OK)
        return fail(in, problem);
    for (size_t i = 0; i < in->out->layer_count; i++)
        if (in->out->layers[i].kind == ISB_DROPOUT && in->out->layers[i].rate > 0 &&
            isb_keras_step_divisor(&in->out->steps[in->out->step_count - 1]) == 0)
            return fail(in, "it must stand before the first Dropout");
    return ISB_OK;
}

static isb_status read_rescaling(reader *in, const json_t *config) {
    isb_keras_step *step;
    const char *problem;
    const isb_status status = add_step(in, &step);
    if (status != ISB_OK)
        return status;
    const isb_status read = isb_keras_read_rescaling(step, config, &problem);
    return close_step(in, read, problem);
}

/* What a layer takes that comes after those read so far: Flatten alone changes it before a Dense.
 */
static isb_shape shape_so_far(const reader *in) {
    for (size_t i = 0; i < in->out->layer_count; i++)
        if (in->out->layers[i].kind == ISB_FLATTEN)
            return (isb_shape){1, {isb_shape_size(in->input)}};
    return in->input;
}

static isb_status read_normalization(reader *in, const json_t *config) {
    isb_keras_step *step;
    const char *problem;
    size_t ordinal = 0;
    for (size_t i = 0; i < in->out->step_count; i++)
        ordinal += in->out->steps[i].normalizes;
    const isb_status status = add_step(in, &step);
    if (status != ISB_OK)
        return status;
    const isb_status read = isb_keras_read_normalization(step, config, shape_so_far(in), &problem);
    step->ordinal = ordinal;
    return close_step(in, read, problem);
}

/* One axis is what Flatten gives. */
static isb_status read_reshape(reader *in, const json_t *config) {
    const json_t *shape = json_object_get(config, "target_shape");
    const json_int_t size = json_integer_value(json_array_get(shape, 0));
    for (size_t i = 0; i < in->out->layer_count; i++)
        if (in->out->layers[i].kind == ISB_DENSE)
            return fail(in, "it must stand before the first Dense layer");
    if (json_array_size(shape) != 1 ||
        (size != -1 && size != (json_int_t)isb_shape_size(in->input)))
        return fail(in, "only a Reshape of all that comes in to one axis can be imported");
    add_layer(in, ISB_FLATTEN);
    return ISB_OK;
}

static const struct {
    const char *class_name;
    isb_status (*read)(reader *in, const json_t *config);
} kinds[] = {
    {"InputLayer", read_input},
    {"Rescaling", read_rescaling},
    {"Normalization", read_normalization},
    {"Flatten", read_flatten},
    {"Reshape", read_reshape},
    {"Dense", read_dense},
    {"Dropout", read_dropout},
    {"Activation", read_activation_layer},
    {"ReLU", read_relu},
    {"Softmax", read_softmax},
};

static isb_status read_layer(reader *in, const json_t *layer) {
    const json_t *config = json_object_get(layer, "config");
    const char *class_name = get_text(layer, "class_name");
    isb_clip(in->layer, get_text(config, "name"));
    isb_clip(in->class_name, class_name);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(class_name, kinds[i].class_name) != 0)
            continue;
        const isb_status status = take_shape(in, layer, config);
        return status == ISB_OK ? kinds[i].read(in, config) : status;
    }
    return fail(in, "this kind of layer is not supported; " SUPPORTED);
}

static isb_status read_layers(reader *in, const json_t *layers) {
    size_t i;
    json_t *layer;
    isb_status status = ISB_OK;
    in->out->layers = calloc(json_array_size(layers) + 1, sizeof *in->out->layers);
    if (in->out->layers == NULL)
        return isb_fail_memory(in->error, in->path);
    json_array_foreach(layers, i, layer) {
        status = read_layer(in, layer);
        if (status != ISB_OK)
            return status;
    }
    return status;
}

static isb_status read_model(reader *in, const json_t *model) {
    const json_t *layers = json_object_get(json_object_get(model, "config"), "layers");
    char class_name[ISB_CLIP_SIZE];
    if (strcmp(get_text(model, "class_name"), "Sequential") != 0)
        return isb_fail(in->error, ISB_CORRUPT, "%s: is a %s; " SUPPORTED, in->path,
                        isb_clip(class_name, get_text(model, "class_name")));
    if (json_array_size(layers) == 0)
        return isb_fail(in->error, ISB_CORRUPT, "%s: config.json: the model has no layers",
                        in->path);
    return read_layers(in, layers);
}

isb_status isb_keras_layers(isb_imported *out, const char *config, size_t length, const char *path,
                            isb_error *error) {
    reader in = {.path = path, .error = error, .out = out};
    json_error_t problem;
    char clipped[ISB_CLIP_SIZE];
    const char *excess = isb_json_excess(config, length, MOST_DEPTH, MOST_PARTS);
    if (excess != NULL)
        return isb_fail(error, ISB_CORRUPT, "%s: config.json: %s", path, excess);
    json_t *model = json_loadb(config, length, JSON_REJECT_DUPLICATES, &problem);
    if (model == NULL && json_error_code(&problem) == json_error_out_of_memory)
        return isb_fail_memory(error, path);
    if (model == NULL)
        return isb_fail(error, ISB_CORRUPT, "%s: config.json: byte %d: %s", path, problem.position,
                        isb_clip(clipped, problem.text));
    const isb_status status = read_model(&in, model);
    isb_keras_read_compile(out, model);
    json_decref(model);
    return status;
}
