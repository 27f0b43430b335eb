#include "export/keras_import.h"
#include "base/number.h"
#include "export/archive.h"
#include "export/hdf5_read.h"
#include "export/keras_compile.h"
#include "export/keras_layers.h"
#include "io/file.h"
#include "io/yaml.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the members; a header of 16 MiB describes more layers than any sense has. */
static const size_t MOST_CONFIG = (size_t)16 << 20, MOST_WEIGHTS = (size_t)1 << 31;

void isb_imported_free(isb_imported *imported) {
    free(imported->layers);
    for (size_t i = 0; i < imported->step_count; i++)
        isb_keras_step_free(&imported->steps[i]);
    isb_tensors_free(&imported->weights);
    *imported = (isb_imported){0};
}

/* --- weights --- */

/* Keras counts the layers of a class as Isobit does: dense, dense_1, ... */
static isb_status read_variable(isb_imported *out, isb_hdf5_reader *weights, const char *layer,
                                size_t index, isb_shape shape) {
    isb_tensor *tensor = &out->weights.items[out->weights.count];
    const size_t size = isb_shape_size(shape);
    char place[80];
    if (size > MOST_WEIGHTS / sizeof(float))
        return isb_fail(weights->error, ISB_CORRUPT, "%s: %s has more weights than 2 GiB hold",
                        weights->path, layer);
    snprintf(tensor->name, sizeof tensor->name, "%s.%s", layer, index == 0 ? "kernel" : "bias");
    snprintf(place, sizeof place, "layers/%s/vars/%zu", layer, index);
    tensor->shape = shape;
    const bool fits = size * sizeof(uint16_t) <= weights->length;
    tensor->data = fits ? calloc(size, sizeof(float)) : NULL;
    if (tensor->data == NULL && fits)
        return isb_fail_memory(weights->error, weights->path);
    if (tensor->data == NULL)
        return isb_fail(weights->error, ISB_CORRUPT,
                        "%s: model.weights.h5: too short for %s of config.json", weights->path,
                        layer);
    out->weights.count++;
    return isb_hdf5_reader_floats(weights, place, shape, tensor->data);
}

static isb_status read_weights(isb_imported *out, const isb_model *model,
                               isb_hdf5_reader *weights) {
    isb_status status = ISB_OK;
    isb_shape input = model->input;
    out->weights.items = calloc(2 * model->count + 2, sizeof *out->weights.items);
    if (out->weights.items == NULL)
        return isb_fail_memory(weights->error, weights->path);
    for (size_t i = 0; i < model->count && status == ISB_OK; i++) {
        const isb_layer *layer = &model->layers[i];
        const char *name = model->info[i].name;
        if (layer->kind == ISB_DENSE) {
            const isb_shape kernel = {.rank = 2, .sizes = {input.sizes[0], layer->units}};
            status = read_variable(out, weights, name, 0, kernel);
            if (status == ISB_OK && layer->use_bias)
                status = read_variable(out, weights, name, 1, model->info[i].output);
        }
        input = model->info[i].output;
    }
    return status;
}

static isb_status scale_inputs(isb_imported *out, const isb_model *model,
                               isb_hdf5_reader *weights) {
    const double divisor = out->step_count == 1 ? isb_keras_step_divisor(&out->steps[0]) : 0;
    out->scale = divisor > 0 ? divisor : 1;
    out->scaled = out->step_count > 0 && divisor == 0;
    if (!out->scaled)
        return ISB_OK;
    return isb_keras_compose(&out->weights, out->steps, out->step_count,
                             isb_shape_size(model->input), weights);
}

/* --- one sigmoid --- */

/* (count, 1) becomes (count, 2), the first column being 0. */
static isb_status widen(isb_tensor *tensor, isb_hdf5_reader *weights) {
    const size_t count = isb_shape_size(tensor->shape);
    float *wide = calloc(2 * count, sizeof *wide);
    if (wide == NULL)
        return isb_fail_memory(weights->error, weights->path);
    for (size_t i = 0; i < count; i++)
        wide[2 * i + 1] = tensor->data[i];
    free(tensor->data);
    tensor->data = wide;
    tensor->shape.sizes[tensor->shape.rank - 1] = 2;
    return ISB_OK;
}

/* sigmoid(z) is the second of softmax(0, z): two classes with the same probabilities. */
static isb_status make_two_classes(isb_imported *out, const isb_model *model,
                                   isb_hdf5_reader *weights) {
    const size_t last = model->count - 1;
    isb_layer *layer = &out->layers[last];
    isb_status status = ISB_OK;
    if (layer->kind != ISB_DENSE || layer->units != 1 || layer->activation != ISB_SIGMOID)
        return ISB_OK;
    for (size_t i = 0; i < out->weights.count && status == ISB_OK; i++) {
        isb_tensor *tensor = &out->weights.items[i];
        const size_t name = strlen(model->info[last].name);
        if (strncmp(tensor->name, model->info[last].name, name) == 0 && tensor->name[name] == '.')
            status = widen(tensor, weights);
    }
    layer->units = 2;
    layer->activation = ISB_SOFTMAX;
    out->two_classes = true;
    return status;
}

/* --- the whole --- */

/* A model that does not hold together is the file's fault here. */
static isb_status build(isb_model *model, const isb_imported *from, const char *path,
                        isb_error *error) {
    isb_error reasons = ISB_ERROR_INIT;
    isb_status status =
        isb_model_build(model, from->layers, from->layer_count, (isb_shape){0}, &reasons);
    if (status == ISB_USAGE)
        status = ISB_CORRUPT;
    if (status != ISB_OK)
        isb_fail(error, status, "%s: %s", path, isb_error_text(&reasons));
    isb_error_clear(&reasons);
    return status;
}

