/* Floats as the shortest decimals that read back to them, by integer arithmetic alone: R.
 * Giulietti, "The Schubfach way to render doubles" (2020), for binary32. Of the decimals within the
 * rounding interval of c 2^q, those with the step 10^(k+1) are one at most, those with 10^k one at
 * least. */
#include "base/decimal.h"
#include <math.h>
#include <string.h>

enum { LOWEST_POWER = -31, HIGHEST_POWER = 45 };

/* 10^p for p from LOWEST_POWER on: rounded up to 64 bits, the highest bit set. */
static const uint64_t powers[HIGHEST_POWER - LOWEST_POWER + 1] = {
    0x81ceb32c4b43fcf5, 0xa2425ff75e14fc32, 0xcad2f7f5359a3b3f, 0xfd87b5f28300ca0e,
    0x9e74d1b791e07e49, 0xc612062576589ddb, 0xf79687aed3eec552, 0x9abe14cd44753b53,
    0xc16d9a0095928a28, 0xf1c90080baf72cb2, 0x971da05074da7bef, 0xbce5086492111aeb,
    0xec1e4a7db69561a6, 0x9392ee8e921d5d08, 0xb877aa3236a4b44a, 0xe69594bec44de15c,
    0x901d7cf73ab0acda, 0xb424dc35095cd810, 0xe12e13424bb40e14, 0x8cbccc096f5088cc,
    0xafebff0bcb24aaff, 0xdbe6fecebdedd5bf, 0x89705f4136b4a598, 0xabcc77118461cefd,
    0xd6bf94d5e57a42bd, 0x8637bd05af6c69b6, 0xa7c5ac471b478424, 0xd1b71758e219652c,
    0x83126e978d4fdf3c, 0xa3d70a3d70a3d70b, 0xcccccccccccccccd, 0x8000000000000000,
    0xa000000000000000, 0xc800000000000000, 0xfa00000000000000, 0x9c40000000000000,
    0xc350000000000000, 0xf424000000000000, 0x9896800000000000, 0xbebc200000000000,
    0xee6b280000000000, 0x9502f90000000000, 0xba43b74000000000, 0xe8d4a51000000000,
    0x9184e72a00000000, 0xb5e620f480000000, 0xe35fa931a0000000, 0x8e1bc9bf04000000,
    0xb1a2bc2ec5000000, 0xde0b6b3a76400000, 0x8ac7230489e80000, 0xad78ebc5ac620000,
    0xd8d726b7177a8000, 0x878678326eac9000, 0xa968163f0a57b400, 0xd3c21bcecceda100,
    0x84595161401484a0, 0xa56fa5b99019a5c8, 0xcecb8f27f4200f3a, 0x813f3978f8940985,
    0xa18f07d736b90be6, 0xc9f2c9cd04674edf, 0xfc6f7c4045812297, 0x9dc5ada82b70b59e,
    0xc5371912364ce306, 0xf684df56c3e01bc7, 0x9a130b963a6c115d, 0xc097ce7bc90715b4,
    0xf0bdc21abb48db21, 0x96769950b50d88f5, 0xbc143fa4e250eb32, 0xeb194f8e1ae525fe,
    0x92efd1b8d0cf37bf, 0xb7abc627050305ae, 0xe596b7b0c643c71a, 0x8f7e32ce7bea5c70,
    0xb35dbf821ae4f38c,
};

/* floor(log10(2^q)), or of 3/4 2^q where `closer`; floor(log2(10^p)). For all q and p of floats. */
static int log10_pow2(int q, bool closer) { return (q * 1262611 - (closer ? 524031 : 0)) >> 22; }
static int log2_pow10(int p) { return (p * 1741647) >> 19; }

/* The highest 32 bits of g c / 2^64, the lowest one set where others below were: enough to compare
 * with, as quarters of a step. */
static uint32_t scaled(uint64_t g, uint32_t c) {
    const uint64_t low = (g & UINT32_MAX) * c, high = (g >> 32) * c + (low >> 32);
    return (uint32_t)(high >> 32) | ((uint32_t)high > 1);
}

/* significand * 10^exponent */
typedef struct rendered {
    uint32_t significand;
    int exponent;
} rendered;

/* The shortest decimal within the interval of c 2^q, of the shortest the nearest. `closer`: the
 * next smaller float is half as far away as the next larger one. */
static rendered shortest(uint32_t c, int q, bool closer) {
    const uint32_t odd = c & 1; /* the ends belong to the interval of an even c */
    const int k = log10_pow2(q, closer), h = q + log2_pow10(-k) + 1;
    const uint64_t g = powers[-k - LOWEST_POWER];
    const uint32_t lower = scaled(g, (4 * c - 2 + closer) << h) + odd;
    const uint32_t value = scaled(g, (4 * c) << h);
    const uint32_t upper = scaled(g, (4 * c + 2) << h) - odd;
    const uint32_t s = value / 4;
    if (s >= 10) {
        const uint32_t tens = s / 10;
        const bool below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
        if (below != above)
            return (rendered){tens + above, k + 1};
    }
    const bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
    if (below != above)
        return (rendered){s + above, k};
    const uint32_t middle = 4 * s + 2;
    return (rendered){s + (value > middle || (value == middle && (s & 1) != 0)), k};
}

static rendered render(uint32_t bits) {
    const uint32_t fraction = bits & 0x7fffff, exponent = bits >> 23 & 0xff;
    if (exponent == 0)
        return fraction == 0 ? (rendered){0, 0} : shortest(fraction, -149, false);
    const uint32_t c = fraction | 0x800000;
    const int q = (int)exponent - 150;
    if (q <= 0 && q > -24 && (c & ((1u << -q) - 1)) == 0)
        return (rendered){c >> -q, 0}; /* a whole number */
    return shortest(c, q, fraction == 0 && exponent > 1);
}

size_t isb_format_float(char out[ISB_NUMBER_SIZE], float value) {
    if (!isfinite(value))
        return isb_special_put(out, (double)value);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const rendered from = render(bits);
    char digits[10];
    int first = 10;
    for (uint32_t rest = from.significand; rest > 0 || first == 10; rest /= 10)
        digits[--first] = (char)('0' + rest % 10);
    isb_decimal decimal = {.count = 10 - first};
    memcpy(decimal.digits, digits + first, (size_t)decimal.count);
    decimal.exponent = from.exponent + decimal.count - 1;
    return isb_decimal_put(out, bits >> 31 != 0, &decimal);
}
