/* One row of the data set becomes one row of a panel matrix. */
#ifndef ISB_SIMD_BODY_GATHER_H
#define ISB_SIMD_BODY_GATHER_H

#include <string.h>

VEC vf scale_u8(vf x, vf scale, vf inverse) {
    const vf q = vf_mul(x, inverse);
    return vf_fma(vf_fnma(q, scale, x), inverse, q);
}

VEC vf sixteen_u8(const uint8_t *x, float scale, float inverse) {
    const vf value = vf_from_u8(x);
    return inverse != 0.0f ? scale_u8(value, vf_set1(scale), vf_set1(inverse))
                           : vf_div(value, vf_set1(scale));
}

static void kernel_gather_u8(float *Y, size_t y_stride, const uint8_t *x, size_t n, float scale,
                             float inverse) {
    for (; n >= 16; n -= 16, x += 16, Y += y_stride)
        vf_store(Y, sixteen_u8(x, scale, inverse));
    if (n > 0) {
        uint8_t tail[16] = {0};
        vf_store(Y, sixteen_u8(memcpy(tail, x, n), scale, inverse));
    }
}

static void kernel_gather_f32(float *Y, size_t y_stride, const float *x, size_t n, float scale) {
    for (; n >= 16; n -= 16, x += 16, Y += y_stride)
        vf_store(Y, vf_div(vf_load_unaligned(x), vf_set1(scale)));
    if (n > 0) {
        float tail[16] = {0};
        vf_store(Y, vf_div(vf_load_unaligned(memcpy(tail, x, n * sizeof *x)), vf_set1(scale)));
    }
}

static void kernel_normalize(float *Y, size_t y_stride, const float *offset, const float *divisor,
                             size_t n) {
    for (size_t first = 0; first < n; first += 16, Y += y_stride) {
        const vf distance = vf_sub(vf_load(Y), vf_load(offset + first));
        vf_store(Y, vf_div(distance, vf_load(divisor + first)));
    }
}

#endif
