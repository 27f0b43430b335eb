/* Fused multiply-add of floats, correctly rounded, for machines that have none. */
#ifndef ISB_SIMD_SCALAR_FMA_H
#define ISB_SIMD_SCALAR_FMA_H

#include <stdint.h>
#include <string.h>

static inline uint64_t double_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Rounds x * y + z to odd in double: the last bit of an inexact sum is 1, so that rounding to
 * float afterwards rounds as if once (Boldo and Melquiond, "Emulation of FMA and Correctly Rounded
 * Sums", 2008). The product is exact in double; TwoSum gives the error of the sum. */
static inline float fma_to_odd(double product, double z) {
    double sum = product + z;
    const double part = sum - product;
    const double error = (product - (sum - part)) + (z - part);
    uint64_t bits = double_bits(sum);
    if (error != 0.0 && (bits & 1) == 0) {
        bits += (error > 0.0) == (sum > 0.0) ? 1 : UINT64_MAX;
        memcpy(&sum, &bits, sizeof sum);
    }
    return (float)sum;
}

/* Rounding twice, to double and then to float, errs only where the double falls on the middle of
 * two floats, or where the float is subnormal and rounds at another place. */
static inline float fma_scalar(float x, float y, float z) {
    const double product = (double)x * y;
    const double sum = product + z;
    const uint64_t bits = double_bits(sum);
    const uint64_t exponent = bits >> 52 & 0x7ff;
    if ((bits & 0x1fffffff) != 0x10000000 && exponent > 1023 - 126 && exponent < 0x7ff)
        return (float)sum;
    if (sum == 0.0 || exponent == 0x7ff)
        return (float)sum;
    return fma_to_odd(product, z);
}

#endif
