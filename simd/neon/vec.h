/* Sixteen virtual lanes as four NEON registers. Lane i is element i in memory. NEON's min and max,
 * which order zeros and NaN their own way, and its estimates are left alone (rules 5 and 6). */
#ifndef ISB_SIMD_NEON_VEC_H
#define ISB_SIMD_NEON_VEC_H

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

typedef struct vf {
    float32x4_t v[4];
} vf; /* floats */
typedef struct vu {
    uint32x4_t v[4];
} vu; /* uint32_t */
typedef struct vm {
    uint32x4_t v[4];
} vm; /* all ones or all zeros a lane */

#define VEC static inline __attribute__((always_inline))

/* An intrinsic on each of the four registers. */
#define EACH1(f, i, x) f((x).v[i])
#define EACH2(f, i, x, y) f((x).v[i], (y).v[i])
#define EACH3(f, i, x, y, z) f((x).v[i], (y).v[i], (z).v[i])
#define MAP(type, each, f, ...)                                                                    \
    ((type){{each(f, 0, __VA_ARGS__), each(f, 1, __VA_ARGS__), each(f, 2, __VA_ARGS__),            \
             each(f, 3, __VA_ARGS__)}})
#define MAP1(type, f, x) MAP(type, EACH1, f, x)
#define MAP2(type, f, x, y) MAP(type, EACH2, f, x, y)
#define MAP3(type, f, x, y, z) MAP(type, EACH3, f, x, y, z)

VEC vf vf_load(const float *p) {
    return (vf){{vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)}};
}
VEC vf vf_load_unaligned(const float *p) { return vf_load(p); }
VEC void vf_store(float *p, vf x) {
    vst1q_f32(p, x.v[0]);
    vst1q_f32(p + 4, x.v[1]);
    vst1q_f32(p + 8, x.v[2]);
    vst1q_f32(p + 12, x.v[3]);
}
VEC vf vf_set1(float x) {
    const float32x4_t all = vdupq_n_f32(x);
    return (vf){{all, all, all, all}};
}
VEC vf vf_add(vf x, vf y) { return MAP2(vf, vaddq_f32, x, y); }
VEC vf vf_sub(vf x, vf y) { return MAP2(vf, vsubq_f32, x, y); }
VEC vf vf_mul(vf x, vf y) { return MAP2(vf, vmulq_f32, x, y); }
VEC vf vf_div(vf x, vf y) { return MAP2(vf, vdivq_f32, x, y); }
VEC vf vf_sqrt(vf x) { return MAP1(vf, vsqrtq_f32, x); }

/* x * y + z, z - x * y and x * y - z, rounded once. The intrinsics take the addend first. */
VEC vf vf_fma(vf x, vf y, vf z) { return MAP3(vf, vfmaq_f32, z, x, y); }
VEC vf vf_fnma(vf x, vf y, vf z) { return MAP3(vf, vfmsq_f32, z, x, y); }
VEC vf vf_fms(vf x, vf y, vf z) { return vf_fma(x, y, MAP1(vf, vnegq_f32, z)); }

VEC vm vf_lt(vf x, vf y) { return MAP2(vm, vcltq_f32, x, y); }
VEC vm vf_eq(vf x, vf y) { return MAP2(vm, vceqq_f32, x, y); }
/* m ? x : y */
VEC vf vf_select(vm m, vf x, vf y) { return MAP3(vf, vbslq_f32, m, x, y); }

VEC vu vf_bits(vf x) { return MAP1(vu, vreinterpretq_u32_f32, x); }
VEC vf vf_from_bits(vu x) { return MAP1(vf, vreinterpretq_f32_u32, x); }

/* m ? x : +0 */
VEC vf vf_keep(vm m, vf x) { return vf_from_bits(MAP2(vu, vandq_u32, vf_bits(x), m)); }
/* m ? +0 : x */
VEC vf vf_drop(vm m, vf x) { return vf_from_bits(MAP2(vu, vbicq_u32, vf_bits(x), m)); }

