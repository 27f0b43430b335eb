/* Runs the phases of one training step; every thread of the team calls it. */
#ifndef ISB_TRAIN_STEP_H
#define ISB_TRAIN_STEP_H

#include "optim/optimizer.h"
#include "parallel/team.h"
#include "train/plan.h"

/* What a thread has to itself. */
typedef struct isb_scratch {
    float *stack;      /* partial sums of a weight gradient */
    float *transposed; /* panels of a transposed kernel */
} isb_scratch;

isb_status isb_scratch_build(isb_scratch *out, const isb_network *network, size_t rows,
                             isb_error *error);
void isb_scratch_free(isb_scratch *scratch);

/* Thread 0 calls `bookkeeping` once the losses of the batch are known, before the weights change.
 * After the last thread returned (a barrier ends the step) the weights are those of the next step.
 */
void isb_step_run(const isb_plan *plan, const isb_context *context,
                  const isb_optimizer_step *optimizer, const isb_scratch *scratch, isb_team *team,
                  size_t thread, void (*bookkeeping)(void *), void *argument);

#endif
