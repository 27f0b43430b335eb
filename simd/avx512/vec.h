/* Sixteen virtual lanes as one AVX-512 register. Lane i is element i in memory. */
#ifndef ISB_SIMD_AVX512_VEC_H
#define ISB_SIMD_AVX512_VEC_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef __m512 vf;    /* floats */
typedef __m512i vu;   /* uint32_t */
typedef __mmask16 vm; /* bit i is lane i */

#define VEC static inline __attribute__((always_inline))

VEC vf vf_load(const float *p) { return _mm512_load_ps(p); }
VEC vf vf_load_unaligned(const float *p) { return _mm512_loadu_ps(p); }
VEC void vf_store(float *p, vf x) { _mm512_store_ps(p, x); }
VEC vf vf_set1(float x) { return _mm512_set1_ps(x); }
VEC vf vf_add(vf x, vf y) { return _mm512_add_ps(x, y); }
VEC vf vf_sub(vf x, vf y) { return _mm512_sub_ps(x, y); }
VEC vf vf_mul(vf x, vf y) { return _mm512_mul_ps(x, y); }
VEC vf vf_div(vf x, vf y) { return _mm512_div_ps(x, y); }
VEC vf vf_sqrt(vf x) { return _mm512_sqrt_ps(x); }

/* x * y + z, z - x * y and x * y - z, rounded once. */
VEC vf vf_fma(vf x, vf y, vf z) { return _mm512_fmadd_ps(x, y, z); }
VEC vf vf_fnma(vf x, vf y, vf z) { return _mm512_fnmadd_ps(x, y, z); }
VEC vf vf_fms(vf x, vf y, vf z) { return _mm512_fmsub_ps(x, y, z); }

VEC vm vf_lt(vf x, vf y) { return _mm512_cmp_ps_mask(x, y, _CMP_LT_OQ); }
VEC vm vf_eq(vf x, vf y) { return _mm512_cmp_ps_mask(x, y, _CMP_EQ_OQ); }
/* m ? x : y */
VEC vf vf_select(vm m, vf x, vf y) { return _mm512_mask_blend_ps(m, y, x); }
/* m ? x : +0 */
VEC vf vf_keep(vm m, vf x) { return _mm512_maskz_mov_ps(m, x); }
/* m ? +0 : x */
VEC vf vf_drop(vm m, vf x) { return _mm512_maskz_mov_ps((vm)~m, x); }

VEC vm vm_not(vm m) { return (vm)~m; }
VEC unsigned vm_bits(vm m) { return m; }
VEC vm vm_from_bits(unsigned bits) { return (vm)bits; }

VEC vu vu_load(const uint32_t *p) { return _mm512_loadu_si512(p); }
VEC vu vu_set1(uint32_t x) { return _mm512_set1_epi32((int)x); }
VEC vu vu_add(vu x, vu y) { return _mm512_add_epi32(x, y); }
VEC vu vu_sub(vu x, vu y) { return _mm512_sub_epi32(x, y); }
VEC vu vu_and(vu x, vu y) { return _mm512_and_si512(x, y); }
VEC vu vu_or(vu x, vu y) { return _mm512_or_si512(x, y); }
VEC vu vu_xor(vu x, vu y) { return _mm512_xor_si512(x, y); }
VEC vu vu_shl(vu x, int n) { return _mm512_sll_epi32(x, _mm_cvtsi32_si128(n)); }
VEC vu vu_shr(vu x, int n) { return _mm512_srl_epi32(x, _mm_cvtsi32_si128(n)); }
/* Arithmetic: the sign is drawn in. */
VEC vu vu_sar(vu x, int n) { return _mm512_sra_epi32(x, _mm_cvtsi32_si128(n)); }
VEC vu vu_rotl(vu x, int n) { return _mm512_rolv_epi32(x, _mm512_set1_epi32(n)); }
/* The lesser of two int32_t. */
VEC vu vu_min_int(vu x, vu y) { return _mm512_min_epi32(x, y); }
/* x <= y, unsigned */
VEC vm vu_le(vu x, vu y) { return _mm512_cmple_epu32_mask(x, y); }

VEC vu vf_bits(vf x) { return _mm512_castps_si512(x); }
VEC vf vf_from_bits(vu x) { return _mm512_castsi512_ps(x); }
/* From int32_t. */
VEC vf vf_from_int(vu x) { return _mm512_cvtepi32_ps(x); }
/* Sixteen bytes. */
VEC vf vf_from_u8(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)));
}

/* Folds 8-4-2-1: lane i with lane i + 8, then i + 4, i + 2, i + 1. */
VEC float vf_fold_add(vf x) {
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
VEC __m128 larger(__m128 x, __m128 y) { return _mm_blendv_ps(x, y, _mm_cmplt_ps(x, y)); }
/* x < y ? y : x in the same order. */
VEC float vf_fold_max(vf x) {
    const __m256 low = _mm512_castps512_ps256(x), high = _mm512_extractf32x8_ps(x, 1);
    const __m256 eight = _mm256_blendv_ps(low, high, _mm256_cmp_ps(low, high, _CMP_LT_OQ));
    const __m128 four = larger(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = larger(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(larger(two, _mm_movehdup_ps(two)));
}

#endif
