/* Hand-tiled AVX-512 matmul kernels. A tile is up to 12 rows by two panels: 24 accumulators, two
 * loads and twelve broadcasts for 24 fmas an iteration; an odd last panel stands alone. */
#ifndef ISB_SIMD_AVX512_MATMUL_H
#define ISB_SIMD_AVX512_MATMUL_H

#include "simd/avx512/vec.h"
#include "simd/body/optimizer.h"
#include "simd/body/tiles.h"
#include "simd/kernels.h"

enum { TILE_ROWS = 12, TILE_INPUTS = 8, TILE_PANELS = 2 };

VEC void forward_steps(__m512 acc[TILE_ROWS][TILE_PANELS], const float *A, const float *B,
                       size_t b_stride, size_t steps, const int rows, const int panels) {
    for (size_t i = 0; i < steps; i++) {
        __m512 b[TILE_PANELS];
#pragma GCC unroll 2
        for (int p = 0; p < panels; p++)
            b[p] = _mm512_load_ps(B + (size_t)p * b_stride + i * 16);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const __m512 a = _mm512_set1_ps(A[(size_t)r * 16 + i]);
#pragma GCC unroll 2
            for (int p = 0; p < panels; p++)
                acc[r][p] = _mm512_fmadd_ps(a, b[p], acc[r][p]);
        }
    }
}

/* The rows of a panel of A are neighbours, but its panels are far apart: no hardware prefetcher
 * follows from one to the next. */
VEC void prefetch_rows(const float *A, const int rows) {
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
        _mm_prefetch((const char *)(A + r * 16), _MM_HINT_T0);
}

VEC void forward_tile(float *C, size_t c_stride, const float *A, size_t a_stride, const float *B,
                      size_t b_stride, const float *start, size_t k, const int rows,
                      const int panels) {
    __m512 acc[TILE_ROWS][TILE_PANELS];
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
        const __m512 first = start ? _mm512_load_ps(start + p * 16) : _mm512_setzero_ps();
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++)
            acc[r][p] = first;
    }
    for (; k >= 16; k -= 16, A += a_stride, B += 256) {
        prefetch_rows(A + 2 * a_stride, rows);
        forward_steps(acc, A, B, b_stride, 16, rows, panels);
    }
    forward_steps(acc, A, B, b_stride, k, rows, panels);
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++)
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++)
            _mm512_store_ps(C + (size_t)p * c_stride + r * 16, acc[r][p]);
}

VEC void forward_rows(float *C, size_t c_stride, const float *A, size_t a_stride, const float *B,
                      size_t b_stride, const float *start, size_t k, size_t rows,
                      const int panels) {
#define CASE_ROWS(n)                                                                               \
    case n: forward_tile(C, c_stride, A, a_stride, B, b_stride, start, k, n, panels); break;
    switch (rows) {
        CASE_ROWS(1)
        CASE_ROWS(2)
        CASE_ROWS(3)
        CASE_ROWS(4)
        CASE_ROWS(5)
        CASE_ROWS(6)
        CASE_ROWS(7)
        CASE_ROWS(8)
        CASE_ROWS(9)
        CASE_ROWS(10)
        CASE_ROWS(11)
        CASE_ROWS(12)
    }
#undef CASE_ROWS
}

static void forward_pair(float *C, size_t c_stride, const float *A, size_t a_stride, const float *B,
                         size_t b_stride, const float *start, size_t k, size_t rows) {
    forward_rows(C, c_stride, A, a_stride, B, b_stride, start, k, rows, 2);
}

static void forward_single(float *C, const float *A, size_t a_stride, const float *B,
                           const float *start, size_t k, size_t rows) {
    forward_rows(C, 0, A, a_stride, B, 0, start, k, rows, 1);
}

static void kernel_matmul(float *C, size_t c_stride, const float *A, size_t a_stride,
                          const float *B, size_t b_stride, const float *start, size_t rows,
                          size_t k, size_t panels) {
    const size_t tiles = tile_count(rows, TILE_ROWS);
    for (size_t p = 0; p < panels; p += TILE_PANELS) {
        const float *panel_start = start ? start + p * 16 : NULL;
        for (size_t t = 0; t < tiles; t++) {
            const size_t first = tile_begin(rows, tiles, t);
            const size_t count = tile_begin(rows, tiles, t + 1) - first;
            float *c = C + p * c_stride + first * 16;
            const float *a = A + first * 16, *b = B + p * b_stride;
            if (panels - p >= TILE_PANELS)
                forward_pair(c, c_stride, a, a_stride, b, b_stride, panel_start, k, count);
            else
                forward_single(c, a, a_stride, b, panel_start, k, count);
        }
    }
}

