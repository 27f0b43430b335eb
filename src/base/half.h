/* Half precision (IEEE 754, binary16), which float holds exactly. */
#ifndef ISB_BASE_HALF_H
#define ISB_BASE_HALF_H

#include <stdint.h>
#include <string.h>

static inline float isb_half_value(uint16_t half) {
    const uint32_t sign = (uint32_t)(half >> 15) << 31, exponent = half >> 10 & 31,
                   fraction = half & 1023u;
    uint32_t bits = sign | (exponent + 112) << 23 | fraction << 13;
    if (exponent == 31)
        bits = sign | 0x7f800000u | fraction << 13;
    float value;
    memcpy(&value, &bits, sizeof value);
    if (exponent == 0) { /* fraction * 2^-24: exact */
        value = (float)fraction * 0x1p-24f;
        value = sign != 0 ? -value : value;
    }
    return value;
}

#endif
