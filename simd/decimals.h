/* Short decimal numbers out of a record of text, several at a time. */
#ifndef ISB_SIMD_DECIMALS_H
#define ISB_SIMD_DECIMALS_H

#include "simd/dispatch.h"

enum {
    ISB_DECIMALS_LEAST = 4, /* numbers in a row for which it is made; */
    ISB_DECIMALS_MOST = 64,
    ISB_DECIMALS_BEFORE = 16, /* bytes in front of the text that must be readable, */
    ISB_DECIMALS_BEHIND = 64, /* and those behind its first line feed, which it has to have */
};

/* Reads up to `count` numbers, at most ISB_DECIMALS_MOST, from *text on: a minus perhaps, up to
 * seven digits, perhaps a point with one to eight digits behind it. The separator stands behind
 * each; behind the last of them `last`, which is the separator or a line feed. *text becomes what
 * follows the last one read.
 *
 * Gives how many were read, each rounded correctly to float. It stops in front of the first that is
 * anything else, or up to three before that. */
typedef size_t isb_decimals(float *out, size_t count, const char **text, char separator, char last);

/* NULL where the instruction set has none. */
isb_decimals *isb_decimals_for(isb_isa isa);

#if defined(__x86_64__)
isb_decimals isb_decimals_avx2;
#endif

#endif
