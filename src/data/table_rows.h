/* Rows and columns of a frame, as messages name them. */
#ifndef ISB_DATA_TABLE_ROWS_H
#define ISB_DATA_TABLE_ROWS_H

#include "data/frame.h"
#include <math.h>

/* WHAT: FILE has no column NAME; did you mean ...? or the list of those there are. ISB_USAGE. */
isb_status isb_fail_no_column(const isb_frame *frame, const char *what, const char *name,
                              isb_error *error);

/* ISB_USAGE: no label is named; lists the columns. */
isb_status isb_fail_no_label(const isb_frame *frame, isb_error *error);

/* Whether it is a row number: 0, 1, 2, ... or the like in all rows of the table. */
bool isb_column_counts_rows(const isb_column *column, size_t rows);

/* Whether its one column looks like many with spaces between them. */
bool isb_frame_wants_separator(const isb_frame *frame);

/* What to do then, for messages. */
#define ISB_SPACES_MEND "if spaces separate its columns, say data.separator: space"

/* Whether it holds whole numbers and stands first, under an empty name or what pandas reads it as.
 */
bool isb_column_names_rows(const isb_frame *frame, const isb_column *column);

static inline bool isb_cell_missing(const isb_column *column, size_t row) {
    return column->kind == ISB_COLUMN_NUMBER ? isnan(column->numbers[row])
                                             : column->codes[row] == ISB_FRAME_MISSING;
}

#endif