VEC vm vm_not(vm m) { return MAP1(vm, vmvnq_u32, m); }
/* Lane i is bit i. */
VEC vu lane_bits(void) {
    const uint32x4_t first = {1, 2, 4, 8};
    return (vu){{first, first << 4, first << 8, first << 12}};
}
/* Bit i is lane i. */
VEC unsigned vm_bits(vm m) {
    const vu bits = MAP2(vu, vandq_u32, m, lane_bits());
    return vaddvq_u32(vorrq_u32(vorrq_u32(bits.v[0], bits.v[1]), vorrq_u32(bits.v[2], bits.v[3])));
}

VEC vu vu_load(const uint32_t *p) {
    return (vu){{vld1q_u32(p), vld1q_u32(p + 4), vld1q_u32(p + 8), vld1q_u32(p + 12)}};
}
VEC vu vu_set1(uint32_t x) {
    const uint32x4_t all = vdupq_n_u32(x);
    return (vu){{all, all, all, all}};
}
VEC vm vm_from_bits(unsigned bits) { return MAP2(vm, vtstq_u32, vu_set1(bits), lane_bits()); }
VEC vu vu_add(vu x, vu y) { return MAP2(vu, vaddq_u32, x, y); }
VEC vu vu_sub(vu x, vu y) { return MAP2(vu, vsubq_u32, x, y); }
VEC vu vu_and(vu x, vu y) { return MAP2(vu, vandq_u32, x, y); }
VEC vu vu_or(vu x, vu y) { return MAP2(vu, vorrq_u32, x, y); }
VEC vu vu_xor(vu x, vu y) { return MAP2(vu, veorq_u32, x, y); }
/* Operators, not intrinsics, which take no count but a literal one. */
VEC vu vu_shl(vu x, int n) { return (vu){{x.v[0] << n, x.v[1] << n, x.v[2] << n, x.v[3] << n}}; }
VEC vu vu_shr(vu x, int n) { return (vu){{x.v[0] >> n, x.v[1] >> n, x.v[2] >> n, x.v[3] >> n}}; }
VEC vu vu_rotl(vu x, int n) { return vu_or(vu_shl(x, n), vu_shr(x, 32 - n)); }
/* The lesser of two int32_t. */
VEC uint32x4_t min_int(uint32x4_t x, uint32x4_t y) {
    return vreinterpretq_u32_s32(vminq_s32(vreinterpretq_s32_u32(x), vreinterpretq_s32_u32(y)));
}
VEC vu vu_min_int(vu x, vu y) { return MAP2(vu, min_int, x, y); }
/* x <= y, unsigned */
VEC vm vu_le(vu x, vu y) { return MAP2(vm, vcleq_u32, x, y); }

/* From int32_t. */
VEC float32x4_t from_int(uint32x4_t x) { return vcvtq_f32_s32(vreinterpretq_s32_u32(x)); }
VEC vf vf_from_int(vu x) { return MAP1(vf, from_int, x); }
/* Sixteen bytes. */
VEC vf vf_from_u8(const uint8_t *p) {
    const uint8x16_t bytes = vld1q_u8(p);
    const uint16x8_t low = vmovl_u8(vget_low_u8(bytes)), high = vmovl_high_u8(bytes);
    const vu words = {{vmovl_u16(vget_low_u16(low)), vmovl_high_u16(low),
                       vmovl_u16(vget_low_u16(high)), vmovl_high_u16(high)}};
    return MAP1(vf, vcvtq_f32_u32, words);
}

/* Folds 8-4-2-1: lane i with lane i + 8, then i + 4, i + 2, i + 1. */
VEC float vf_fold_add(vf x) {
    const float32x4_t four = vaddq_f32(vaddq_f32(x.v[0], x.v[2]), vaddq_f32(x.v[1], x.v[3]));
    const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
VEC float32x4_t larger(float32x4_t x, float32x4_t y) { return vbslq_f32(vcltq_f32(x, y), y, x); }
/* x < y ? y : x in the same order. */
VEC float vf_fold_max(vf x) {
    const float32x4_t four = larger(larger(x.v[0], x.v[2]), larger(x.v[1], x.v[3]));
    const float32x4_t two = larger(four, vextq_f32(four, four, 2));
    return vgetq_lane_f32(larger(two, vextq_f32(two, two, 1)), 0);
}

#endif
