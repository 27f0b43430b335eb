/* The matmul kernels as their contract says them, one row at a time: the reference of all others.
 */
#ifndef ISB_SIMD_SCALAR_MATMUL_H
#define ISB_SIMD_SCALAR_MATMUL_H

#include "simd/kernels.h"
#include "simd/scalar/vec.h"

static void kernel_matmul(float *C, size_t c_stride, const float *A, size_t a_stride,
                          const float *B, size_t b_stride, const float *start, size_t rows,
                          size_t k, size_t panels) {
    for (size_t p = 0; p < panels; p++) {
        for (size_t r = 0; r < rows; r++) {
            vf acc = start ? vf_load(start + p * 16) : vf_set1(0.0f);
            for (size_t i = 0; i < k; i++) {
                const float a = A[i / 16 * a_stride + r * 16 + i % 16];
                acc = vf_fma(vf_set1(a), vf_load(B + p * b_stride + i * 16), acc);
            }
            vf_store(C + p * c_stride + r * 16, acc);
        }
    }
}

static void kernel_outer_leaf(float *top, size_t pops, const float *X, const float *D,
                              size_t d_stride, size_t rows, size_t inputs, size_t panels) {
    for (size_t p = 0; p < panels; p++) {
        for (size_t i = 0; i < inputs; i++) {
            vf acc = vf_set1(0.0f);
            for (size_t r = 0; r < rows; r++)
                acc = vf_fma(vf_set1(X[r * 16 + i]), vf_load(D + p * d_stride + r * 16), acc);
            float *entry = top + p * 256 + i * 16;
            for (size_t n = 0; n < pops; n++) {
                entry -= panels * 256;
                acc = vf_add(vf_load(entry), acc);
            }
            vf_store(entry, acc);
        }
    }
}

static void kernel_transpose(float *T, const float *W, size_t w_stride, size_t first, size_t rows,
                             size_t columns) {
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < 16; i++)
            T[j * 16 + i] = i < rows ? W[j / 16 * w_stride + (first + i) * 16 + j % 16] : 0.0f;
}

#endif
