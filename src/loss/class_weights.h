/* Weights that make all classes count alike, however many rows they have: docs/numerics.md, rule 7.
 */
#ifndef ISB_LOSS_CLASS_WEIGHTS_H
#define ISB_LOSS_CLASS_WEIGHTS_H

#include "layers/context.h"
#include <isobit/error.h>

/* One a class: rows / (classes that have any * rows of the class), over the labels of `count` rows;
 * 0 where it has none. *out is released by isb_release. */
isb_status isb_class_weights_make(float **out, const uint32_t *labels, const uint32_t *rows,
                                  size_t count, size_t classes, isb_error *error);

/* Multiplies loss and gradient of the logits of each row by the weight of its class. */
void isb_class_weights_apply(const isb_context *context, isb_range rows);

#endif
