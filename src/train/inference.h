/* Runs rows of a table through a network with dropout off. What comes out for a row is the same
 * bits in whatever company, order and number of threads it is computed. */
#ifndef ISB_TRAIN_INFERENCE_H
#define ISB_TRAIN_INFERENCE_H

#include "layers/context.h"

typedef struct isb_inference {
    const isb_kernels *kernels; /* borrowed, as the network */
    const isb_network *network;
    size_t threads;
    isb_buffers *buffers;     /* one a thread */
    const volatile int *stop; /* once it is asked, a run is given up; NULL: never */
} isb_inference;

/* Whether the flag is there and set. */
static inline bool isb_stop_asked(const volatile int *stop) {
    return stop != NULL && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0;
}

/* What is asked of the rows, in their order; NULL: not asked. */
typedef struct isb_row_results {
    const isb_row_scores *scores; /* labels must be below the number of outputs */
    uint32_t *classes;            /* of the first largest output */
    float *outputs;               /* rows x outputs */
    float *probabilities;         /* the softmax of them */
} isb_row_results;

/* Released by isb_inference_close, also after a failure. */
isb_status isb_inference_open(isb_inference *out, const isb_kernels *kernels,
                              const isb_network *network, size_t threads, isb_error *error);
void isb_inference_close(isb_inference *inference);

/* `order` has the `count` rows of the source's table. */
void isb_inference_run(const isb_inference *inference, const isb_source *source,
                       const uint32_t *order, size_t count, const isb_row_results *results);

#endif
