/* Hand-tiled NEON matmul kernels. The forward tile is up to 6 rows by one panel: 24 accumulators of
 * the 32 registers. A register of four k of a row of A serves sixteen fmas through its lanes, so
 * that four k of six rows cost 6 loads of A and 16 of B for 96 fmas. */
#ifndef ISB_SIMD_NEON_MATMUL_H
#define ISB_SIMD_NEON_MATMUL_H

#include "simd/body/tiles.h"
#include "simd/kernels.h"
#include "simd/neon/vec.h"

enum { TILE_ROWS = 6 };

typedef struct tile {
    float32x4_t acc[TILE_ROWS][4];
} tile;

/* One k, lane `lane` of the registers a: LANE is a literal, as the intrinsic wants it. */
#define FORWARD_STEP(t, a, B, lane, rows)                                                          \
    do {                                                                                           \
        _Pragma("GCC unroll 4") for (int c = 0; c < 4; c++) {                                      \
            const float32x4_t b = vld1q_f32((B) + (lane)*16 + c * 4);                              \
            _Pragma("GCC unroll 6") for (int r = 0; r < (rows); r++)(t)->acc[r][c] =               \
                vfmaq_laneq_f32((t)->acc[r][c], b, (a)[r], lane);                                  \
        }                                                                                          \
    } while (0)

/* Four k of each row. A panel's row is 16 floats, so a register may be loaded for any k of it. */
VEC void forward_load(float32x4_t a[TILE_ROWS], const float *A, const int rows) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        a[r] = vld1q_f32(A + r * 16);
}

/* Up to 16 k: those of one panel of A. */
VEC void forward_steps(tile *t, const float *A, const float *B, size_t steps, const int rows) {
    float32x4_t a[TILE_ROWS];
    for (; steps >= 4; steps -= 4, A += 4, B += 64) {
        forward_load(a, A, rows);
        FORWARD_STEP(t, a, B, 0, rows);
        FORWARD_STEP(t, a, B, 1, rows);
        FORWARD_STEP(t, a, B, 2, rows);
        FORWARD_STEP(t, a, B, 3, rows);
    }
    if (steps == 0)
        return;
    forward_load(a, A, rows);
    FORWARD_STEP(t, a, B, 0, rows);
    if (steps > 1)
        FORWARD_STEP(t, a, B, 1, rows);
    if (steps > 2)
        FORWARD_STEP(t, a, B, 2, rows);
}

VEC void forward_tile(float *C, const float *A, size_t a_stride, const float *B, const float *start,
                      size_t k, const int rows) {
    tile t;
    const vf first = start ? vf_load(start) : vf_set1(0.0f);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < 4; c++)
            t.acc[r][c] = first.v[c];
    for (size_t i = 0; i < k; i += 16)
        forward_steps(&t, A + i / 16 * a_stride, B + i * 16, k - i < 16 ? k - i : 16, rows);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < 4; c++)
            vst1q_f32(C + r * 16 + c * 4, t.acc[r][c]);
}

/* A function each, so that one's accumulators do not press on another's registers. */
#define FORWARD_ROWS(rows)                                                                         \
    static void forward_##rows(float *C, const float *A, size_t a_stride, const float *B,          \
                               const float *start, size_t k) {                                     \
        forward_tile(C, A, a_stride, B, start, k, rows);                                           \
    }
FORWARD_ROWS(1)
FORWARD_ROWS(2)
FORWARD_ROWS(3)
FORWARD_ROWS(4)
FORWARD_ROWS(5)
FORWARD_ROWS(6)

static void kernel_matmul(float *C, size_t c_stride, const float *A, size_t a_stride,
                          const float *B, size_t b_stride, const float *start, size_t rows,
                          size_t k, size_t panels) {
    static void (*const forward[])(float *, const float *, size_t, const float *, const float *,
                                   size_t) = {forward_1, forward_2, forward_3,
                                              forward_4, forward_5, forward_6};
    const size_t tiles = tile_count(rows, TILE_ROWS);
    for (size_t p = 0; p < panels; p++) {
        const float *panel_start = start ? start + p * 16 : NULL;
        for (size_t t = 0; t < tiles; t++) {
            const size_t first = tile_begin(rows, tiles, t);
            forward[tile_begin(rows, tiles, t + 1) - first - 1](C + p * c_stride + first * 16,
                                                                A + first * 16, a_stride,
                                                                B + p * b_stride, panel_start, k);
        }
    }
}

/* The gradient's tile is 8 inputs by half a panel: 16 accumulators, 4 loads for 16 fmas. Inputs
 * beyond the last one are computed from what the strip holds there, and not stored. */
enum { TILE_INPUTS = 8 };

