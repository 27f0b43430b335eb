/* The table of kernels that one instruction set brings; slots and contracts: simd/kernels.def. */
#ifndef ISB_SIMD_KERNELS_H
#define ISB_SIMD_KERNELS_H

#include "random/xoshiro.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ISB_LANES = 16, /* columns of a panel; virtual lanes of a sum; units of a dropout strip */
    ISB_LEAF = 64,  /* rows of a leaf */
    ISB_WIDE = 8,   /* panels of units that are worth looking for zeros of the inputs */
};

/* Constants of one step, each computed in double and rounded once. */
typedef struct isb_adam {
    float alpha; /* learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) */
    float one_minus_beta_1;
    float one_minus_beta_2;
    float epsilon;
} isb_adam;

/* n weights, a multiple of 16, with their moments and their gradient. */
typedef struct isb_adam_block {
    float *w, *m, *v;
    const float *g;
    size_t n;
} isb_adam_block;

typedef struct isb_momentum {
    float learning_rate;
    float momentum;
    int nesterov;
} isb_momentum;

/* Constants of a regression's loss. */
typedef struct isb_regression {
    float divisor; /* of gradients: the rows of the batch times the columns */
    float delta;   /* of huber: where the square ends and the straight line begins */
} isb_regression;

typedef struct isb_kernels {
#define KERNEL(name, parameters) void(*name) parameters;
#include "simd/kernels.def"
#undef KERNEL
} isb_kernels;

/* The tables themselves, each complete; simd/dispatch.h chooses. */
#define ISA(id, features) extern const isb_kernels isb_kernels_##id;
#include "simd/isa.def"
#undef ISA

#endif
