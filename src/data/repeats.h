/* Rows that stand in two tables, or twice in one. */
#ifndef ISB_DATA_REPEATS_H
#define ISB_DATA_REPEATS_H

#include "data/frame.h"
#include <isobit/dataset.h>

/* How many rows of `test` have the features of some row of `train`, byte for byte. Both have so
 * many features of the same type a row. */
isb_status isb_repeats_count(const isb_table *train, const isb_table *test, size_t features,
                             size_t *count, isb_error *error);

/* How many rows an earlier one is equal to, cell by cell. */
isb_status isb_frame_count_repeats(const isb_frame *frame, size_t *count, isb_error *error);

#endif
