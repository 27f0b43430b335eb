/* The inputs of a batch: rows of the table, scaled, with the dropouts in front of the first layer.
 */
#ifndef ISB_LAYERS_GATHER_H
#define ISB_LAYERS_GATHER_H

#include "layers/context.h"

/* Says how a table is read under x / scale. */
isb_source isb_source_make(const isb_kernels *kernels, const isb_table *table, size_t width,
                           double scale);

/* Fills the inputs of the first layer for these rows of the chunk, dropouts applied in training. */
void isb_gather(const isb_context *c, isb_range rows);

/* Fills the labels, or the targets of a regression, for these rows of the chunk. */
void isb_gather_labels(const isb_context *c, isb_range rows);
void isb_gather_targets(const isb_context *c, isb_range rows);

#endif