/* Inputs 4 q to 4 q + 3 of one row of X and D. */
VEC void outer_quad(float32x4_t acc[TILE_INPUTS][2], const int q, float32x4_t x,
                    const float32x4_t d[2]) {
#pragma GCC unroll 2
    for (int c = 0; c < 2; c++) {
        acc[4 * q][c] = vfmaq_laneq_f32(acc[4 * q][c], d[c], x, 0);
        acc[4 * q + 1][c] = vfmaq_laneq_f32(acc[4 * q + 1][c], d[c], x, 1);
        acc[4 * q + 2][c] = vfmaq_laneq_f32(acc[4 * q + 2][c], d[c], x, 2);
        acc[4 * q + 3][c] = vfmaq_laneq_f32(acc[4 * q + 3][c], d[c], x, 3);
    }
}

VEC void outer_tile(float *top, size_t pops, size_t entry, const float *X, const float *D,
                    size_t rows, size_t inputs, const int quads) {
    float32x4_t acc[TILE_INPUTS][2];
#pragma GCC unroll 8
    for (int i = 0; i < 4 * quads; i++)
        acc[i][0] = acc[i][1] = vdupq_n_f32(0.0f);
    for (size_t r = 0; r < rows; r++, X += 16, D += 16) {
        const float32x4_t d[2] = {vld1q_f32(D), vld1q_f32(D + 4)};
#pragma GCC unroll 2
        for (int q = 0; q < quads; q++)
            outer_quad(acc, q, vld1q_f32(X + 4 * q), d);
    }
    for (; pops > 0; pops--) {
        top -= entry;
#pragma GCC unroll 8
        for (int i = 0; i < 4 * quads; i++) {
            if ((size_t)i < inputs) {
                acc[i][0] = vaddq_f32(vld1q_f32(top + i * 16), acc[i][0]);
                acc[i][1] = vaddq_f32(vld1q_f32(top + i * 16 + 4), acc[i][1]);
            }
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < 4 * quads; i++) {
        if ((size_t)i < inputs) {
            vst1q_f32(top + i * 16, acc[i][0]);
            vst1q_f32(top + i * 16 + 4, acc[i][1]);
        }
    }
}

static void outer_inputs(float *top, size_t pops, size_t entry, const float *X, const float *D,
                         size_t rows, size_t inputs) {
    if (inputs >= TILE_INPUTS)
        outer_tile(top, pops, entry, X, D, rows, TILE_INPUTS, 2);
    else if (inputs > 4)
        outer_tile(top, pops, entry, X, D, rows, inputs, 2);
    else
        outer_tile(top, pops, entry, X, D, rows, inputs, 1);
}

static void kernel_outer_leaf(float *top, size_t pops, const float *X, const float *D,
                              size_t d_stride, size_t rows, size_t inputs, size_t panels) {
    for (size_t p = 0; p < panels; p++) {
        for (size_t i = 0; i < inputs; i += TILE_INPUTS) {
            for (size_t half = 0; half < 16; half += 8)
                outer_inputs(top + p * 256 + i * 16 + half, pops, panels * 256, X + i,
                             D + p * d_stride + half, rows, inputs - i);
        }
    }
}

/* Rows of a 4 x 4 block become its columns. */
VEC void transpose_4x4(float32x4_t x[4]) {
    const float64x2_t a = vreinterpretq_f64_f32(vtrn1q_f32(x[0], x[1]));
    const float64x2_t b = vreinterpretq_f64_f32(vtrn2q_f32(x[0], x[1]));
    const float64x2_t c = vreinterpretq_f64_f32(vtrn1q_f32(x[2], x[3]));
    const float64x2_t d = vreinterpretq_f64_f32(vtrn2q_f32(x[2], x[3]));
    x[0] = vreinterpretq_f32_f64(vzip1q_f64(a, c));
    x[1] = vreinterpretq_f32_f64(vzip1q_f64(b, d));
    x[2] = vreinterpretq_f32_f64(vzip2q_f64(a, c));
    x[3] = vreinterpretq_f32_f64(vzip2q_f64(b, d));
}

static void kernel_transpose(float *T, const float *W, size_t w_stride, size_t first, size_t rows,
                             size_t columns) {
    for (size_t j = 0; j < columns; j += 4) {
        const float *from = W + j / 16 * w_stride + first * 16 + j % 16;
        const size_t count = columns - j < 4 ? columns - j : 4;
        for (size_t quad = 0; quad < 16; quad += 4) {
            float32x4_t x[4];
#pragma GCC unroll 4
            for (size_t i = 0; i < 4; i++)
                x[i] = quad + i < rows ? vld1q_f32(from + (quad + i) * 16) : vdupq_n_f32(0.0f);
            transpose_4x4(x);
#pragma GCC unroll 4
            for (size_t i = 0; i < 4; i++)
                if (i < count)
                    vst1q_f32(T + (j + i) * 16 + quad, x[i]);
        }
    }
}

enum { SPARSE_PANELS = 4, PAIR_PANELS = 2 }; /* simd/body/sparse.h */

#endif
