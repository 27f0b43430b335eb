/* A model: its layers as the user wrote them, and what follows from them (shapes, names, counts). */
#ifndef ISOBIT_MODEL_H
#define ISOBIT_MODEL_H

#include <isobit/error.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISB_MAX_RANK 4

/* Sizes of one example, without the batch axis. Rank 0: not given. */
typedef struct isb_shape {
    size_t rank;
    size_t sizes[ISB_MAX_RANK];
} isb_shape;

typedef enum isb_layer_kind { ISB_FLATTEN, ISB_DENSE, ISB_DROPOUT } isb_layer_kind;

typedef enum isb_activation {
    ISB_LINEAR,
    ISB_RELU,
    ISB_SIGMOID,
    ISB_TANH,
    ISB_SOFTMAX
} isb_activation;

typedef enum isb_initializer { ISB_GLOROT_UNIFORM, ISB_HE_UNIFORM, ISB_ZEROS } isb_initializer;

/* One layer as the experiment file has it; names and defaults are Keras's. */
typedef struct isb_layer {
    isb_layer_kind kind;
    isb_shape input_shape; /* any first layer may give it; rank 0: taken from the data */
    /* dense */
    size_t units;
    isb_activation activation;          /* default linear */
    bool use_bias;                      /* default true */
    isb_initializer kernel_initializer; /* default glorot_uniform */
    isb_initializer bias_initializer;   /* default zeros */
    /* dropout */
    double rate; /* 0 to 1, both allowed */
    char *where; /* "file:line:column" for messages; owned by the holder of the layer; may be NULL */
} isb_layer;

/* What follows from the layers once the shape of the data is known. */
typedef struct isb_layer_info {
    char name[32]; /* as Keras names layers: flatten, dense, dense_1, dropout, ... */
    isb_shape output;
    size_t parameters;
} isb_layer_info;

typedef struct isb_model {
    const isb_layer *layers; /* borrowed */
    size_t count;
    isb_shape input;
    isb_layer_info *info; /* `count` of them; owned */
    size_t parameters;    /* all of them */
    size_t outputs;       /* units of the last dense layer */
} isb_model;

/* Works out shapes, names and counts. `data` is the shape of one example, or rank 0 where no data
 * is at hand and the first layer must give input_shape. A model that does not fit is ISB_USAGE at
 * the layer's own line. `out` is released by isb_model_free. */
isb_status isb_model_build(isb_model *out, const isb_layer *layers, size_t count, isb_shape data,
                           isb_error *error);
void isb_model_free(isb_model *model);

/* The words of the experiment file. */
const char *isb_activation_name(isb_activation activation);
const char *isb_layer_kind_name(isb_layer_kind kind);

/* Elements of one example; 0 on overflow. Rank 0 has 1. */
size_t isb_shape_size(isb_shape shape);
bool isb_shape_equal(isb_shape a, isb_shape b);

#ifdef __cplusplus
}
#endif
#endif
