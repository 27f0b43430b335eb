/* A trained network as other programs get it. */
#ifndef ISB_EXPORT_EXPORTED_H
#define ISB_EXPORT_EXPORTED_H

#include <isobit/experiment.h>
#include <isobit/model.h>
#include <isobit/tensors.h>

typedef struct isb_exported {
    const isb_model *model;
    const isb_tensors *weights; /* all that the model has, of its shapes */
    float scale;                /* inputs are divided by it; 1: taken as they are */
    bool softmax; /* predictions are the softmax of the model's outputs, which itself lacks it */
} isb_exported;

/* `experiment` is a resolved one; the rest is borrowed. */
void isb_exported_make(isb_exported *out, const isb_experiment *experiment, const isb_model *model,
                       const isb_tensors *weights);

/* A dense layer with its parameters, borrowed. */
typedef struct isb_exported_dense {
    const char *name;
    size_t inputs, units;
    isb_activation activation; /* softmax also where it comes after the model */
    const float *kernel;       /* (inputs, units) */
    const float *bias;         /* (units), or NULL */
} isb_exported_dense;

size_t isb_exported_count(const isb_exported *from); /* of dense layers */
isb_exported_dense isb_exported_at(const isb_exported *from, size_t index);

/* The formats. Each writes the file in one go (io/file.h); ISB_FAILURE, ISB_NO_MEMORY. */
isb_status isb_export_npz(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_safetensors(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_header(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_onnx(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_keras(const isb_exported *from, const char *path, isb_error *error);

/* The format that the path's suffix names: ISB_USAGE where it names none. */
typedef isb_status isb_export_format(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_choose(isb_export_format **out, const char *path, isb_error *error);

#endif
