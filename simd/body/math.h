/* exp, log, tanh and sigmoid from correctly rounded operations alone (rule 5): each within 1 ulp of
 * the correctly rounded result for every float, NaN for NaN. The polynomials are minimax fits on
 * the reduced range. Integers are drawn from a sum with 1.5 * 2^23, whose low bits then hold them.
 */
#ifndef ISB_SIMD_BODY_MATH_H
#define ISB_SIMD_BODY_MATH_H

#include <math.h>

/* c[0] * x^(n-1) + ... + c[n-1] */
VEC vf polynomial(vf x, const float *c, int n) {
    vf y = vf_set1(c[0]);
#pragma GCC unroll 8
    for (int i = 1; i < n; i++)
        y = vf_fma(y, x, vf_set1(c[i]));
    return y;
}

static const float log2_e = 0x1.715476p+0f;
static const float ln2_high = 0x1.62e430p-1f, ln2_low = -0x1.05c610p-29f;

/* x = n ln2 + r; `integer` holds n + bias in its low bits. */
typedef struct reduced {
    vf integer, r;
} reduced;

VEC reduced reduce_by_ln2(vf x, float magic) {
    const vf integer = vf_fma(x, vf_set1(log2_e), vf_set1(magic));
    const vf n = vf_sub(integer, vf_set1(magic));
    const vf r = vf_fnma(n, vf_set1(ln2_low), vf_fnma(n, vf_set1(ln2_high), x));
    return (reduced){integer, r};
}

/* 2^(i - 127) for an integer with i in its low bits. */
VEC vf power_of_two(vf integer) { return vf_from_bits(vu_shl(vf_bits(integer), 23)); }

/* exp(x) = 2^(n - 1) * 2 exp(r); +0 below -69.3 by definition. */
VEC vf vf_exp(vf x) {
    static const float two_exp[] = {
        0x1.697cc6p-9f, 0x1.12398cp-6f, 0x1.5559fep-4f, 0x1.555492p-2f, 0x1.fffffap-1f, 2.0f, 2.0f};
    const reduced part = reduce_by_ln2(x, 0x1.8000fcp+23f); /* 1.5 * 2^23 + 126 */
    vf y = vf_mul(polynomial(part.r, two_exp, 7), power_of_two(part.integer));
    y = vf_select(vf_lt(vf_set1(89.0f), x), vf_set1(INFINITY), y);
    return vf_drop(vf_lt(x, vf_set1(-69.3f)), y);
}

/* x = 2^k m with m in [2/3, 4/3): log(x) = k ln2 + log(m). */
VEC vf vf_log(vf x) {
    static const float log_tail[] = {
        0x1.1b0f4ep-3f, -0x1.35b43ep-3f, 0x1.1f9510p-3f, -0x1.515a62p-3f,
        0x1.99c330p-3f, -0x1.000b1cp-2f, 0x1.555528p-2f, -0.5f};
    const vm tiny = vf_lt(x, vf_set1(0x1p-126f));
    const vu bits = vf_bits(vf_select(tiny, vf_mul(x, vf_set1(0x1p24f)), x));
    const vu exponent = vu_and(vu_sub(bits, vu_set1(0x3f2aaaab)), vu_set1(0xff800000));
    const vf bias = vf_select(tiny, vf_set1(-24.0f), vf_set1(0.0f));
    const vf k = vf_fma(vf_from_int(exponent), vf_set1(0x1p-23f), bias);
    const vf f = vf_sub(vf_from_bits(vu_sub(bits, exponent)), vf_set1(1.0f));
    const vf log_m = vf_fma(polynomial(f, log_tail, 8), vf_mul(f, f), f);
    const vf y = vf_fma(k, vf_set1(ln2_high), log_m);
    const vm zero = vf_eq(x, vf_set1(0.0f)), infinite = vf_eq(x, vf_set1(INFINITY));
    const vf beyond = vf_select(zero, vf_set1(-INFINITY), vf_set1(NAN));
    return vf_select(infinite, x, vf_select(vf_lt(vf_set1(0.0f), x), y, beyond));
}

VEC vf tanh_small(vf x) {
    static const float tail[] = {0x1.0d0306p-6f, -0x1.af734cp-5f, 0x1.10cf96p-3f, -0x1.555464p-2f};
    const vf square = vf_mul(x, x);
    return vf_fma(vf_mul(polynomial(square, tail, 4), square), x, x);
}

/* 1 - 2 / (exp(2 x) + 1), with s = 2^-n and exp(2 x) = (1 + 2 q r) / s. */
VEC vf tanh_large(vf x) {
    static const float half_expm1[] = {0x1.693b40p-5f, 0x1.1234a2p-3f, 0x1.555a36p-2f,
                                       0x1.55549ap-1f, 0x1.fffffap-1f, 1.0f};
    const vf magic = vf_set1(0x1.8000fep+23f); /* 1.5 * 2^23 + 127 */
    const vf integer = vf_fma(x, vf_set1(-0x1.715476p+1f), magic);
    const vf r = vf_fma(vf_sub(integer, magic), vf_set1(0x1.62e430p-2f), x);
    const vf s = power_of_two(integer), half = vf_set1(0.5f);
    const vf denominator = vf_fma(polynomial(r, half_expm1, 6), r, vf_fma(s, half, half));
    const vf y = vf_sub(vf_set1(1.0f), vf_div(s, denominator));
    return vf_select(vf_lt(vf_set1(9.5f), x), vf_set1(1.0f), y);
}

VEC vf vf_tanh(vf x) {
    const vu sign = vu_and(vf_bits(x), vu_set1(0x80000000));
    const vf magnitude = vf_from_bits(vu_xor(vf_bits(x), sign));
    const vf y =
        vf_select(vf_lt(magnitude, vf_set1(0.55f)), tanh_small(magnitude), tanh_large(magnitude));
    return vf_from_bits(vu_or(vf_bits(y), sign));
}

/* 1 / (1 + exp(-x)) = s / (s + 1 + u) with s = 2^n and u = exp(-r) - 1: one division, then one
 * correction by what is left of 1 - z (s + 1 + u). +0 below -69.3 by definition. */
VEC vf vf_sigmoid(vf x) {
    static const float expm1_tail[] = {0x1.665c50p-10f, -0x1.12338ap-7f, 0x1.555ddep-5f,
                                       -0x1.55549cp-3f, 0x1.fffff6p-2f,  -1.0f};
    const reduced part = reduce_by_ln2(x, 0x1.8000fep+23f); /* 1.5 * 2^23 + 127 */
    const vf s = power_of_two(part.integer), one = vf_set1(1.0f);
    const vf u = vf_mul(polynomial(part.r, expm1_tail, 6), part.r);
    const vf z = vf_div(one, vf_add(vf_add(s, one), u));
    const vf left = vf_fnma(z, u, vf_fnma(z, s, vf_sub(one, z)));
    const vf y = vf_mul(vf_fma(z, left, z), s);
    const vf top = vf_select(vf_lt(vf_set1(64.0f), x), one, y);
    return vf_drop(vf_lt(x, vf_set1(-69.3f)), top);
}

#endif
