/* Rows that stand in two tables. */
#ifndef ISB_DATA_REPEATS_H
#define ISB_DATA_REPEATS_H

#include <isobit/dataset.h>

/* How many rows of `test` have the features of some row of `train`, byte for byte. Both have so
 * many features of the same type a row. */
isb_status isb_repeats_count(const isb_table *train, const isb_table *test, size_t features,
                             size_t *count, isb_error *error);

#endif
