/* Numbers as text, the same in every locale and under every direction of rounding. */
#ifndef ISB_BASE_NUMBER_H
#define ISB_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ISB_NUMBER_SIZE 32

/* The shortest decimal that reads back to the same double: "0.001", "1e-07", "5", "nan", "inf",
 * "-inf". Returns its length. */
size_t isb_format_double(char out[ISB_NUMBER_SIZE], double value);

/* The same for a float: the shortest decimal that reads back to it as a float. Made for tables of
 * millions of them. */
size_t isb_format_float(char out[ISB_NUMBER_SIZE], float value);

/* With `decimals` digits (0 to 9) behind the point, correctly rounded, never "-0.00"; from 1e15 on,
 * and where it is not finite, as isb_format_double. Returns its length. */
size_t isb_format_fixed(char out[ISB_NUMBER_SIZE], double value, int decimals);

/* The whole of `text` must be a decimal number (sign, digits, point, exponent; no hex, inf, nan,
 * spaces). */
bool isb_parse_double(const char *text, double *value);

/* The same, rounded once to the nearest float. */
bool isb_parse_float(const char *text, float *value);

/* Decimal digits only, without leading zeros. */
bool isb_parse_unsigned(const char *text, uint64_t *value);

#endif
