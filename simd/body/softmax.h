/* Softmax, its backward pass, and the cross entropy on logits, row by row. */
#ifndef ISB_SIMD_BODY_SOFTMAX_H
#define ISB_SIMD_BODY_SOFTMAX_H

#include "simd/body/math.h"
#include "simd/body/optimizer.h"
#include <math.h>

/* The lanes of panel p that hold one of `columns` columns. */
VEC vm lanes_within(size_t p, size_t columns) {
    const size_t left = columns - p * 16;
    return vm_from_bits(left >= 16 ? 0xffffu : (1u << left) - 1);
}

VEC float row_max(const float *Z, size_t stride, size_t columns) {
    vf max = vf_set1(-INFINITY);
    for (size_t p = 0; p * 16 < columns; p++) {
        const vf z =
            vf_select(lanes_within(p, columns), vf_load(Z + p * stride), vf_set1(-INFINITY));
        max = vf_select(vf_lt(max, z), z, max);
    }
    return vf_fold_max(max);
}

/* Writes exp(z - max), +0 beyond the last column, to E (which may be Z, or NULL) and gives their
 * sum. */
VEC float row_exp(float *E, size_t e_stride, const float *Z, size_t z_stride, size_t columns,
                  float max) {
    vf sum = vf_set1(0.0f);
    for (size_t p = 0; p * 16 < columns; p++) {
        vf e = vf_exp(vf_sub(vf_load(Z + p * z_stride), vf_set1(max)));
        e = vf_keep(lanes_within(p, columns), e);
        sum = vf_add(sum, e);
        if (E != NULL)
            vf_store(E + p * e_stride, e);
    }
    return vf_fold_add(sum);
}

static void kernel_softmax(float *Y, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, Y += 16) {
        const float max = row_max(Y, stride, columns);
        const vf sum = vf_set1(row_exp(Y, stride, Y, stride, columns, max));
        for (size_t p = 0; p * 16 < columns; p++)
            vf_store(Y + p * stride, without_dust(vf_div(vf_load(Y + p * stride), sum)));
    }
}

static void kernel_softmax_backward(float *D, size_t d_stride, const float *Y, size_t y_stride,
                                    size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, D += 16, Y += 16) {
        vf sum = vf_set1(0.0f);
        for (size_t p = 0; p * 16 < columns; p++) {
            const vf y = vf_keep(lanes_within(p, columns), vf_load(Y + p * y_stride));
            sum = vf_fma(vf_load(D + p * d_stride), y, sum);
        }
        const vf s = vf_set1(vf_fold_add(sum));
        for (size_t p = 0; p * 16 < columns; p++) {
            float *d = D + p * d_stride;
            vf_store(d, vf_mul(vf_sub(vf_load(d), s), vf_load(Y + p * y_stride)));
        }
    }
}

/* The column of the first largest logit; `columns` where none equals `max`, which then is NaN. */
VEC size_t first_largest(const float *Z, size_t stride, size_t columns, float max) {
    for (size_t p = 0; p * 16 < columns; p++) {
        const vm equal = vf_eq(vf_load(Z + p * stride), vf_set1(max));
        const unsigned bits = vm_bits(equal) & vm_bits(lanes_within(p, columns));
        if (bits != 0)
            return p * 16 + (size_t)__builtin_ctz(bits);
    }
    return columns;
}

/* D holds exp(z - max) and becomes (p - onehot) / divisor. */
VEC void cross_entropy_gradient(float *D, size_t stride, size_t columns, size_t label, float sum,
                                float divisor) {
    float *at_label = D + label / 16 * stride + label % 16;
    const float e = *at_label;
    for (size_t p = 0; p * 16 < columns; p++) {
        float *d = D + p * stride;
        const vf share = without_dust(vf_div(vf_load(d), vf_set1(sum)));
        vf_store(d, vf_div(share, vf_set1(divisor)));
    }
    const float share = e / sum;
    *at_label = ((share < 0x1p-100f ? 0.0f : share) - 1.0f) / divisor;
}

static void kernel_cross_entropy(float *D, size_t d_stride, float *losses, uint8_t *hits,
                                 const float *Z, size_t z_stride, const uint32_t *labels,
                                 size_t rows, size_t columns, float divisor) {
    for (size_t first = 0; first < rows; first += 16) {
        const size_t count = rows - first < 16 ? rows - first : 16;
        _Alignas(64) float sums[16], shifted[16], group[16];
        vf_store(sums, vf_set1(1.0f));
        vf_store(shifted, vf_set1(0.0f));
        for (size_t i = 0; i < count; i++) {
            const size_t r = first + i, label = labels[r];
            const float *z = Z + r * 16;
            float *d = D != NULL ? D + r * 16 : NULL;
            const float max = row_max(z, z_stride, columns);
            hits[r] = first_largest(z, z_stride, columns, max) == label;
            shifted[i] = z[label / 16 * z_stride + label % 16] - max;
            sums[i] = row_exp(d, d_stride, z, z_stride, columns, max);
            if (d != NULL)
                cross_entropy_gradient(d, d_stride, columns, label, sums[i], divisor);
        }
        vf_store(group, vf_sub(vf_log(vf_load(sums)), vf_load(shifted)));
        memcpy(losses + first, group, count * sizeof *group);
    }
}

#endif
