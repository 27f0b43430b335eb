/* The reference passes over nothing: the dense kernels. */
#ifndef ISB_SIMD_SCALAR_SPARSE_H
#define ISB_SIMD_SCALAR_SPARSE_H

#include "simd/kernels.h"

static void kernel_matmul_sparse(float *C, size_t c_stride, const float *A, size_t a_stride,
                                 const float *B, size_t b_stride, const float *start, size_t rows,
                                 size_t k, size_t panels) {
    kernel_matmul(C, c_stride, A, a_stride, B, b_stride, start, rows, k, panels);
}

static void kernel_outer_leaf_sparse(float *top, size_t pops, const float *X, const float *D,
                                     size_t d_stride, size_t rows, size_t inputs, size_t panels) {
    kernel_outer_leaf(top, pops, X, D, d_stride, rows, inputs, panels);
}

static void kernel_outer_adam_sparse(float *w, float *m, float *v, size_t w_stride, const float *X,
                                     const float *D, size_t d_stride, size_t rows, size_t inputs,
                                     size_t panels, const isb_adam *step) {
    for (size_t p = 0; p < panels; p++, w += w_stride, m += w_stride, v += w_stride) {
        _Alignas(64) float gradient[ISB_LANES * ISB_LANES];
        kernel_outer_leaf(gradient, 0, X, D + p * d_stride, d_stride, rows, inputs, 1);
        kernel_adam(w, m, v, gradient, inputs * ISB_LANES, step);
    }
}

#endif
