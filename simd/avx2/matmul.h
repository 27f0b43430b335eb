/* Hand-tiled AVX2 matmul kernels. A tile is up to 6 rows by one panel: 12 accumulators, two loads
 * and six broadcasts for twelve fmas an iteration. */
#ifndef ISB_SIMD_AVX2_MATMUL_H
#define ISB_SIMD_AVX2_MATMUL_H

#include "simd/avx2/vec.h"
#include "simd/body/tiles.h"
#include "simd/kernels.h"

enum { TILE_ROWS = 6 };

VEC void forward_steps(__m256 acc[TILE_ROWS][2], const float *A, const float *B, size_t steps,
                       const int rows) {
    for (size_t i = 0; i < steps; i++) {
        const __m256 b0 = _mm256_load_ps(B + i * 16);
        const __m256 b1 = _mm256_load_ps(B + i * 16 + 8);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            const __m256 a = _mm256_broadcast_ss(A + r * 16 + i);
            acc[r][0] = _mm256_fmadd_ps(a, b0, acc[r][0]);
            acc[r][1] = _mm256_fmadd_ps(a, b1, acc[r][1]);
        }
    }
}

/* The rows of a panel of A are neighbours, but its panels are far apart: no hardware prefetcher
 * follows from one to the next. */
VEC void prefetch_rows(const float *A, const int rows) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        _mm_prefetch((const char *)(A + r * 16), _MM_HINT_T0);
}

VEC void forward_tile(float *C, const float *A, size_t a_stride, const float *B, const float *start,
                      size_t k, const int rows) {
    __m256 acc[TILE_ROWS][2];
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        acc[r][0] = start ? _mm256_load_ps(start) : _mm256_setzero_ps();
        acc[r][1] = start ? _mm256_load_ps(start + 8) : _mm256_setzero_ps();
    }
    for (; k >= 16; k -= 16, A += a_stride, B += 256) {
        prefetch_rows(A + 2 * a_stride, rows);
        forward_steps(acc, A, B, 16, rows);
    }
    forward_steps(acc, A, B, k, rows);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        _mm256_store_ps(C + r * 16, acc[r][0]);
        _mm256_store_ps(C + r * 16 + 8, acc[r][1]);
    }
}

static void forward_rows(float *C, const float *A, size_t a_stride, const float *B,
                         const float *start, size_t k, size_t rows) {
    switch (rows) {
    case 6: forward_tile(C, A, a_stride, B, start, k, 6); break;
    case 5: forward_tile(C, A, a_stride, B, start, k, 5); break;
    case 4: forward_tile(C, A, a_stride, B, start, k, 4); break;
    case 3: forward_tile(C, A, a_stride, B, start, k, 3); break;
    case 2: forward_tile(C, A, a_stride, B, start, k, 2); break;
    default: forward_tile(C, A, a_stride, B, start, k, 1); break;
    }
}

static void kernel_matmul(float *C, size_t c_stride, const float *A, size_t a_stride,
                          const float *B, size_t b_stride, const float *start, size_t rows,
                          size_t k, size_t panels) {
    const size_t tiles = tile_count(rows, TILE_ROWS);
    for (size_t p = 0; p < panels; p++) {
        const float *panel_start = start ? start + p * 16 : NULL;
        for (size_t t = 0; t < tiles; t++) {
            const size_t first = tile_begin(rows, tiles, t);
            forward_rows(C + p * c_stride + first * 16, A + first * 16, a_stride, B + p * b_stride,
                         panel_start, k, tile_begin(rows, tiles, t + 1) - first);
        }
    }
}

VEC void outer_tile(float *top, size_t pops, size_t entry, const float *X, const float *D,
                    size_t rows, const int inputs) {
    __m256 acc[TILE_ROWS][2];
#pragma GCC unroll 6
    for (int i = 0; i < inputs; i++)
        acc[i][0] = acc[i][1] = _mm256_setzero_ps();
    for (size_t r = 0; r < rows; r++, X += 16, D += 16) {
        const __m256 d0 = _mm256_load_ps(D);
        const __m256 d1 = _mm256_load_ps(D + 8);
#pragma GCC unroll 6
        for (int i = 0; i < inputs; i++) {
            const __m256 x = _mm256_broadcast_ss(X + i);
            acc[i][0] = _mm256_fmadd_ps(x, d0, acc[i][0]);
            acc[i][1] = _mm256_fmadd_ps(x, d1, acc[i][1]);
        }
    }
    for (; pops > 0; pops--) {
        top -= entry;
#pragma GCC unroll 6
        for (int i = 0; i < inputs; i++) {
            acc[i][0] = _mm256_add_ps(_mm256_load_ps(top + i * 16), acc[i][0]);
            acc[i][1] = _mm256_add_ps(_mm256_load_ps(top + i * 16 + 8), acc[i][1]);
        }
    }
#pragma GCC unroll 6
    for (int i = 0; i < inputs; i++) {
        _mm256_store_ps(top + i * 16, acc[i][0]);
        _mm256_store_ps(top + i * 16 + 8, acc[i][1]);
    }
}

static void outer_inputs(float *top, size_t pops, size_t entry, const float *X, const float *D,
                         size_t rows, size_t inputs) {
    switch (inputs) {
    case 6: outer_tile(top, pops, entry, X, D, rows, 6); break;
    case 5: outer_tile(top, pops, entry, X, D, rows, 5); break;
    case 4: outer_tile(top, pops, entry, X, D, rows, 4); break;
    case 3: outer_tile(top, pops, entry, X, D, rows, 3); break;
    case 2: outer_tile(top, pops, entry, X, D, rows, 2); break;
    default: outer_tile(top, pops, entry, X, D, rows, 1); break;
    }
}

static void kernel_outer_leaf(float *top, size_t pops, const float *X, const float *D,
                              size_t d_stride, size_t rows, size_t inputs, size_t panels) {
    const size_t tiles = tile_count(inputs, TILE_ROWS);
    for (size_t p = 0; p < panels; p++) {
        for (size_t t = 0; t < tiles; t++) {
            const size_t first = tile_begin(inputs, tiles, t);
            outer_inputs(top + p * 256 + first * 16, pops, panels * 256, X + first,
                         D + p * d_stride, rows, tile_begin(inputs, tiles, t + 1) - first);
        }
    }
}

/* Rows of an 8 x 8 block become its columns. */
VEC void transpose_8x8(__m256 x[8]) {
    __m256 pair[8], quad[8];
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_ps(x[i], x[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(x[i], x[i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 8; i += 4) {
        quad[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
        quad[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
        quad[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        quad[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        x[i] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20);
        x[i + 4] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31);
    }
}

static void kernel_transpose(float *T, const float *W, size_t w_stride, size_t first, size_t rows,
                             size_t columns) {
    for (size_t j = 0; j < columns; j += 8) {
        const float *from = W + j / 16 * w_stride + first * 16 + j % 16;
        const size_t count = columns - j < 8 ? columns - j : 8;
        for (size_t half = 0; half < 16; half += 8) {
            __m256 x[8];
#pragma GCC unroll 8
            for (size_t i = 0; i < 8; i++)
                x[i] =
                    half + i < rows ? _mm256_load_ps(from + (half + i) * 16) : _mm256_setzero_ps();
            transpose_8x8(x);
#pragma GCC unroll 8
            for (size_t i = 0; i < 8; i++)
                if (i < count)
                    _mm256_store_ps(T + (j + i) * 16 + half, x[i]);
        }
    }
}

enum { SPARSE_PANELS = 4, PAIR_PANELS = 2 }; /* simd/body/sparse.h */

#endif
