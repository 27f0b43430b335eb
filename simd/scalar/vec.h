/* Sixteen virtual lanes as plain arrays: what the lanes mean, in standard C. */
#ifndef ISB_SIMD_SCALAR_VEC_H
#define ISB_SIMD_SCALAR_VEC_H

#include "simd/scalar/fma.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct vf {
    float v[16];
} vf; /* floats */
typedef struct vu {
    uint32_t v[16];
} vu; /* uint32_t */
typedef struct vm {
    uint32_t v[16];
} vm; /* all ones or all zeros a lane */

#define VEC static inline
#define LANES(i) for (int i = 0; i < 16; i++)

VEC vf vf_load(const float *p) {
    vf r;
    memcpy(r.v, p, sizeof r.v);
    return r;
}
VEC vf vf_load_unaligned(const float *p) { return vf_load(p); }
VEC void vf_store(float *p, vf x) { memcpy(p, x.v, sizeof x.v); }
VEC vf vf_set1(float x) {
    vf r;
    LANES(i) r.v[i] = x;
    return r;
}
VEC vf vf_add(vf x, vf y) {
    LANES(i) x.v[i] += y.v[i];
    return x;
}
VEC vf vf_sub(vf x, vf y) {
    LANES(i) x.v[i] -= y.v[i];
    return x;
}
VEC vf vf_mul(vf x, vf y) {
    LANES(i) x.v[i] *= y.v[i];
    return x;
}
VEC vf vf_div(vf x, vf y) {
    LANES(i) x.v[i] /= y.v[i];
    return x;
}
VEC vf vf_sqrt(vf x) {
    LANES(i) x.v[i] = __builtin_sqrtf(x.v[i]);
    return x;
}

/* x * y + z, z - x * y and x * y - z, rounded once. */
VEC vf vf_fma(vf x, vf y, vf z) {
    LANES(i) z.v[i] = fma_scalar(x.v[i], y.v[i], z.v[i]);
    return z;
}
VEC vf vf_fnma(vf x, vf y, vf z) {
    LANES(i) z.v[i] = fma_scalar(-x.v[i], y.v[i], z.v[i]);
    return z;
}
VEC vf vf_fms(vf x, vf y, vf z) {
    LANES(i) z.v[i] = fma_scalar(x.v[i], y.v[i], -z.v[i]);
    return z;
}

VEC vm vf_lt(vf x, vf y) {
    vm r;
    LANES(i) r.v[i] = x.v[i] < y.v[i] ? UINT32_MAX : 0;
    return r;
}
VEC vm vf_eq(vf x, vf y) {
    vm r;
    LANES(i) r.v[i] = x.v[i] == y.v[i] ? UINT32_MAX : 0;
    return r;
}
/* m ? x : y */
VEC vf vf_select(vm m, vf x, vf y) {
    LANES(i) x.v[i] = m.v[i] ? x.v[i] : y.v[i];
    return x;
}
/* m ? x : +0 */
VEC vf vf_keep(vm m, vf x) { return vf_select(m, x, vf_set1(0.0f)); }
/* m ? +0 : x */
VEC vf vf_drop(vm m, vf x) { return vf_select(m, vf_set1(0.0f), x); }

VEC vm vm_not(vm m) {
    LANES(i) m.v[i] = ~m.v[i];
    return m;
}
/* Bit i is lane i. */
VEC unsigned vm_bits(vm m) {
    unsigned bits = 0;
    LANES(i) bits |= (m.v[i] & 1u) << i;
    return bits;
}
VEC vm vm_from_bits(unsigned bits) {
    vm r;
    LANES(i) r.v[i] = bits >> i & 1 ? UINT32_MAX : 0;
    return r;
}

VEC vu vu_load(const uint32_t *p) {
    vu r;
    memcpy(r.v, p, sizeof r.v);
    return r;
}
VEC vu vu_set1(uint32_t x) {
    vu r;
    LANES(i) r.v[i] = x;
    return r;
}
VEC vu vu_add(vu x, vu y) {
    LANES(i) x.v[i] += y.v[i];
    return x;
}
VEC vu vu_sub(vu x, vu y) {
    LANES(i) x.v[i] -= y.v[i];
    return x;
}
VEC vu vu_and(vu x, vu y) {
    LANES(i) x.v[i] &= y.v[i];
    return x;
}
VEC vu vu_or(vu x, vu y) {
    LANES(i) x.v[i] |= y.v[i];
    return x;
}
VEC vu vu_xor(vu x, vu y) {
    LANES(i) x.v[i] ^= y.v[i];
    return x;
}
VEC vu vu_shl(vu x, int n) {
    LANES(i) x.v[i] <<= n;
    return x;
}
VEC vu vu_shr(vu x, int n) {
    LANES(i) x.v[i] >>= n;
    return x;
}
/* Arithmetic: the sign is drawn in. */
VEC vu vu_sar(vu x, int n) {
    LANES(i) x.v[i] = x.v[i] >> n | (x.v[i] >> 31 ? ~(UINT32_MAX >> n) : 0);
    return x;
}
VEC vu vu_rotl(vu x, int n) { return vu_or(vu_shl(x, n), vu_shr(x, 32 - n)); }
/* x <= y, unsigned */
VEC vm vu_le(vu x, vu y) {
    vm r;
    LANES(i) r.v[i] = x.v[i] <= y.v[i] ? UINT32_MAX : 0;
    return r;
}

VEC vu vf_bits(vf x) {
    vu r;
    memcpy(r.v, x.v, sizeof r.v);
    return r;
}
VEC vf vf_from_bits(vu x) {
    vf r;
    memcpy(r.v, x.v, sizeof r.v);
    return r;
}
/* From int32_t. */
VEC vf vf_from_int(vu x) {
    vf r;
    LANES(i) r.v[i] = (float)(int32_t)x.v[i];
    return r;
}
/* Sixteen bytes. */
VEC vf vf_from_u8(const uint8_t *p) {
    vf r;
    LANES(i) r.v[i] = (float)p[i];
    return r;
}

/* Folds 8-4-2-1: lane i with lane i + 8, then i + 4, i + 2, i + 1. */
VEC float vf_fold_add(vf x) {
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            x.v[i] = x.v[i] + x.v[i + half];
    return x.v[0];
}
/* x < y ? y : x in the same order. */
VEC float vf_fold_max(vf x) {
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            x.v[i] = x.v[i] < x.v[i + half] ? x.v[i + half] : x.v[i];
    return x.v[0];
}

#endif
