/* One row of the data set becomes one row of a panel matrix. */
#ifndef ISB_SIMD_BODY_GATHER_H
#define ISB_SIMD_BODY_GATHER_H

#include <string.h>

VEC vf scale_u8(vf x, vf scale, vf inverse) {
    const vf q = vf_mul(x, inverse);
    return vf_fma(vf_fnma(q, scale, x), inverse, q);
}

static void kernel_gather_u8(float *Y, size_t y_stride, const uint8_t *x, size_t n, float scale,
                             float inverse) {
    const vf scales = vf_set1(scale), inverses = vf_set1(inverse);
    for (; n > 0; Y += y_stride) {
        uint8_t tail[16] = {0};
        const uint8_t *from = x;
        if (n < 16)
            from = memcpy(tail, x, n);
        const vf value = vf_from_u8(from);
        vf_store(Y, inverse != 0.0f ? scale_u8(value, scales, inverses) : vf_div(value, scales));
        x += n < 16 ? n : 16;
        n -= n < 16 ? n : 16;
    }
}

static void kernel_gather_f32(float *Y, size_t y_stride, const float *x, size_t n, float scale) {
    const vf scales = vf_set1(scale);
    for (; n > 0; Y += y_stride) {
        float tail[16] = {0};
        const float *from = x;
        if (n < 16)
            from = memcpy(tail, x, n * sizeof *x);
        vf_store(Y, vf_div(vf_load_unaligned(from), scales));
        x += n < 16 ? n : 16;
        n -= n < 16 ? n : 16;
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
