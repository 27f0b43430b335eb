/* Numbers with a decimal comma. */
#ifndef ISB_DATA_CSV_COMMAS_H
#define ISB_DATA_CSV_COMMAS_H

#include <stddef.h>

/* Writes a point for the comma of each field that is a number but for that; commas in texts stay.
 * And a comma for the point of 1.234, where thousands are meant and 1.234 would be read: so it is
 * refused. The text ends with '\n', and one stands in front of it. */
void isb_csv_commas_to_points(char *text, size_t length);

#endif
