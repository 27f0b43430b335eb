/* A model that Keras 3 saved, as Isobit can train it on. */
#ifndef ISB_EXPORT_KERAS_IMPORT_H
#define ISB_EXPORT_KERAS_IMPORT_H

#include "export/keras_scaling.h"
#include "io/text.h"
#include <isobit/error.h>
#include <isobit/experiment.h>
#include <isobit/model.h>
#include <isobit/tensors.h>

enum { ISB_KERAS_STEPS = 8 };

typedef struct isb_imported {
    isb_layer *layers; /* the first one has an input_shape */
    size_t layer_count;
    isb_keras_step steps[ISB_KERAS_STEPS]; /* what is done to the inputs */
    size_t step_count;
    double scale;  /* inputs are divided by it; 1: taken as they are */
    bool scaled;   /* each by its own numbers, which the weights have */
    bool compiled; /* with this optimizer, which Isobit has */
    isb_optimizer optimizer;
    isb_loss_kind loss; /* of a regression, where the model was compiled with one */
    double delta;       /* of huber; 0: not said */
    bool left_out;      /* regularizers or constraints */
    bool two_classes;   /* its only output, a sigmoid, has become two of a softmax */
    isb_tensors weights;
} isb_imported;

/* Reads a .keras file: a Sequential of Input, Rescaling, Normalization, Flatten, Reshape, Dense,
 * Dropout, Activation, ReLU and Softmax. ISB_CORRUPT: damaged, or something else is in it, which
 * the message names. Released by isb_imported_free; empty after a failure. */
isb_status isb_keras_import(isb_imported *out, const char *path, isb_error *error);

/* The same from the members config.json and model.weights.h5. */
isb_status isb_keras_parse(isb_imported *out, const char *config, size_t config_length,
                           const char *weights, size_t weights_length, const char *path,
                           isb_error *error);

/* Adds an experiment that trains the model on, `name` being its name and `weights` the path of a
 * file with its weights. */
void isb_imported_experiment(const isb_imported *from, const char *name, const char *weights,
                             isb_text *out);

void isb_imported_free(isb_imported *imported);

#endif
