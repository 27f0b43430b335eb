#include "export/exported.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One that changes nothing. */
static isb_status make_scaling(isb_exported_scaling *out, size_t width, bool wide,
                               isb_error *error) {
    *out = (isb_exported_scaling){width, wide, calloc(width, sizeof *out->offset),
                                  calloc(width, sizeof *out->divisor)};
    if (out->offset == NULL || out->divisor == NULL)
        return isb_fail_memory(error, "the scaling of the inputs");
    for (size_t i = 0; i < width; i++)
        out->divisor[i] = 1;
    return ISB_OK;
}

/* The scaling that the file has, which the experiment announces. */
static isb_status take_scaling(isb_exported *out, const isb_export_source *from, isb_error *error) {
    const isb_tensor *offset = isb_tensors_find(from->weights, ISB_SCALING_OFFSET),
                     *divisor = isb_tensors_find(from->weights, ISB_SCALING_DIVISOR);
    if (!isb_scales_features(from->experiment->scale_kind))
        return ISB_OK;
    const isb_status status = make_scaling(&out->scaling, offset->shape.sizes[0], false, error);
    for (size_t i = 0; status == ISB_OK && i < out->scaling.width; i++) {
        out->scaling.offset[i] = (double)offset->data[i];
        out->scaling.divisor[i] = (double)divisor->data[i];
    }
    return status;
}

static bool fits(const isb_feature *feature) {
    return isfinite((float)feature->offset) && isfinite((float)feature->fill) &&
           isfinite((float)feature->divisor) && (float)feature->divisor > 0;
}

/* Columns of numbers become inputs as they are, and are scaled then; those of texts are not. */
static isb_status scale_columns(isb_exported *out, const char *path, isb_error *error) {
    const isb_preprocessing *columns = &out->columns;
    const isb_status status = make_scaling(&out->scaling, columns->width, true, error);
    size_t input = 0;
    for (size_t i = 0; i < columns->count && status == ISB_OK; i++) {
        const isb_feature *feature = &columns->features[i];
        if (feature->categories == NULL && !fits(feature))
            return isb_fail(error, ISB_CORRUPT,
                            "%s: what column %zu of its table is scaled by, or filled with, is "
                            "beyond what a float32 holds",
                            path, i);
        if (feature->categories == NULL) {
            out->scaling.offset[input] = feature->offset;
            out->scaling.divisor[input] = feature->divisor;
        }
        input += feature->categories == NULL ? 1 : feature->category_count;
        input += feature->indicator;
    }
    return status;
}

float *isb_exported_floats(const double *values, size_t count) {
    float *floats = calloc(count, sizeof *floats);
    for (size_t i = 0; floats != NULL && i < count; i++)
        floats[i] = (float)values[i];
    return floats;
}

static isb_status take_columns(isb_exported *out, const isb_export_source *from, isb_error *error) {
    isb_status status =
        isb_preprocessing_read(&out->columns, from->preprocessing, from->path, error);
    if (status == ISB_OK && out->columns.width != isb_shape_size(from->model->input))
        status = isb_fail(error, ISB_CORRUPT,
                          "%s: its columns give %zu features, but its model takes %zu", from->path,
                          out->columns.width, isb_shape_size(from->model->input));
    if (status == ISB_OK && out->columns.classes != NULL &&
        out->columns.class_count != from->model->outputs)
        status = isb_fail(error, ISB_CORRUPT,
                          "%s: its table has %zu classes, but its model has %zu outputs",
                          from->path, out->columns.class_count, from->model->outputs);
    return status == ISB_OK ? scale_columns(out, from->path, error) : status;
}

isb_status isb_exported_make(isb_exported *out, const isb_export_source *from, isb_error *error) {
    const isb_experiment *experiment = from->experiment;
    *out = (isb_exported){
        .model = from->model,
        .weights = from->weights,
        .scale = experiment->scale_kind == ISB_SCALE_BY ? (float)experiment->scale : 1.0f,
        .softmax = experiment->from_logits,
        .preprocessing = from->preprocessing,
        .missing = &experiment->table.missing,
    };
    return isb_exported_is_table(out) ? take_columns(out, from, error)
                                      : take_scaling(out, from, error);
}

void isb_exported_free(isb_exported *exported) {
    free(exported->scaling.offset);
    free(exported->scaling.divisor);
    isb_preprocessing_free(&exported->columns);
    *exported = (isb_exported){0};
}

size_t isb_exported_count(const isb_exported *from) {
    size_t count = 0;
    for (size_t i = 0; i < from->model->count; i++)
        count += from->model->layers[i].kind == ISB_DENSE;
    return count;
}

/* Place among the layers of the dense layer `index`. */
static size_t place_of(const isb_model *model, size_t index) {
    size_t place = 0;
    for (size_t seen = 0; place < model->count; place++)
        if (model->layers[place].kind == ISB_DENSE && seen++ == index)
            break;
    return place;
}

static const isb_tensor *find(const isb_exported *from, const char *layer, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s", layer, what);
    return isb_tensors_find(from->weights, name);
}

isb_exported_dense isb_exported_at(const isb_exported *from, size_t index) {
    const size_t place = place_of(from->model, index);
    const isb_layer *layer = &from->model->layers[place];
    const char *name = from->model->info[place].name;
    const isb_tensor *kernel = find(from, name, "kernel");
    const bool last = index + 1 == isb_exported_count(from);
    return (isb_exported_dense){
        .name = name,
        .inputs = kernel->shape.sizes[0],
        .units = layer->units,
        .activation = last && from->softmax ? ISB_SOFTMAX : layer->activation,
        .kernel = kernel->data,
        .bias = layer->use_bias ? find(from, name, "bias")->data : NULL,
    };
}

static const isb_export_format formats[] = {
    {".keras", isb_export_keras, "metadata.json, in the archive"},
    {".onnx", isb_export_onnx, NULL},
    {".npz", isb_export_npz, "the array preprocessing"},
    {".safetensors", isb_export_safetensors, "the metadata"},
    {".h", isb_export_header, NULL},
};

isb_status isb_export_choose(const isb_export_format **out, const char *path, isb_error *error) {
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const size_t suffix = strlen(formats[i].suffix);
        if (length > suffix && strcmp(path + length - suffix, formats[i].suffix) == 0) {
            *out = &formats[i];
            return ISB_OK;
        }
    }
    return isb_fail(error, ISB_USAGE,
                    "--to: '%s' names no format; let the file end in .keras, .onnx, .npz, "
                    ".safetensors or .h",
                    path);
}
