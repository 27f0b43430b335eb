/* Matmuls that pass over the zeros of the inputs. A term fma(0, b, acc) of a chain changes nothing
 * unless b is not finite or acc is -0; each kernel here proves afterwards that neither was so, and
 * else starts again with every term. So they give the bits of the dense kernels, always.
 *
 * Four fifths of an image of a digit are zeros, of one-hot columns nearly all. A row of inputs,
 * or a column of them over the rows of a leaf, becomes a word of bits whose ones are visited; what
 * is done for each is wide enough to pay for finding it. The instruction set says in its matmul.h
 * how many panels stay in its registers: SPARSE_PANELS for a row, PAIR_PANELS for two columns. */
#ifndef ISB_SIMD_BODY_SPARSE_H
#define ISB_SIMD_BODY_SPARSE_H

#include "simd/body/optimizer.h"
#include "simd/kernels.h"

/* The same row in each panel. GCC would add up strides for each of them anew, in loops that have no
 * time for it. */
VEC void rows_of_panels(const float *rows[], const float *first, size_t stride, const int panels) {
#pragma GCC unroll 8
    for (int p = 0; p < panels; p++) {
        rows[p] = first + (size_t)p * stride;
        __asm__("" : "+r"(rows[p]));
    }
}

/* TAKE(p, n) for all panels, n of them from p on at a time: `most`, a power of two up to 8, and
 * then the powers of two that are left. n is a constant. */
#define EACH_PANELS(panels, most, TAKE)                                                            \
    for (size_t p = 0; p < (panels);) {                                                            \
        TAKE_PANELS(8, panels, most, TAKE)                                                         \
        TAKE_PANELS(4, panels, most, TAKE)                                                         \
        TAKE_PANELS(2, panels, most, TAKE)                                                         \
        TAKE_PANELS(1, panels, most, TAKE)                                                         \
    }
#define TAKE_PANELS(n, panels, most, TAKE)                                                         \
    if ((most) >= (n) && (panels)-p >= (n)) {                                                      \
        TAKE(p, (n) < (most) ? (n) : (most));                                                      \
        p += (n);                                                                                  \
        continue;                                                                                  \
    }

VEC unsigned nonzero_lanes(const float *x) {
    return vm_bits(vm_not(vf_eq(vf_load(x), vf_set1(0.0f))));
}

/* What results of chains tell, a panel each so that no test waits for another: whether all were
 * finite, and whether one may be -0, which among integers is the least. */
typedef struct evidence {
    vf sum[SPARSE_PANELS];
    vu least[SPARSE_PANELS];
} evidence;

VEC evidence no_evidence(const int panels) {
    evidence e;
#pragma GCC unroll 8
    for (int p = 0; p < panels; p++) {
        e.sum[p] = vf_set1(0.0f);
        e.least[p] = vu_set1(0);
    }
    return e;
}

VEC bool has_negative_zero(vu least) {
    return vm_bits(vu_le(vu_xor(least, vu_set1(0x80000000)), vu_set1(0))) != 0;
}

/* Sums stay 0 while all is finite. */
VEC bool harmless(const evidence *e, const int panels) {
    vf sum = e->sum[0];
    vu least = e->least[0];
#pragma GCC unroll 8
    for (int p = 1; p < panels; p++) {
        sum = vf_add(sum, e->sum[p]);
        least = vu_min_int(least, e->least[p]);
    }
    return vm_bits(vf_eq(sum, vf_set1(0.0f))) == 0xffff && !has_negative_zero(least);
}

/* The forward pass: of so many columns at most the bits are kept; the chains of more go on from C.
 */
enum { WORD = 64, SPARSE_WORDS = 64 };

/* lit[w][r]: the columns of A from 64 w on that are not 0 in row r. */
static void light_rows(uint64_t lit[SPARSE_WORDS][ISB_LEAF], const float *A, size_t a_stride,
                       size_t rows, size_t k) {
    for (size_t w = 0; k > 0; w++, A += WORD / 16 * a_stride) {
        const size_t columns = k < WORD ? k : WORD;
        const uint64_t exist = ~(uint64_t)0 >> (WORD - columns);
        for (size_t r = 0; r < rows; r++) {
            uint64_t bits = 0;
            for (size_t i = 0; i < columns; i += 16)
                bits |= (uint64_t)nonzero_lanes(A + i / 16 * a_stride + r * 16) << i;
            lit[w][r] = bits & exist;
        }
        k -= columns;
    }
}

/* The terms of one word of one row. */
VEC void row_chains(float *C, size_t c_stride, const float *a, size_t a_stride, uint64_t lit,
                    const float *B, size_t b_stride, const int panels) {
    vf acc[SPARSE_PANELS];
    const float *b[SPARSE_PANELS];
    rows_of_panels(b, B, b_stride, panels);
#pragma GCC unroll 8
    for (int p = 0; p < panels; p++)
        acc[p] = vf_load(C + (size_t)p * c_stride);
    for (; lit != 0; lit &= lit - 1) {
        const size_t i = (size_t)__builtin_ctzll(lit);
        const vf x = vf_set1(a[i / 16 * a_stride + i % 16]);
#pragma GCC unroll 8
        for (int p = 0; p < panels; p++)
            acc[p] = vf_fma(x, vf_load(b[p] + i * 16), acc[p]);
    }
#pragma GCC unroll 8
    for (int p = 0; p < panels; p++)
        vf_store(C + (size_t)p * c_stride, acc[p]);
}

