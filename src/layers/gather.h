/* The inputs of a batch: rows of the table, scaled, with the dropouts in front of the first layer.
 */
#ifndef ISB_LAYERS_GATHER_H
#define ISB_LAYERS_GATHER_H

#include "layers/context.h"

/* Says how a table is read under x / scale. */
isb_source isb_source_make(const isb_kernels *kernels, const isb_table *table, size_t width,
                           double scale);

/* Whether it pays to look for zeros of the inputs: they are many, and met by many units. */
bool isb_inputs_are_sparse(const isb_network *network, const isb_source *source);

/* Fills the inputs of the first layer for these rows of the chunk, dropouts applied in training. */
void isb_gather(const isb_context *c, isb_range rows);

/* Calls for the rows that take the place of these in the next chunk, part `part` of `parts` of
 * them: rows lie all over the table, mostly in memory, and come while this chunk is worked on. A
 * few cache lines at a time, because the core stops where too many are under way. */
void isb_gather_ahead(const isb_context *c, isb_range rows, size_t part, size_t parts);

/* Fills the labels, or the targets of a regression, for these rows of the chunk. */
void isb_gather_labels(const isb_context *c, isb_range rows);
void isb_gather_targets(const isb_context *c, isb_range rows);

#endif