isb_status isb_keras_parse(isb_imported *out, const char *config, size_t config_length,
                           const char *weights, size_t weights_length, const char *path,
                           isb_error *error) {
    *out = (isb_imported){0};
    isb_model model = {0};
    isb_hdf5_reader reader;
    isb_status status = isb_keras_layers(out, config, config_length, path, error);
    if (status == ISB_OK)
        status = build(&model, out, path, error);
    if (status == ISB_OK)
        status = isb_hdf5_reader_open(&reader, weights, weights_length, path, error);
    if (status == ISB_OK)
        status = read_weights(out, &model, &reader);
    if (status == ISB_OK)
        status = scale_inputs(out, &model, &reader);
    if (status == ISB_OK)
        status = make_two_classes(out, &model, &reader);
    isb_model_free(&model);
    if (status != ISB_OK)
        isb_imported_free(out);
    return status;
}

isb_status isb_keras_import(isb_imported *out, const char *path, isb_error *error) {
    char *config = NULL, *weights = NULL;
    size_t config_length = 0, weights_length = 0;
    *out = (isb_imported){0};
    isb_archive archive;
    isb_status status = isb_archive_open(&archive, path, error);
    if (status == ISB_OK)
        status =
            isb_archive_read(&archive, "config.json", MOST_CONFIG, &config, &config_length, error);
    if (status == ISB_OK)
        status = isb_archive_read(&archive, "model.weights.h5", MOST_WEIGHTS, &weights,
                                  &weights_length, error);
    isb_archive_close(&archive);
    if (status == ISB_OK)
        status = isb_keras_parse(out, config, config_length, weights, weights_length, path, error);
    free(config);
    free(weights);
    return status;
}

/* --- the experiment --- */

static void add_number(isb_text *out, double value) {
    char number[ISB_NUMBER_SIZE];
    isb_format_double(number, value);
    isb_text_add(out, number);
}

static void add_shape(isb_text *out, isb_shape shape) {
    isb_text_add(out, "input_shape: [");
    for (size_t i = 0; i < shape.rank; i++)
        isb_text_format(out, "%s%zu", i > 0 ? ", " : "", shape.sizes[i]);
    isb_text_add(out, "]");
}

static void add_layer(isb_text *out, const isb_layer *layer) {
    const bool first = layer->input_shape.rank > 0;
    isb_text_format(out, "  - %s", isb_layer_kind_name(layer->kind));
    if (layer->kind == ISB_FLATTEN && !first) {
        isb_text_add(out, "\n");
        return;
    }
    isb_text_add(out, ": {");
    if (layer->kind == ISB_DENSE)
        isb_text_format(out, "units: %zu, activation: %s%s", layer->units,
                        isb_activation_name(layer->activation),
                        layer->use_bias ? "" : ", use_bias: false");
    if (layer->kind == ISB_DROPOUT) {
        isb_text_add(out, "rate: ");
        add_number(out, layer->rate);
    }
    if (first) {
        isb_text_add(out, layer->kind == ISB_FLATTEN ? "" : ", ");
        add_shape(out, layer->input_shape);
    }
    isb_text_add(out, "}\n");
}

/* A model that ends in raw scores has the loss of a regression that it was compiled with, else one
 * that takes them as such; a single one can only be of a regression. */
static void add_loss(isb_text *out, const isb_imported *from) {
    size_t last = from->layer_count - 1;
    while (last > 0 && from->layers[last].kind != ISB_DENSE)
        last--;
    const isb_layer *layer = &from->layers[last];
    const bool raw = layer->activation == ISB_LINEAR;
    const bool compiled = isb_is_regression(from->loss);
    if (!raw || (!compiled && layer->units > 1)) {
        isb_text_add(out, raw ? "{sparse_categorical_crossentropy: {from_logits: true}}"
                              : "sparse_categorical_crossentropy");
        isb_text_add(out, "\n  metrics: [accuracy]");
        return;
    }
    const isb_loss_kind loss = compiled ? from->loss : ISB_SQUARED_ERROR;
    const bool delta = loss == ISB_HUBER && from->delta > 0;
    isb_text_add(out, delta ? "{" : "");
    isb_text_add(out, isb_loss_name(loss));
    if (delta) {
        isb_text_add(out, ": {delta: ");
        add_number(out, from->delta);
        isb_text_add(out, "}}");
    }
}

void isb_imported_experiment(const isb_imported *from, const char *name, const char *weights,
                             isb_text *out) {
    isb_text_add(out, "name: ");
    isb_yaml_add_string(out, name);
    isb_text_add(out, "\ndata:\n"
                      "  source: digits  # a model file does not say its data: put yours here\n"
                      "  scale: ");
    if (from->scaled)
        isb_text_add(out, "model_weights  # each input by its own numbers, which that file has");
    else if (from->scale == 1)
        isb_text_add(out, "none");
    else
        add_number(out, from->scale);
    isb_text_add(out, "\nmodel:\n");
    for (size_t i = 0; i < from->layer_count; i++)
        add_layer(out, &from->layers[i]);
    if (from->left_out)
        isb_text_add(out, "  # the model's regularizers and constraints are left out\n");
    if (from->two_classes)
        isb_text_add(out, "  # the two units are one of a sigmoid: its output is p_1\n");
    isb_text_add(out, "compile:\n  optimizer: ");
    isb_keras_add_optimizer(out, from);
    isb_text_add(out, "\n  loss: ");
    add_loss(out, from);
    isb_text_add(out, "\nfit:\n  epochs: 1\nmodel_weights: ");
    isb_yaml_add_string(out, weights);
    isb_text_add(out, "\n");
}
