/* Optimizers: the constants of a step, and their use on a run of weights. */
#ifndef ISB_OPTIM_OPTIMIZER_H
#define ISB_OPTIM_OPTIMIZER_H

#include "model/network.h"
#include "simd/kernels.h"
#include <isobit/experiment.h>

/* Names of the state arrays a parameter has, in order: "m", "v" or "velocity"; NULL beyond them. */
const char *isb_optimizer_state_name(const isb_optimizer *optimizer, size_t index);
size_t isb_optimizer_states(const isb_optimizer *optimizer);

/* Where an optimizer stands: it advances by one a step. */
typedef struct isb_optimizer_step {
    const isb_optimizer *optimizer;
    double learning_rate;    /* the optimizer's, unless it was set to another one */
    double power_1, power_2; /* beta_1^t, beta_2^t, carried in double by multiplication */
    isb_adam adam;
    isb_momentum momentum;
} isb_optimizer_step;

/* Before the first step. */
void isb_optimizer_start(isb_optimizer_step *step, const isb_optimizer *optimizer);

/* For the steps to come. */
void isb_optimizer_set_learning_rate(isb_optimizer_step *step, double learning_rate);

/* The constants of the next step. */
void isb_optimizer_advance(isb_optimizer_step *step);

/* Updates n values (a multiple of 16) of the parameter from `offset` on by their gradient g. */
void isb_optimizer_apply(const isb_optimizer_step *step, const isb_kernels *kernels,
                         isb_parameter *parameter, size_t offset, const float *g, size_t n);

#endif
