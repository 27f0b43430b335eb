/* Finds where a training step left the finite numbers. */
#ifndef ISB_TRAIN_DIVERGENCE_H
#define ISB_TRAIN_DIVERGENCE_H

#include "layers/context.h"
#include <isobit/trainer.h>

/* Repeats the forward pass of a batch, with its dropouts, by one thread. `batch` is what the step
 * had: order, batch_rows and step, first = 0; its buffers are not used. Sets layer, weights and row
 * of `out`: those of the first layer, and of its first row, that gave a value which is not finite.
 */
isb_status isb_divergence_find(const isb_context *batch, isb_divergence *out, isb_error *error);

#endif
