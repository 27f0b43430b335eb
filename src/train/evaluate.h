/* Scores rows of a table with dropout off. */
#ifndef ISB_TRAIN_EVALUATE_H
#define ISB_TRAIN_EVALUATE_H

#include "layers/context.h"
#include <isobit/trainer.h>

/* Whether the flag is there and set. */
static inline bool isb_stop_asked(const volatile int *stop) {
    return stop != NULL && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0;
}

/* `order` has the `count` rows of the source's table; at least one. Given up once `stop` is asked:
 * the score is then worth nothing. */
isb_status isb_evaluate(const isb_kernels *kernels, const isb_network *network,
                        const isb_source *source, const uint32_t *order, size_t count,
                        size_t threads, const volatile int *stop, isb_score *score,
                        isb_error *error);

#endif
