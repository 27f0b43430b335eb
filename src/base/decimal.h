/* Significant digits with an exponent, laid out as text. */
#ifndef ISB_BASE_DECIMAL_H
#define ISB_BASE_DECIMAL_H

#include "base/number.h"

enum { ISB_DECIMAL_DIGITS = 17 }; /* any double reads back from so many */

typedef struct isb_decimal {
    char digits[ISB_DECIMAL_DIGITS + 1];
    int count;    /* at least 1 */
    int exponent; /* of the first digit */
} isb_decimal;

/* As Python's repr has it, less a trailing ".0": "0.001", "1e-07", "5". Trailing zeros among the
 * digits are left out. Gives the length. */
size_t isb_decimal_put(char out[ISB_NUMBER_SIZE], bool negative, const isb_decimal *decimal);

/* "nan", "inf" or "-inf" for what is not finite; 0 for what is. */
size_t isb_special_put(char out[ISB_NUMBER_SIZE], double value);

#endif