/* The rows of B that no row of A has met: where one met a row that is not finite, its result tells.
 */
VEC void examine_unmet(evidence *e, uint64_t unmet, const float *B, size_t b_stride,
                       const int panels) {
    for (; unmet != 0; unmet &= unmet - 1) {
        const float *b = B + (size_t)__builtin_ctzll(unmet) * 16;
#pragma GCC unroll 8
        for (int p = 0; p < panels; p++)
            e->sum[p] = vf_fma(vf_load(b + (size_t)p * b_stride), vf_set1(0.0f), e->sum[p]);
    }
}

/* The chains of some panels; whether the zeros were harmless. */
VEC bool sparse_rows(float *C, size_t c_stride, const float *A, size_t a_stride,
                     uint64_t lit[SPARSE_WORDS][ISB_LEAF], const float *B, size_t b_stride,
                     size_t rows, size_t k, const int panels) {
    evidence e = no_evidence(panels);
    for (size_t w = 0; w * WORD < k; w++) {
        const size_t columns = k - w * WORD < WORD ? k - w * WORD : WORD;
        uint64_t unmet = ~(uint64_t)0 >> (WORD - columns);
        for (size_t r = 0; r < rows; r++) {
            unmet &= ~lit[w][r];
            if (lit[w][r] != 0)
                row_chains(C + r * 16, c_stride, A + w * 4 * a_stride + r * 16, a_stride, lit[w][r],
                           B + w * WORD * 16, b_stride, panels);
        }
        examine_unmet(&e, unmet, B + w * WORD * 16, b_stride, panels);
    }
    for (size_t r = 0; r < rows; r++) {
#pragma GCC unroll 8
        for (int p = 0; p < panels; p++) {
            const vf result = vf_load(C + (size_t)p * c_stride + r * 16);
            e.sum[p] = vf_fma(result, vf_set1(0.0f), e.sum[p]);
            e.least[p] = vu_min_int(e.least[p], vf_bits(result));
        }
    }
    return harmless(&e, panels);
}

/* At most SPARSE_WORDS words of columns; C has the starts of the chains. */
static bool sparse_block(float *C, size_t c_stride, const float *A, size_t a_stride, const float *B,
                         size_t b_stride, size_t rows, size_t k, size_t panels) {
    uint64_t lit[SPARSE_WORDS][ISB_LEAF];
    light_rows(lit, A, a_stride, rows, k);
    bool good = true;
#define TAKE(p, n)                                                                                 \
    good = good && sparse_rows(C + (p)*c_stride, c_stride, A, a_stride, lit, B + (p)*b_stride,     \
                               b_stride, rows, k, n)
    EACH_PANELS(panels, SPARSE_PANELS, TAKE)
#undef TAKE
    return good;
}

static void kernel_matmul_sparse(float *C, size_t c_stride, const float *A, size_t a_stride,
                                 const float *B, size_t b_stride, const float *start, size_t rows,
                                 size_t k, size_t panels) {
    for (size_t p = 0; p < panels; p++) {
        const vf first = start != NULL ? vf_load(start + p * 16) : vf_set1(0.0f);
        for (size_t r = 0; r < rows; r++)
            vf_store(C + p * c_stride + r * 16, first);
    }
    const size_t most = SPARSE_WORDS * WORD;
    for (size_t i = 0; i < k; i += most) {
        const size_t columns = k - i < most ? k - i : most;
        if (!sparse_block(C, c_stride, A + i / 16 * a_stride, a_stride, B + i * 16, b_stride, rows,
                          columns, panels)) {
            kernel_matmul(C, c_stride, A, a_stride, B, b_stride, start, rows, k, panels);
            return;
        }
    }
}

/* The gradient: lit[i] has the rows of the leaf in which column i of the strip is not 0. */
static void light_columns(uint64_t lit[ISB_LANES], const float *X, size_t rows) {
    _Alignas(64) uint32_t bits[ISB_LEAF];
    for (size_t r = 0; r < rows; r++)
        bits[r] = nonzero_lanes(X + r * 16);
    for (size_t r = rows; r % 16 != 0; r++)
        bits[r] = 0;
    for (int i = 0; i < ISB_LANES; i++)
        lit[i] = 0;
    for (size_t first = 0; first < rows; first += 16) {
        const vu sixteen = vu_load(bits + first);
#pragma GCC unroll 16
        for (int i = 0; i < ISB_LANES; i++) {
            const vm zero = vu_le(vu_and(sixteen, vu_set1(1u << i)), vu_set1(0));
            lit[i] |= (uint64_t)vm_bits(vm_not(zero)) << first;
        }
    }
}

