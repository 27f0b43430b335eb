#include "export/exported.h"
#include <stdio.h>
#include <string.h>

void isb_exported_make(isb_exported *out, const isb_experiment *experiment, const isb_model *model,
                       const isb_tensors *weights) {
    *out = (isb_exported){
        .model = model,
        .weights = weights,
        .scale = experiment->scale_kind == ISB_SCALE_BY ? (float)experiment->scale : 1.0f,
        .softmax = experiment->from_logits,
    };
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

static const struct {
    const char *suffix;
    isb_export_format *write;
} formats[] = {
    {".keras", isb_export_keras}, {".onnx", isb_export_onnx},
    {".npz", isb_export_npz},     {".safetensors", isb_export_safetensors},
    {".h", isb_export_header},
};

isb_status isb_export_choose(isb_export_format **out, const char *path, isb_error *error) {
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const size_t suffix = strlen(formats[i].suffix);
        if (length > suffix && strcmp(path + length - suffix, formats[i].suffix) == 0) {
            *out = formats[i].write;
            return ISB_OK;
        }
    }
    return isb_fail(error, ISB_USAGE,
                    "--to: '%s' names no format; let the file end in .keras, .onnx, .npz, "
                    ".safetensors or .h",
                    path);
}
