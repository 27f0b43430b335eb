/* The matmul kernels against plain loops with fmaf, bit for bit, at every tail. */
#include "kernels.h"
#include <math.h>

/* C = start + A B as the contract says it. */
static float element(const float *A, size_t a_stride, const float *B, size_t b_stride,
                     const float *start, size_t r, size_t c, size_t k) {
    float acc = start ? start[c] : 0.0f;
    for (size_t i = 0; i < k; i++)
        acc = fmaf(A[i / 16 * a_stride + r * 16 + i % 16], B[c / 16 * b_stride + i * 16 + c % 16],
                   acc);
    return acc;
}

static void check_matmul(isb_isa isa, size_t rows, size_t k, size_t panels, bool bias) {
    const size_t a_stride = (rows | 1) * 16, b_stride = k * 16, c_stride = (rows + 2) * 16;
    guarded A = guarded_make((k + 15) / 16 * a_stride + 16), B = guarded_make(panels * b_stride);
    guarded C = guarded_make((panels - 1) * c_stride + rows * 16),
            start = guarded_make(panels * 16);
    fill_uniform(A.data, A.count, rows + 1);
    fill_uniform(B.data, B.count, k + 2);
    fill_uniform(start.data, start.count, 3);
    const float *s = bias ? start.data : NULL;
    isb_kernels_for(isa)->matmul(C.data, c_stride, A.data, a_stride, B.data, b_stride, s, rows, k,
                                 panels);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < panels * 16; c++)
            CHECKF(same_bits(C.data[c / 16 * c_stride + r * 16 + c % 16],
                             element(A.data, a_stride, B.data, b_stride, s, r, c, k)),
                   "%s rows %zu k %zu panels %zu: (%zu, %zu)", isb_isa_name(isa), rows, k, panels,
                   r, c);
    for (size_t p = 0; p + 1 < panels; p++)
        for (size_t i = rows * 16; i < c_stride; i++)
            CHECK(guarded_untouched(C.data + p * c_stride + i));
    guarded_check(&C);
    guarded_free(&A);
    guarded_free(&B);
    guarded_free(&C);
    guarded_free(&start);
}

CASE(matmul, every_tail_of_rows_and_k) {
    FOR_EACH_ISA(isa) {
        for (size_t rows = 1; rows <= 30; rows++)
            for (size_t k = 1; k <= 35; k++)
                check_matmul(isa, rows, k, 1 + (rows + k) % 3, (rows + k) % 2);
    }
}

CASE(matmul, shapes_of_real_networks) {
    FOR_EACH_ISA(isa) {
        check_matmul(isa, 32, 784, 8, true);
        check_matmul(isa, 64, 128, 1, true);
        check_matmul(isa, 17, 257, 5, false);
    }
}

/* The leaf of one group on a stack with `pops` older entries to take in. */
static void check_outer(isb_isa isa, size_t rows, size_t inputs, size_t panels, size_t pops) {
    const size_t d_stride = (rows + 3) * 16, entry = panels * 256;
    guarded X = guarded_make(rows * 16), D = guarded_make((panels - 1) * d_stride + rows * 16);
    guarded stack = guarded_make((pops + 1) * entry);
    fill_uniform(X.data, X.count, rows);
    fill_uniform(D.data, D.count, inputs);
    fill_uniform(stack.data, pops * entry, 5);
    float *older = malloc((pops + 1) * entry * sizeof *older);
    memcpy(older, stack.data, (pops + 1) * entry * sizeof *older);
    isb_kernels_for(isa)->outer_leaf(stack.data + pops * entry, pops, X.data, D.data, d_stride,
                                     rows, inputs, panels);
    for (size_t p = 0; p < panels; p++) {
        for (size_t i = 0; i < inputs * 16; i++) {
            float acc = 0.0f;
            for (size_t r = 0; r < rows; r++)
                acc = fmaf(X.data[r * 16 + i / 16], D.data[p * d_stride + r * 16 + i % 16], acc);
            for (size_t n = pops; n-- > 0;)
                acc = older[n * entry + p * 256 + i] + acc;
            CHECKF(same_bits(stack.data[p * 256 + i], acc),
                   "%s rows %zu inputs %zu panels %zu pops %zu: %zu", isb_isa_name(isa), rows,
                   inputs, panels, pops, i);
        }
        for (size_t i = inputs * 16; i < 256 && pops == 0; i++)
            CHECK(guarded_untouched(stack.data + p * 256 + i));
    }
    guarded_check(&stack);
    free(older);
    guarded_free(&X);
    guarded_free(&D);
    guarded_free(&stack);
}

CASE(outer_leaf, every_tail_of_rows_and_inputs) {
    FOR_EACH_ISA(isa) {
        for (size_t rows = 1; rows <= 64; rows += rows < 20 ? 1 : 11)
            for (size_t inputs = 1; inputs <= 16; inputs++)
                check_outer(isa, rows, inputs, 1 + inputs % 2, (rows + inputs) % 4);
    }
}

CASE(column_sum_leaf, every_length) {
    FOR_EACH_ISA(isa) {
        for (size_t rows = 1; rows <= 64; rows++) {
            guarded D = guarded_make(rows * 16), stack = guarded_make(3 * 16);
            fill_uniform(D.data, D.count, rows);
            fill_uniform(stack.data, stack.count, 9);
            float expected[16];
            for (size_t c = 0; c < 16; c++) {
                expected[c] = 0.0f;
                for (size_t r = 0; r < rows; r++)
                    expected[c] = expected[c] + D.data[r * 16 + c];
                expected[c] = stack.data[c] + (stack.data[16 + c] + expected[c]);
            }
            isb_kernels_for(isa)->column_sum_leaf(stack.data + 32, 2, D.data, rows);
            CHECK(memcmp(stack.data, expected, sizeof expected) == 0);
            guarded_check(&stack);
            guarded_free(&D);
            guarded_free(&stack);
        }
    }
}

CASE(transpose, every_size) {
    FOR_EACH_ISA(isa) {
        for (size_t columns = 1; columns <= 40; columns++) {
            for (size_t rows = 1; rows <= 16; rows++) {
                const size_t first = 16, stride = (first + 16) * 16;
                guarded W = guarded_make((columns + 15) / 16 * stride);
                guarded T = guarded_make(columns * 16);
                fill_uniform(W.data, W.count, columns);
                isb_kernels_for(isa)->transpose(T.data, W.data, stride, first, rows, columns);
                for (size_t j = 0; j < columns; j++)
                    for (size_t i = 0; i < 16; i++)
                        CHECK(same_bits(
                            T.data[j * 16 + i],
                            i < rows ? W.data[j / 16 * stride + (first + i) * 16 + j % 16] : 0.0f));
                guarded_check(&T);
                guarded_free(&W);
                guarded_free(&T);
            }
        }
    }
}
