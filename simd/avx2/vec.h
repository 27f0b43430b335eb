/* Sixteen virtual lanes as two AVX2 registers. Lane i is element i in memory. */
#ifndef ISB_SIMD_AVX2_VEC_H
#define ISB_SIMD_AVX2_VEC_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef struct vf {
    __m256 a, b;
} vf; /* floats */
typedef struct vu {
    __m256i a, b;
} vu; /* uint32_t */
typedef struct vm {
    __m256 a, b;
} vm; /* all ones or all zeros a lane */

#define VEC static inline __attribute__((always_inline))

VEC vf vf_load(const float *p) { return (vf){_mm256_load_ps(p), _mm256_load_ps(p + 8)}; }
VEC vf vf_load_unaligned(const float *p) {
    return (vf){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}
VEC void vf_store(float *p, vf x) {
    _mm256_store_ps(p, x.a);
    _mm256_store_ps(p + 8, x.b);
}
VEC vf vf_set1(float x) { return (vf){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
VEC vf vf_add(vf x, vf y) { return (vf){_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
VEC vf vf_sub(vf x, vf y) { return (vf){_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)}; }
VEC vf vf_mul(vf x, vf y) { return (vf){_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)}; }
VEC vf vf_div(vf x, vf y) { return (vf){_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)}; }
VEC vf vf_sqrt(vf x) { return (vf){_mm256_sqrt_ps(x.a), _mm256_sqrt_ps(x.b)}; }

/* x * y + z, z - x * y and x * y - z, rounded once. */
VEC vf vf_fma(vf x, vf y, vf z) {
    return (vf){_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}
VEC vf vf_fnma(vf x, vf y, vf z) {
    return (vf){_mm256_fnmadd_ps(x.a, y.a, z.a), _mm256_fnmadd_ps(x.b, y.b, z.b)};
}
VEC vf vf_fms(vf x, vf y, vf z) {
    return (vf){_mm256_fmsub_ps(x.a, y.a, z.a), _mm256_fmsub_ps(x.b, y.b, z.b)};
}

VEC vm vf_lt(vf x, vf y) {
    return (vm){_mm256_cmp_ps(x.a, y.a, _CMP_LT_OQ), _mm256_cmp_ps(x.b, y.b, _CMP_LT_OQ)};
}
VEC vm vf_eq(vf x, vf y) {
    return (vm){_mm256_cmp_ps(x.a, y.a, _CMP_EQ_OQ), _mm256_cmp_ps(x.b, y.b, _CMP_EQ_OQ)};
}
/* m ? x : y */
VEC vf vf_select(vm m, vf x, vf y) {
    return (vf){_mm256_blendv_ps(y.a, x.a, m.a), _mm256_blendv_ps(y.b, x.b, m.b)};
}
/* m ? x : +0 */
VEC vf vf_keep(vm m, vf x) { return (vf){_mm256_and_ps(m.a, x.a), _mm256_and_ps(m.b, x.b)}; }
/* m ? +0 : x */
VEC vf vf_drop(vm m, vf x) { return (vf){_mm256_andnot_ps(m.a, x.a), _mm256_andnot_ps(m.b, x.b)}; }

VEC vm vm_not(vm m) {
    const __m256 ones = _mm256_castsi256_ps(_mm256_set1_epi32(-1));
    return (vm){_mm256_xor_ps(m.a, ones), _mm256_xor_ps(m.b, ones)};
}
/* Bit i is lane i. */
VEC unsigned vm_bits(vm m) {
    return (unsigned)_mm256_movemask_ps(m.a) | (unsigned)_mm256_movemask_ps(m.b) << 8;
}
VEC vm vm_from_bits(unsigned bits) {
    const __m256i low = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i high = _mm256_slli_epi32(low, 8);
    const __m256i x = _mm256_set1_epi32((int)bits);
    return (vm){_mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(x, low), low)),
                _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(x, high), high))};
}

VEC vu vu_load(const uint32_t *p) {
    return (vu){_mm256_loadu_si256((const __m256i *)p),
                _mm256_loadu_si256((const __m256i *)(p + 8))};
}
VEC vu vu_set1(uint32_t x) { return (vu){_mm256_set1_epi32((int)x), _mm256_set1_epi32((int)x)}; }
VEC vu vu_add(vu x, vu y) { return (vu){_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)}; }
VEC vu vu_sub(vu x, vu y) { return (vu){_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b)}; }
VEC vu vu_and(vu x, vu y) { return (vu){_mm256_and_si256(x.a, y.a), _mm256_and_si256(x.b, y.b)}; }
VEC vu vu_or(vu x, vu y) { return (vu){_mm256_or_si256(x.a, y.a), _mm256_or_si256(x.b, y.b)}; }
VEC vu vu_xor(vu x, vu y) { return (vu){_mm256_xor_si256(x.a, y.a), _mm256_xor_si256(x.b, y.b)}; }
VEC vu vu_shl(vu x, int n) { return (vu){_mm256_slli_epi32(x.a, n), _mm256_slli_epi32(x.b, n)}; }
VEC vu vu_shr(vu x, int n) { return (vu){_mm256_srli_epi32(x.a, n), _mm256_srli_epi32(x.b, n)}; }
/* Arithmetic: the sign is drawn in. */
VEC vu vu_sar(vu x, int n) { return (vu){_mm256_srai_epi32(x.a, n), _mm256_srai_epi32(x.b, n)}; }
VEC vu vu_rotl(vu x, int n) { return vu_or(vu_shl(x, n), vu_shr(x, 32 - n)); }
/* The lesser of two int32_t. */
VEC vu vu_min_int(vu x, vu y) {
    return (vu){_mm256_min_epi32(x.a, y.a), _mm256_min_epi32(x.b, y.b)};
}
/* x <= y, unsigned */
VEC vm vu_le(vu x, vu y) {
    return (vm){_mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_min_epu32(x.a, y.a), x.a)),
                _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_min_epu32(x.b, y.b), x.b))};
}

VEC vu vf_bits(vf x) { return (vu){_mm256_castps_si256(x.a), _mm256_castps_si256(x.b)}; }
VEC vf vf_from_bits(vu x) { return (vf){_mm256_castsi256_ps(x.a), _mm256_castsi256_ps(x.b)}; }
/* From int32_t. */
VEC vf vf_from_int(vu x) { return (vf){_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)}; }
/* Sixteen bytes. */
VEC vf vf_from_u8(const uint8_t *p) {
    const __m128i bytes = _mm_loadu_si128((const __m128i *)p);
    return vf_from_int(
        (vu){_mm256_cvtepu8_epi32(bytes), _mm256_cvtepu8_epi32(_mm_unpackhi_epi64(bytes, bytes))});
}

/* Folds 8-4-2-1: lane i with lane i + 8, then i + 4, i + 2, i + 1. */
VEC float vf_fold_add(vf x) {
    const __m256 eight = _mm256_add_ps(x.a, x.b);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
VEC __m128 larger(__m128 x, __m128 y) { return _mm_blendv_ps(x, y, _mm_cmplt_ps(x, y)); }
/* x < y ? y : x in the same order. */
VEC float vf_fold_max(vf x) {
    const __m256 eight = _mm256_blendv_ps(x.a, x.b, _mm256_cmp_ps(x.a, x.b, _CMP_LT_OQ));
    const __m128 four = larger(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = larger(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(larger(two, _mm_movehdup_ps(two)));
}

#endif
