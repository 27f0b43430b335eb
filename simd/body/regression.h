/* Losses of a regression, row by row, and right with each the gradient of the outputs. */
#ifndef ISB_SIMD_BODY_REGRESSION_H
#define ISB_SIMD_BODY_REGRESSION_H

#include "simd/body/softmax.h"
#include "simd/kernels.h"

typedef enum regression { SQUARED, ABSOLUTE, HUBER } regression;

VEC vf magnitude(vf x) { return vf_from_bits(vu_and(vf_bits(x), vu_set1(0x7fffffff))); }

/* sum + loss(e), e being output - target. NaN passes. */
VEC vf add_loss(regression kind, vf sum, vf e, float delta) {
    if (kind == SQUARED)
        return vf_fma(e, e, sum);
    const vf size = magnitude(e);
    if (kind == ABSOLUTE)
        return vf_add(sum, size);
    const vf square = vf_mul(vf_mul(vf_set1(0.5f), e), e);
    const vf straight = vf_mul(vf_set1(delta), vf_sub(size, vf_set1(0.5f * delta)));
    return vf_add(sum, vf_select(vf_lt(vf_set1(delta), size), straight, square));
}

/* loss'(e). NaN passes. */
VEC vf slope(regression kind, vf e, float delta) {
    if (kind == SQUARED)
        return vf_add(e, e);
    const vf most = vf_set1(kind == HUBER ? delta : 1.0f), least = vf_sub(vf_set1(0.0f), most);
    const vf above = vf_set1(kind == HUBER ? delta : 0.0f), below = vf_sub(vf_set1(0.0f), above);
    return vf_select(vf_lt(above, e), most, vf_select(vf_lt(e, below), least, e));
}

VEC void regression_rows(regression kind, float *D, size_t d_stride, float *losses, const float *Z,
                         size_t z_stride, const float *T, size_t t_stride, size_t rows,
                         size_t columns, const isb_regression *by) {
    const float delta = by->delta, count = (float)columns;
    const vf divisor = vf_set1(by->divisor);
    for (size_t r = 0; r < rows; r++) {
        vf sum = vf_set1(0.0f);
        for (size_t p = 0; p * 16 < columns; p++) {
            const vf z = vf_load(Z + p * z_stride + r * 16), t = vf_load(T + p * t_stride + r * 16);
            const vf e = vf_keep(lanes_within(p, columns), vf_sub(z, t));
            sum = add_loss(kind, sum, e, delta);
            if (D != NULL)
                vf_store(D + p * d_stride + r * 16, vf_div(slope(kind, e, delta), divisor));
        }
        losses[r] = vf_fold_add(sum) / count;
    }
}

static void kernel_squared_error(float *D, size_t d_stride, float *losses, const float *Z,
                                 size_t z_stride, const float *T, size_t t_stride, size_t rows,
                                 size_t columns, const isb_regression *by) {
    regression_rows(SQUARED, D, d_stride, losses, Z, z_stride, T, t_stride, rows, columns, by);
}

static void kernel_absolute_error(float *D, size_t d_stride, float *losses, const float *Z,
                                  size_t z_stride, const float *T, size_t t_stride, size_t rows,
                                  size_t columns, const isb_regression *by) {
    regression_rows(ABSOLUTE, D, d_stride, losses, Z, z_stride, T, t_stride, rows, columns, by);
}

static void kernel_huber(float *D, size_t d_stride, float *losses, const float *Z, size_t z_stride,
                         const float *T, size_t t_stride, size_t rows, size_t columns,
                         const isb_regression *by) {
    regression_rows(HUBER, D, d_stride, losses, Z, z_stride, T, t_stride, rows, columns, by);
}

#endif
