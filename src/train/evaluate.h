/* Scores rows of a table with dropout off. */
#ifndef ISB_TRAIN_EVALUATE_H
#define ISB_TRAIN_EVALUATE_H

#include "layers/context.h"
#include <isobit/trainer.h>

/* `order` has the `count` rows of the source's table; at least one. */
isb_status isb_evaluate(const isb_kernels *kernels, const isb_network *network,
                        const isb_source *source, const uint32_t *order, size_t count,
                        size_t threads, isb_score *score, isb_error *error);

#endif
