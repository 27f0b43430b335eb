/* Activations on a strip, and right below each its backward pass. */
#ifndef ISB_SIMD_BODY_ACTIVATION_H
#define ISB_SIMD_BODY_ACTIVATION_H

#include "simd/body/math.h"

static void kernel_relu(float *Y, size_t rows) {
    const vf zero = vf_set1(0.0f);
    for (size_t r = 0; r < rows; r++, Y += 16) {
        const vf y = vf_load(Y);
        vf_store(Y, vf_drop(vf_lt(y, zero), y)); /* this way round NaN passes */
    }
}

static void kernel_relu_backward(float *D, const float *Y, size_t rows) {
    const vf zero = vf_set1(0.0f);
    for (size_t r = 0; r < rows; r++, D += 16, Y += 16)
        vf_store(D, vf_keep(vf_lt(zero, vf_load(Y)), vf_load(D)));
}

static void kernel_sigmoid(float *Y, size_t rows) {
    for (size_t r = 0; r < rows; r++, Y += 16)
        vf_store(Y, vf_sigmoid(vf_load(Y)));
}

static void kernel_sigmoid_backward(float *D, const float *Y, size_t rows) {
    const vf one = vf_set1(1.0f);
    for (size_t r = 0; r < rows; r++, D += 16, Y += 16) {
        const vf y = vf_load(Y);
        vf_store(D, vf_mul(vf_load(D), vf_mul(y, vf_sub(one, y))));
    }
}

static void kernel_tanh(float *Y, size_t rows) {
    for (size_t r = 0; r < rows; r++, Y += 16)
        vf_store(Y, vf_tanh(vf_load(Y)));
}

static void kernel_tanh_backward(float *D, const float *Y, size_t rows) {
    const vf one = vf_set1(1.0f);
    for (size_t r = 0; r < rows; r++, D += 16, Y += 16) {
        const vf y = vf_load(Y);
        vf_store(D, vf_mul(vf_load(D), vf_fnma(y, y, one)));
    }
}

static void kernel_exponential(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i += 16)
        vf_store(y + i, vf_exp(vf_load(x + i)));
}

static void kernel_logarithm(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i += 16)
        vf_store(y + i, vf_log(vf_load(x + i)));
}

#endif
