/* Runs the phases of one training step; every thread of the team calls it. */
#ifndef ISB_TRAIN_STEP_H
#define ISB_TRAIN_STEP_H

#include "optim/optimizer.h"
#include "parallel/team.h"
#include "train/plan.h"
#include "train/update.h"

/* What a thread has to itself. */
typedef struct isb_scratch {
    float *stack;      /* partial sums of two weight gradients */
    float *transposed; /* panels of a transposed kernel */
    float
        *inputs; /* its own inputs of a chunk and their masks, where the plan says so; else NULL */
    uint16_t *input_kept;
} isb_scratch;

isb_status isb_scratch_build(isb_scratch *out, const isb_network *network, size_t rows,
                             bool own_inputs, isb_error *error);
void isb_scratch_free(isb_scratch *scratch);

/* What the threads share in a step. */
typedef struct isb_step {
    const isb_plan *plan;
    const isb_optimizer_step *optimizer;
    const isb_sums *sums;
    const isb_scratch *scratch; /* one a thread */
} isb_step;

/* Called by every thread once the losses of the batch are known, before the weights change. All
 * threads must give the same answer; false gives the step up and leaves the weights as they are. */
typedef bool (*isb_step_judge)(void *argument, size_t thread);

/* Runs the chunks of the batch, each through all phases. `batch` has first = 0, and order, losses
 * and hits for all its rows. After the last thread returned (a barrier ends the step) the weights
 * are those of the next step. False: the step was given up. */
bool isb_step_run(const isb_step *step, const isb_context *batch, isb_team *team, size_t thread,
                  isb_step_judge judge, void *argument);

#endif
