/* The last phase of a step: every weight gradient, and the optimizer on it right there. The tiles
 * are groups of weights: one panel of inputs by ISB_GROUP panels of units. Every
 * thread takes its part of each layer's groups: about those units that it computes in the forward
 * pass, so that their weights stay in its cache. */
#ifndef ISB_TRAIN_UPDATE_H
#define ISB_TRAIN_UPDATE_H

#include "layers/context.h"
#include "layers/dense.h"
#include "optim/optimizer.h"
#include "train/plan.h"

/* Sums of gradients over the earlier chunks of a batch, a stack for each group; nothing where
 * batches have one chunk. */
typedef struct isb_sums {
    size_t depth; /* entries of a stack */
    float *stacks;
} isb_sums;

isb_status isb_sums_build(isb_sums *out, const isb_network *network, size_t chunks,
                          isb_error *error);
void isb_sums_free(isb_sums *sums);

size_t isb_group_count(const isb_network *network);

/* Moves the weights into fresh memory that each thread of the plan's team touches first where
 * it will update, so that on a machine of several memory nodes they lie near it. Without memory
 * they stay where they are. */
void isb_network_spread(isb_network *network, const isb_plan *plan);

typedef struct isb_update {
    const isb_context *context;
    const isb_optimizer_step *optimizer;
    const isb_sums *sums;
    size_t run;      /* of the plan */
    size_t chunk;    /* of the batch, from 0 */
    bool last;       /* the last chunk: the optimizer runs */
    isb_range ahead; /* the rows that this thread gathers of a chunk */
    float *stack;    /* two of isb_gradient_stack floats */
} isb_update;

/* Runs part `part` of `parts` of every layer's groups. */
void isb_update_run(const isb_update *update, size_t part, size_t parts);

#endif
