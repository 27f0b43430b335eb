/* The weights that callbacks keep of their best epoch. In a state they stand behind the model's and
 * the optimizer's, under names such as "callback.early_stopping.dense.kernel". */
#ifndef ISB_IO_BEST_WEIGHTS_H
#define ISB_IO_BEST_WEIGHTS_H

#include <isobit/experiment.h>
#include <isobit/tensors.h>

/* Adds copies of the weights to the state. */
isb_status isb_best_weights_add(isb_tensors *state, isb_callback_kind kind,
                                const isb_tensors *weights, isb_error *error);

/* Copies of those that the callback keeps in the state, under the model's own names; none where it
 * keeps none. Released by isb_tensors_free; empty after a failure. */
isb_status isb_best_weights_take(isb_tensors *out, isb_callback_kind kind, const isb_tensors *state,
                                 isb_error *error);

#endif
