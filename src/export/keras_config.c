#include "export/keras_config.h"
#include "io/json.h"
#include <isobit/version.h>

/* The first version that has this format, and a fixed time: the same model gives the same file. */
isb_status isb_keras_metadata(const isb_exported *from, char **text, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "keras_version", "3.0.0");
    isb_json_string(&json, "date_saved", "1980-01-01@00:00:00");
    isb_json_string(&json, "saved_by", "isobit " ISB_VERSION);
    if (isb_exported_is_table(from))
        isb_json_string(&json, "preprocessing", from->preprocessing);
    isb_json_end_object(&json);
    return isb_json_finish(&json, text, error);
}

/* Opens a layer and, within it, its config; `class_name` as in keras.layers. */
static void begin_layer(isb_json *json, const char *class_name, const char *name) {
    isb_json_object(json, NULL);
    isb_json_string(json, "module", "keras.layers");
    isb_json_string(json, "class_name", class_name);
    isb_json_object(json, "config");
    isb_json_string(json, "name", name);
    isb_json_string(json, "dtype", "float32");
}

static void end_layer(isb_json *json, const isb_shape *input) {
    isb_json_end_object(json);
    isb_json_null(json, "registered_name");
    if (input != NULL) {
        isb_json_object(json, "build_config");
        isb_json_shape(json, "input_shape", *input);
        isb_json_end_object(json);
    }
    isb_json_end_object(json);
}

static void put_input(isb_json *json, isb_shape shape) {
    begin_layer(json, "InputLayer", "input_layer");
    isb_json_shape(json, "batch_shape", shape);
    isb_json_boolean(json, "sparse", false);
    end_layer(json, NULL);
}

static void put_rescaling(isb_json *json, float scale, isb_shape input) {
    begin_layer(json, "Rescaling", "rescaling");
    isb_json_double(json, "scale", 1.0 / (double)scale);
    isb_json_double(json, "offset", 0.0);
    end_layer(json, &input);
}

/* A value of an input's scaling. */
typedef double input_value(const isb_exported_scaling *scaling, size_t input);

/* The values of one axis and those behind it; gives the place of the next one. */
static size_t put_values(isb_json *json, const char *key, const isb_shape *shape, size_t axis,
                         input_value *value, const isb_exported_scaling *scaling, size_t place) {
    if (axis == ISB_MAX_RANK || axis == shape->rank) {
        isb_json_double(json, NULL, value(scaling, place));
        return place + 1;
    }
    isb_json_array(json, key);
    for (size_t i = 0; i < shape->sizes[axis]; i++)
        place = put_values(json, NULL, shape, axis + 1, value, scaling, place);
    isb_json_end_array(json);
    return place;
}

static double mean_of(const isb_exported_scaling *scaling, size_t i) { return scaling->offset[i]; }
static double variance_of(const isb_exported_scaling *scaling, size_t i) {
    return scaling->divisor[i] * scaling->divisor[i];
}

/* Keras has the mean in float32: what is lost of it, in deviations. */
static double rest_of(const isb_exported_scaling *scaling, size_t i) {
    return (scaling->offset[i] - (double)(float)scaling->offset[i]) / scaling->divisor[i];
}
static double one(const isb_exported_scaling *scaling, size_t i) {
    (void)scaling;
    (void)i;
    return 1;
}

static bool has_rest(const isb_exported_scaling *scaling) {
    for (size_t i = 0; i < scaling->width; i++)
        if (rest_of(scaling, i) != 0)
            return true;
    return false;
}

/* Means and variances as they are given, of every axis. */
static void put_normalization(isb_json *json, const char *name, const isb_exported_scaling *scaling,
                              isb_shape input, input_value *mean, input_value *variance) {
    begin_layer(json, "Normalization", name);
    isb_json_array(json, "axis");
    for (size_t i = 1; i <= input.rank; i++)
        isb_json_unsigned(json, NULL, i);
    isb_json_end_array(json);
    isb_json_boolean(json, "invert", false);
    put_values(json, "mean", &input, 0, mean, scaling, 0);
    put_values(json, "variance", &input, 0, variance, scaling, 0);
    end_layer(json, &input);
}

static void put_scaling(isb_json *json, const isb_exported_scaling *scaling, isb_shape input) {
    if (scaling->width == 0)
        return;
    put_normalization(json, "normalization", scaling, input, mean_of, variance_of);
    if (has_rest(scaling))
        put_normalization(json, "normalization_1", scaling, input, rest_of, one);
}

static const char *initializer_class(isb_initializer initializer) {
    switch (initializer) {
    case ISB_GLOROT_UNIFORM: return "glorot_uniform";
    case ISB_HE_UNIFORM: return "he_uniform";
    case ISB_ZEROS: return "zeros";
    }
    return "zeros";
}

static void put_layer(isb_json *json, const isb_layer *layer, const char *name, isb_shape input) {
    switch (layer->kind) {
    case ISB_FLATTEN: begin_layer(json, "Flatten", name); break;
    case ISB_DROPOUT:
        begin_layer(json, "Dropout", name);
        isb_json_double(json, "rate", layer->rate);
        break;
    case ISB_DENSE:
        begin_layer(json, "Dense", name);
        isb_json_unsigned(json, "units", layer->units);
        isb_json_string(json, "activation", isb_activation_name(layer->activation));
        isb_json_boolean(json, "use_bias", layer->use_bias);
        isb_json_string(json, "kernel_initializer", initializer_class(layer->kernel_initializer));
        isb_json_string(json, "bias_initializer", initializer_class(layer->bias_initializer));
        break;
    }
    end_layer(json, &input);
}

static void put_softmax(isb_json *json, isb_shape input) {
    begin_layer(json, "Activation", "activation");
    isb_json_string(json, "activation", "softmax");
    end_layer(json, &input);
}

static void put_layers(isb_json *json, const isb_exported *from) {
    const isb_model *model = from->model;
    isb_shape shape = model->input;
    isb_json_array(json, "layers");
    put_input(json, shape);
    if (from->scale != 1.0f)
        put_rescaling(json, from->scale, shape);
    put_scaling(json, &from->scaling, shape);
    for (size_t i = 0; i < model->count; i++) {
        put_layer(json, &model->layers[i], model->info[i].name, shape);
        shape = model->info[i].output;
    }
    if (from->softmax)
        put_softmax(json, shape);
    isb_json_end_array(json);
}

isb_status isb_keras_config(const isb_exported *from, char **text, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "module", "keras");
    isb_json_string(&json, "class_name", "Sequential");
    isb_json_object(&json, "config");
    isb_json_string(&json, "name", "sequential");
    isb_json_boolean(&json, "trainable", true);
    put_layers(&json, from);
    isb_json_shape(&json, "build_input_shape", from->model->input);
    isb_json_end_object(&json);
    isb_json_null(&json, "registered_name");
    isb_json_object(&json, "build_config");
    isb_json_shape(&json, "input_shape", from->model->input);
    isb_json_end_object(&json);
    isb_json_end_object(&json);
    return isb_json_finish(&json, text, error);
}
