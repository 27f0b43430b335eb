/* The quick way through a record of numbers, from which anything unusual falls out. */
#ifndef ISB_DATA_CSV_QUICK_H
#define ISB_DATA_CSV_QUICK_H

#include "data/csv_cells.h"

/* Reads cells of columns of numbers that are short decimals, from *column on, up to the first that
 * is something else: *column becomes that one, and what is given where it begins. Where *column
 * becomes the number of columns, the record has been read with its end. Not for tables in which
 * numbers stand for missing cells. */
const char *isb_csv_read_quickly(isb_csv_reader *reader, size_t *column, size_t row,
                                 const char *text);

#endif