/* T of one or two neighbouring columns of X, over the rows that either of them needs: neighbours
 * are mostly lit together. D is finite, so that a -0 is the only doubt. */
VEC void column_chains(vf acc[2][PAIR_PANELS], const float *x, const uint64_t *lit, const float *D,
                       size_t d_stride, size_t rows, const int columns, const int panels) {
    const uint64_t all = rows < 64 ? ((uint64_t)1 << rows) - 1 : ~(uint64_t)0;
    for (uint64_t met = columns == 2 ? lit[0] | lit[1] : lit[0];; met = all) {
        const float *gradients[PAIR_PANELS];
        rows_of_panels(gradients, D, d_stride, panels);
#pragma GCC unroll 8
        for (int p = 0; p < panels; p++)
            acc[0][p] = acc[1][p] = vf_set1(0.0f);
        for (uint64_t left = met; left != 0; left &= left - 1) {
            const size_t r = (size_t)__builtin_ctzll(left);
            const vf x0 = vf_set1(x[r * 16]), x1 = vf_set1(columns == 2 ? x[r * 16 + 1] : 0.0f);
#pragma GCC unroll 8
            for (int p = 0; p < panels; p++) {
                const vf d = vf_load(gradients[p] + r * 16);
                acc[0][p] = vf_fma(x0, d, acc[0][p]);
                if (columns == 2)
                    acc[1][p] = vf_fma(x1, d, acc[1][p]);
            }
        }
        vu least = vu_set1(0);
#pragma GCC unroll 8
        for (int p = 0; p < panels; p++) {
            least = vu_min_int(least, vf_bits(acc[0][p]));
            if (columns == 2)
                least = vu_min_int(least, vf_bits(acc[1][p]));
        }
        if (met == all || !has_negative_zero(least))
            return;
    }
}

/* What becomes of a sum: it joins a stack, or moves the weights. */
typedef struct sparse_sink {
    float *top;
    size_t pops, entry;
    float *w, *m, *v;
    size_t w_stride;
    const isb_adam *step;
} sparse_sink;

VEC void sink_sum(const sparse_sink *to, vf sum, size_t panel, size_t input, const bool adam) {
    if (adam) {
        const size_t at = panel * to->w_stride + input * 16;
        adam_weights(to->w + at, adam_moments(to->m + at, to->v + at, sum, to->step), to->step);
        return;
    }
    float *place = to->top + panel * 256 + input * 16;
    for (size_t n = 0; n < to->pops; n++) {
        place -= to->entry;
        sum = vf_add(vf_load(place), sum);
    }
    vf_store(place, sum);
}

VEC void sparse_columns(const sparse_sink *to, size_t panel, const float *X, const uint64_t *lit,
                        const float *D, size_t d_stride, size_t rows, size_t inputs,
                        const int panels, const bool adam) {
    const sparse_sink sink = *to; /* which no store through it can change */
    for (size_t i = 0; i + 1 < inputs; i += 2) {
        vf acc[2][PAIR_PANELS];
        column_chains(acc, X + i, lit + i, D, d_stride, rows, 2, panels);
#pragma GCC unroll 8
        for (int p = 0; p < panels; p++) {
            sink_sum(&sink, acc[0][p], panel + (size_t)p, i, adam);
            sink_sum(&sink, acc[1][p], panel + (size_t)p, i + 1, adam);
        }
    }
    if (inputs % 2 == 1) {
        const size_t i = inputs - 1;
        vf acc[2][PAIR_PANELS];
        column_chains(acc, X + i, lit + i, D, d_stride, rows, 1, panels);
        for (int p = 0; p < panels; p++)
            sink_sum(&sink, acc[0][p], panel + (size_t)p, i, adam);
    }
}

VEC void sparse_strip(const sparse_sink *to, const float *X, const float *D, size_t d_stride,
                      size_t rows, size_t inputs, size_t panels, const bool adam) {
    uint64_t lit[ISB_LANES];
    light_columns(lit, X, rows);
#define TAKE(p, n) sparse_columns(to, p, X, lit, D + (p)*d_stride, d_stride, rows, inputs, n, adam)
    EACH_PANELS(panels, PAIR_PANELS, TAKE)
#undef TAKE
}

static void kernel_outer_leaf_sparse(float *top, size_t pops, const float *X, const float *D,
                                     size_t d_stride, size_t rows, size_t inputs, size_t panels) {
    const sparse_sink to = {.top = top, .pops = pops, .entry = panels * 256};
    sparse_strip(&to, X, D, d_stride, rows, inputs, panels, false);
}

static void kernel_outer_adam_sparse(float *w, float *m, float *v, size_t w_stride, const float *X,
                                     const float *D, size_t d_stride, size_t rows, size_t inputs,
                                     size_t panels, const isb_adam *step) {
    const isb_adam constants = *step;
    const sparse_sink to = {.w = w, .m = m, .v = v, .w_stride = w_stride, .step = &constants};
    sparse_strip(&to, X, D, d_stride, rows, inputs, panels, true);
}

#endif
