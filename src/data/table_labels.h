/* The labels of a table: texts or numbers of a column, counted from 0. */
#ifndef ISB_DATA_TABLE_LABELS_H
#define ISB_DATA_TABLE_LABELS_H

#include "data/preprocessing.h"

/* The distinct texts of a column of texts in these rows, as the classes of `out`: in ascending
 * order of their value where all are numbers, else in byte order. ISB_DATA where there is only one.
 */
isb_status isb_labels_fit(isb_preprocessing *out, const isb_frame *frame, const isb_column *column,
                          const uint32_t *rows, size_t count, isb_error *error);

/* The class of each row. ISB_DATA at the first one whose text is none of the classes. */
isb_status isb_labels_of(uint32_t *labels, const isb_preprocessing *preprocessing,
                         const isb_frame *frame, const isb_column *column, const uint32_t *rows,
                         size_t count, isb_error *error);

#endif
