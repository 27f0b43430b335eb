/* The plan of a training step: a short list of phases. A phase is a grid of independent tiles, rows
 * by panels, of which every thread takes its static part; a barrier stands between phases where a
 * thread reads what another one wrote. No plan changes a bit of the result. */
#ifndef ISB_TRAIN_PLAN_H
#define ISB_TRAIN_PLAN_H

#include "layers/context.h"

typedef enum isb_phase_kind {
    ISB_PHASE_GATHER,   /* inputs and labels of the batch */
    ISB_PHASE_FORWARD,  /* dense `layer` */
    ISB_PHASE_LOSS,     /* losses and the gradient of the logits */
    ISB_PHASE_BACKWARD, /* through dense `layer` to the one before */
    ISB_PHASE_UPDATE,   /* every weight gradient, and the optimizer right there */
} isb_phase_kind;

typedef struct isb_phase {
    isb_phase_kind kind;
    size_t layer;
    size_t row_parts, panel_parts; /* row_parts * panel_parts <= threads */
    bool barrier;                  /* after it */
} isb_phase;

typedef struct isb_plan {
    size_t threads;
    size_t chunk_rows; /* a batch is taken in chunks of so many: a power of two of leaves, or the
                          whole batch */
    size_t run;        /* groups of weights of the first layer that are updated side by side */
    bool own_inputs; /* every thread gathers all rows for itself: cheaper than from another's cache
                      */
    size_t count;
    isb_phase *phases;
} isb_plan;

/* The plan for batches of `rows` on `threads` threads; sparse: the first layer looks for zeros of
 * its inputs. Released by isb_plan_free. */
isb_status isb_plan_make(isb_plan *out, const isb_network *network, size_t rows, size_t threads,
                         bool sparse, isb_error *error);
void isb_plan_free(isb_plan *plan);

/* What `thread` has to do of n rows or panels; empty for threads beyond the grid. */
isb_range isb_phase_rows(const isb_phase *phase, size_t thread, size_t n);
isb_range isb_phase_panels(const isb_phase *phase, size_t thread, size_t n);

#endif
