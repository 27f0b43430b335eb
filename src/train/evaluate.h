/* Scores rows of a table with dropout off. */
#ifndef ISB_TRAIN_EVALUATE_H
#define ISB_TRAIN_EVALUATE_H

#include "train/inference.h"
#include <isobit/trainer.h>

/* `order` has the `count` rows of the source's table; at least one. `classes` gets the class
 * predicted for each of them, or is NULL. */
isb_status isb_score_rows(const isb_inference *inference, const isb_source *source,
                          const uint32_t *order, size_t count, uint32_t *classes, isb_score *score,
                          isb_error *error);

/* The same with buffers of its own. Given up once `stop` is asked: the score is then worth nothing.
 */
isb_status isb_evaluate(const isb_kernels *kernels, const isb_network *network,
                        const isb_source *source, const uint32_t *order, size_t count,
                        size_t threads, const volatile int *stop, isb_score *score,
                        isb_error *error);

#endif