/* The chains of one tile go on over some rows of a leaf. What is needed a leaf later is called for:
 * hardware prefetchers stop at the end of a page. The next panel lies behind the end of this one.
 */
VEC void outer_chains(__m512 acc[TILE_INPUTS][TILE_PANELS], const float *X, const float *D,
                      size_t d_stride, size_t rows, const int inputs, const int panels) {
    for (size_t r = 0; r < rows; r++, X += 16, D += 16) {
        _mm_prefetch((const char *)(X + (size_t)ISB_LEAF * 16), _MM_HINT_T0);
        __m512 d[TILE_PANELS];
#pragma GCC unroll 2
        for (int p = 0; p < panels; p++)
            d[p] = _mm512_load_ps(D + (size_t)p * d_stride);
#pragma GCC unroll 8
        for (int i = 0; i < inputs; i++) {
            const __m512 x = _mm512_set1_ps(X[i]);
#pragma GCC unroll 2
            for (int p = 0; p < panels; p++)
                acc[i][p] = _mm512_fmadd_ps(x, d[p], acc[i][p]);
        }
    }
}

/* Takes in what is on top of the stack and takes its place. */
VEC void outer_push(__m512 acc[TILE_INPUTS][TILE_PANELS], float *top, size_t pops, const int inputs,
                    const int panels) {
    for (; pops > 0; pops--) {
        top -= panels * 256;
#pragma GCC unroll 8
        for (int i = 0; i < inputs; i++)
#pragma GCC unroll 2
            for (int p = 0; p < panels; p++)
                acc[i][p] = _mm512_add_ps(_mm512_load_ps(top + p * 256 + i * 16), acc[i][p]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < inputs; i++)
#pragma GCC unroll 2
        for (int p = 0; p < panels; p++)
            _mm512_store_ps(top + p * 256 + i * 16, acc[i][p]);
}

VEC void outer_start(__m512 acc[TILE_INPUTS][TILE_PANELS], const int inputs) {
#pragma GCC unroll 8
    for (int i = 0; i < inputs; i++)
        acc[i][0] = acc[i][1] = _mm512_setzero_ps();
}

VEC void outer_tile(float *top, size_t pops, const float *X, const float *D, size_t d_stride,
                    size_t rows, const int inputs, const int panels) {
    __m512 acc[TILE_INPUTS][TILE_PANELS];
    outer_start(acc, inputs);
    outer_chains(acc, X, D, d_stride, rows, inputs, panels);
    outer_push(acc, top, pops, inputs, panels);
}

VEC void outer_inputs(float *top, size_t pops, const float *X, const float *D, size_t d_stride,
                      size_t rows, size_t inputs, const int panels) {
#define CASE_INPUTS(n)                                                                             \
    case n: outer_tile(top, pops, X, D, d_stride, rows, n, panels); break;
    switch (inputs) {
        CASE_INPUTS(1)
        CASE_INPUTS(2)
        CASE_INPUTS(3)
        CASE_INPUTS(4)
        CASE_INPUTS(5)
        CASE_INPUTS(6)
        CASE_INPUTS(7)
        CASE_INPUTS(8)
    }
#undef CASE_INPUTS
}

static void outer_pair(float *top, size_t pops, const float *X, const float *D, size_t d_stride,
                       size_t rows, size_t inputs) {
    outer_inputs(top, pops, X, D, d_stride, rows, inputs, 2);
}

static void outer_single(float *top, size_t pops, const float *X, const float *D, size_t rows,
                         size_t inputs) {
    outer_inputs(top, pops, X, D, 0, rows, inputs, 1);
}

static void kernel_outer_leaf(float *top, size_t pops, const float *X, const float *D,
                              size_t d_stride, size_t rows, size_t inputs, size_t panels) {
    const size_t tiles = tile_count(inputs, TILE_INPUTS);
    for (size_t t = 0; t < tiles; t++) {
        const size_t first = tile_begin(inputs, tiles, t);
        const size_t count = tile_begin(inputs, tiles, t + 1) - first;
        if (panels == 2)
            outer_pair(top + first * 16, pops, X + first, D, d_stride, rows, count);
        else
            outer_single(top + first * 16, pops, X + first, D, rows, count);
    }
}

enum { BLOCK = 256 }; /* weights of a panel of units by a panel of inputs */

/* A full tile, and between its rows Adam on a full block. The weights follow their moments some
 * rows later, so that few fmas wait behind a root or a quotient. */
static void outer_full_tile_adam(float *top, size_t pops, const float *X, const float *D,
                                 size_t d_stride, size_t rows, const isb_adam_block *block,
                                 const isb_adam *step) {
    __m512 acc[TILE_INPUTS][TILE_PANELS];
    float *w = block->w, *m = block->m, *v = block->v;
    const float *g = block->g;
    const isb_adam constants = *step;
    outer_start(acc, TILE_INPUTS);
    adam_rest rest = adam_moments(m, v, vf_load(g), &constants);
    for (size_t i = 0, row = 0; i < BLOCK; i += 16) {
        const size_t end = (i + 16) * rows / BLOCK;
        outer_chains(acc, X + row * 16, D + row * 16, d_stride, end - row, TILE_INPUTS,
                     TILE_PANELS);
        row = end;
        adam_weights(w + i, rest, &constants);
        if (i + 16 < BLOCK)
            rest = adam_moments(m + i + 16, v + i + 16, vf_load(g + i + 16), &constants);
    }
    outer_push(acc, top, pops, TILE_INPUTS, TILE_PANELS);
}

/* The two tiles of a full pair of panels take a full block each; whatever else there is comes one
 * after the other. */
static void kernel_outer_leaf_adam(float *top, size_t pops, const float *X, const float *D,
                                   size_t d_stride, size_t rows, size_t inputs, size_t panels,
                                   const isb_adam_block *blocks, size_t count,
                                   const isb_adam *step) {
    if (panels == TILE_PANELS && inputs == 2 * TILE_INPUTS && count == 2 && blocks[0].n == BLOCK &&
        blocks[1].n == BLOCK) {
        for (size_t t = 0; t < 2; t++)
            outer_full_tile_adam(top + t * TILE_INPUTS * 16, pops, X + t * TILE_INPUTS, D, d_stride,
                                 rows, &blocks[t], step);
    } else {
        kernel_outer_leaf(top, pops, X, D, d_stride, rows, inputs, panels);
        for (size_t b = 0; b < count; b++)
            kernel_adam(blocks[b].w, blocks[b].m, blocks[b].v, blocks[b].g, blocks[b].n, step);
    }
}

/* Rows of a 16 x 16 block become its columns: pairs, quads, then 128-bit lanes. */
VEC void transpose_16x16(__m512 x[16]) {
    __m512 pair[16], quad[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        pair[i] = _mm512_unpacklo_ps(x[i], x[i + 1]);
        pair[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        quad[i] = _mm512_shuffle_ps(pair[i], pair[i + 2], 0x44);
        quad[i + 1] = _mm512_shuffle_ps(pair[i], pair[i + 2], 0xee);
        quad[i + 2] = _mm512_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        quad[i + 3] = _mm512_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        const __m512 even_low = _mm512_shuffle_f32x4(quad[i], quad[i + 4], 0x88);
        const __m512 odd_low = _mm512_shuffle_f32x4(quad[i], quad[i + 4], 0xdd);
        const __m512 even_high = _mm512_shuffle_f32x4(quad[i + 8], quad[i + 12], 0x88);
        const __m512 odd_high = _mm512_shuffle_f32x4(quad[i + 8], quad[i + 12], 0xdd);
        x[i] = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
        x[i + 4] = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
        x[i + 8] = _mm512_shuffle_f32x4(even_low, even_high, 0xdd);
        x[i + 12] = _mm512_shuffle_f32x4(odd_low, odd_high, 0xdd);
    }
}

static void kernel_transpose(float *T, const float *W, size_t w_stride, size_t first, size_t rows,
                             size_t columns) {
    for (size_t j = 0; j < columns; j += 16, T += 256, W += w_stride) {
        const size_t count = columns - j < 16 ? columns - j : 16;
        __m512 x[16];
#pragma GCC unroll 16
        for (size_t i = 0; i < 16; i++)
            x[i] = i < rows ? _mm512_load_ps(W + (first + i) * 16) : _mm512_setzero_ps();
        transpose_16x16(x);
#pragma GCC unroll 16
        for (size_t i = 0; i < 16; i++)
            if (i < count)
                _mm512_store_ps(T + i * 16, x[i]);
    }
}

enum { SPARSE_PANELS = 8, PAIR_PANELS = 8 }; /* simd/body/sparse.h */

#endif
