/* A trained network as other programs get it. */
#ifndef ISB_EXPORT_EXPORTED_H
#define ISB_EXPORT_EXPORTED_H

#include "data/preprocessing.h"
#include "model/scaling.h"
#include <isobit/experiment.h>
#include <isobit/model.h>
#include <isobit/tensors.h>

/* What each input is scaled by of its own: (x - offset) / divisor, in float32, or, where it is
 * `wide`, in double and rounded once. Values of one that is not wide are floats. */
typedef struct isb_exported_scaling {
    size_t width; /* inputs; 0: none is */
    bool wide;
    double *offset, *divisor;
} isb_exported_scaling;

typedef struct isb_exported {
    const isb_model *model;
    const isb_tensors *weights; /* all that the model has, of its shapes */
    float scale;                /* inputs are divided by it; 1: taken as they are */
    isb_exported_scaling scaling;
    bool softmax; /* predictions are the softmax of the model's outputs, which itself lacks it */

    /* Of a model of a table, whose inputs come from its columns before they are scaled. */
    const char *preprocessing; /* as JSON; NULL: none */
    isb_preprocessing columns;
    const isb_names *missing; /* texts that stand for a missing cell, besides the empty one */
} isb_exported;

/* What is exported of a model file. */
typedef struct isb_export_source {
    const isb_experiment *experiment; /* a resolved one */
    const isb_model *model;
    const isb_tensors *weights; /* the model's, of its shapes, and its scaling, where it has one */
    const char *preprocessing;  /* as isb_preprocessing_write wrote it; NULL: none */
    const char *path;           /* of the file, for messages */
} isb_export_source;

/* Everything is borrowed. ISB_CORRUPT where the columns are not this model's. Released by
 * isb_exported_free, also after a failure. */
isb_status isb_exported_make(isb_exported *out, const isb_export_source *from, isb_error *error);
void isb_exported_free(isb_exported *exported);

/* `count` values as floats, to be released by free(); NULL: no memory. */
float *isb_exported_floats(const double *values, size_t count);

static inline bool isb_exported_is_table(const isb_exported *from) {
    return from->preprocessing != NULL;
}

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

/* The formats. Each writes the file in one go (io/file.h); ISB_FAILURE, ISB_NO_MEMORY, ISB_USAGE
 * where the format cannot hold the model. */
isb_status isb_export_npz(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_safetensors(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_header(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_onnx(const isb_exported *from, const char *path, isb_error *error);
isb_status isb_export_keras(const isb_exported *from, const char *path, isb_error *error);

typedef struct isb_export_format {
    const char *suffix;
    isb_status (*write)(const isb_exported *from, const char *path, isb_error *error);
    const char *where; /* the file has what turns columns into inputs, where a program does not
                          apply it by itself; NULL: all of it is applied */
} isb_export_format;

/* The format that the path's suffix names: ISB_USAGE where it names none. */
isb_status isb_export_choose(const isb_export_format **out, const char *path, isb_error *error);

#endif
