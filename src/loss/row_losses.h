/* The loss: of each row, what else is measured of it, and the gradient of the outputs. */
#ifndef ISB_LOSS_ROW_LOSSES_H
#define ISB_LOSS_ROW_LOSSES_H

#include "layers/context.h"

/* Fills c->scores for these rows of the chunk, whose outputs are known. With `gradient` the outputs
 * become the gradient of the batch's mean loss. */
void isb_row_losses(const isb_context *c, isb_range rows, bool gradient);

#endif
