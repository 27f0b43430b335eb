/* Dropout on strips of a panel matrix. */
#ifndef ISB_LAYERS_DROPOUT_H
#define ISB_LAYERS_DROPOUT_H

#include "layers/context.h"

/* Applies the dropouts before dense layer l (behind the last: l == count) to `rows` rows of panel
 * p of M from row `first` on, all within one 64-row leaf, and keeps the masks. M is the whole
 * matrix. */
void isb_dropout_forward(const isb_context *c, size_t l, float *M, size_t p, size_t first,
                         size_t rows);

/* Takes the gradient back through them, last dropout first. */
void isb_dropout_backward(const isb_context *c, size_t l, float *D, size_t p, size_t first,
                          size_t rows);

#endif
