/* What a Keras model does to its inputs before anything is learnt: Rescaling and Normalization, one
 * after the other, as one scaling of each input. */
#ifndef ISB_EXPORT_KERAS_SCALING_H
#define ISB_EXPORT_KERAS_SCALING_H

#include "export/hdf5_read.h"
#include <isobit/tensors.h>
#include <stdbool.h>
#include <stddef.h>

struct json_t;

/* One of these layers. */
typedef struct isb_keras_step {
    double scale, offset; /* of a Rescaling: x * scale + offset */
    bool normalizes;      /* a Normalization: (x - mean) / max(sqrt(variance), 1e-7) */
    size_t ordinal;       /* among them */
    isb_shape input;
    bool kept[ISB_MAX_RANK]; /* axes along which mean and variance differ */
    double *mean, *variance; /* out of the configuration; NULL: they are variables */
    size_t count;            /* of each: 1, or those of the axes kept */
} isb_keras_step;

/* Reads the configuration of a layer. ISB_CORRUPT, with *problem, or ISB_NO_MEMORY. `out` is
 * released by isb_keras_step_free, also after a failure. */
isb_status isb_keras_read_rescaling(isb_keras_step *out, const struct json_t *config,
                                    const char **problem);
isb_status isb_keras_read_normalization(isb_keras_step *out, const struct json_t *config,
                                        isb_shape input, const char **problem);
void isb_keras_step_free(isb_keras_step *step);

/* The number that inputs are divided by, where this is all that the step does; else 0. */
double isb_keras_step_divisor(const isb_keras_step *step);

/* Adds the scaling of `inputs` inputs that the steps come to, as two tensors; the list has room for
 * them. Variables are read out of the weights. */
isb_status isb_keras_compose(isb_tensors *out, const isb_keras_step *steps, size_t count,
                             size_t inputs, isb_hdf5_reader *weights);

#endif
