/* The decimal numbers of a table of text, as float32. */
#ifndef ISB_DATA_CSV_NUMBER_H
#define ISB_DATA_CSV_NUMBER_H

enum { ISB_CSV_BEYOND = 8 }; /* bytes behind the end of a number that must be readable */

/* The number that begins at `text`, correctly rounded: sign, digits with a point, exponent.
 * Infinite where it is beyond float32. Gives its end, or NULL where there is no number. */
const char *isb_csv_number(const char *text, float *value);

#endif
