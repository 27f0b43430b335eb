/* The network that is computed: dense layers, their parameters, and the dropouts between them. */
#ifndef ISB_MODEL_NETWORK_H
#define ISB_MODEL_NETWORK_H

#include "model/scaling.h"
#include <isobit/error.h>
#include <isobit/experiment.h>
#include <isobit/model.h>
#include <isobit/tensors.h>
#include <stdint.h>

/* A matrix of weights in panels (simd/kernels.def) with the optimizer's state beside it. A bias is
 * a matrix of one row. Columns beyond the last stay +0. */
typedef struct isb_parameter {
    char name[40]; /* dense.kernel, dense.bias, ... */
    size_t rows, columns;
    size_t panels, size; /* size: floats in all, panels * rows * 16 */
    size_t rank;         /* of the tensor in files: 2 for a kernel, 1 for a bias */
    float *values;
    float *state[2]; /* adam: m, v; sgd with momentum: velocity; else NULL */
} isb_parameter;

/* A dropout of rate > 0. One of rate 0 is no layer at all. */
typedef struct isb_dropout {
    uint32_t last_dropped; /* a unit is dropped iff its draw <= this: T - 1 of rule 8 */
    float scale;           /* 1 / (1 - rate) */
    uint64_t site;         /* dense layers before it << 32 | ordinal at that place */
} isb_dropout;

typedef struct isb_dropouts {
    size_t count;
    isb_dropout *items;
} isb_dropouts;

typedef struct isb_dense {
    size_t inputs, units;
    size_t input_panels, unit_panels;
    isb_activation activation;
    bool use_bias;
    isb_parameter kernel, bias; /* bias.values is NULL without use_bias */
    isb_dropouts after;
} isb_dense;

typedef struct isb_network {
    size_t inputs, outputs;
    isb_scaling scaling; /* of the inputs; set after building */
    isb_dropouts input_dropouts;
    size_t count;
    isb_dense *dense;
    size_t multiply_adds; /* of one row forward */
    isb_loss_kind loss;   /* what the outputs are trained by; set after building */
    float delta;          /* of huber */
} isb_network;

/* Builds the network of a model and draws its initial weights from the seed (rule 9). `states` is
 * the number of state arrays a parameter gets. Released by isb_network_free, also after a failure.
 */
isb_status isb_network_build(isb_network *out, const isb_model *model, uint64_t seed, size_t states,
                             isb_error *error);
void isb_network_free(isb_network *network);

/* All parameters in layer order, kernel before bias: `index` from 0; NULL at the end. */
isb_parameter *isb_network_parameter(const isb_network *network, size_t index);

/* Between panels and the row-major order of files. */
void isb_parameter_to_rows(const isb_parameter *parameter, const float *panels, float *rows);
void isb_parameter_from_rows(const isb_parameter *parameter, const float *rows, float *panels);

static inline size_t isb_panels(size_t columns) { return (columns + 15) / 16; }

#endif
