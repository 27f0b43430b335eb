/* The decimal numbers of a table of text, as float32. */
#ifndef ISB_DATA_CSV_NUMBER_H
#define ISB_DATA_CSV_NUMBER_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "eight digits are read as one integer");

enum { ISB_CSV_BEYOND = 8 }; /* bytes behind the end of a number that must be readable */

/* The number that begins at `text`, correctly rounded: sign, digits with a point, exponent.
 * Infinite where it is beyond float32. Gives its end, or NULL where there is no number. */
const char *isb_csv_number(const char *text, float *value);

/* Of a finite number. */
static inline bool isb_csv_is_whole(float value) {
    return fabsf(value) >= 0x1p24f || (float)(int32_t)value == value;
}

/* --- the usual ones, where the call would cost as much as the number --- */

/* How many of eight characters are digits, from the first one on. What is no digit may spoil only
 * what stands behind it. */
static inline unsigned isb_csv_count_digits(uint64_t text) {
    const uint64_t others =
        ((text + 0x4646464646464646) | (text - 0x3030303030303030)) & 0x8080808080808080;
    return others == 0 ? 8 : (unsigned)__builtin_ctzll(others) / 8;
}

/* The number that the first `count` of eight characters make, 1 to 8 of them. Neighbours are joined
 * to pairs, these to fours, these to eight. */
static inline uint64_t isb_csv_digits(uint64_t text, unsigned count) {
    const uint64_t even_pairs = 0x000000ff000000ff;
    text = (text - 0x3030303030303030) << (64 - 8 * count); /* zeros come in front */
    text = text * 10 + (text >> 8);
    const uint64_t high = (text & even_pairs) * (100 + (UINT64_C(1000000) << 32));
    const uint64_t low = ((text >> 16) & even_pairs) * (1 + (UINT64_C(10000) << 32));
    return (high + low) >> 32;
}

/* The same as isb_csv_number of a number of up to seven digits on either side of the point and no
 * exponent: the caller sees that none stands at the end. NULL of any other.
 *
 * How many digits there are in front of the point is left to the processor's guess, which is mostly
 * right: so the next number need not wait for this one. */
static inline const char *isb_csv_short_number(const char *text, float *value) {
    static const double tenths[] = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7};
    static const uint32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    const uint32_t negative = (uint32_t)(*text == '-') << 31;
    text += *text == '-';
    const char *end = text;
    uint64_t digits = 0;
    for (unsigned digit; (digit = (unsigned)(unsigned char)*end - '0') < 10; end++)
        digits = digits * 10 + digit;
    if (end - text > 7)
        return NULL;
    unsigned count = 0;
    if (*end == '.') {
        uint64_t eight;
        memcpy(&eight, ++end, sizeof eight);
        count = isb_csv_count_digits(eight);
        if (count == 0 || count == 8)
            return NULL;
        digits = digits * powers[count] + isb_csv_digits(eight, count);
        end += count;
    } else if (end == text) {
        return NULL;
    }
    /* Off by less than two units in its last place: that counts where it is half way between two
     * floats, or next to that. */
    const double near = (double)(int64_t)digits * tenths[count];
    uint64_t bits;
    memcpy(&bits, &near, sizeof bits);
    if ((bits & 0x1fffffff) + 2 - 0x10000000 <= 4)
        return NULL;
    const float size = (float)near;
    uint32_t result;
    memcpy(&result, &size, sizeof result);
    result |= negative;
    memcpy(value, &result, sizeof result);
    return end;
}

#endif
