/* The kernels that pass over zeros against plain loops over every term, bit for bit: also where a
 * term of a zero is not nothing, because a weight is not finite or a sum is -0. */
#include "kernels.h"
#include "layers/dense.h"
#include "layers/gather.h"
#include "train/update.h"
#include <math.h>

/* Leaves about one in `one_in`; whole columns vanish where `columns`. */
static void thin(float *values, size_t count, size_t one_in, bool columns, uint64_t seed) {
    for (size_t i = 0; i < count; i++)
        if (fixture_random(&seed) % one_in != 0 || (columns && i % 16 % 3 == 0))
            values[i] = i % 7 == 0 ? -0.0f : 0.0f;
}

typedef struct product {
    size_t rows, k, panels, a_stride, b_stride;
    guarded A, B, C, start;
    bool bias;
} product;

static product product_make(size_t rows, size_t k, size_t panels, size_t one_in) {
    product p = {.rows = rows, .k = k, .panels = panels, .bias = rows % 2 == 0};
    p.a_stride = (rows | 1) * 16;
    p.b_stride = k * 16;
    p.A = guarded_make((k + 15) / 16 * p.a_stride);
    p.B = guarded_make(panels * p.b_stride);
    p.C = guarded_make(panels * (rows + 1) * 16);
    p.start = guarded_make(panels * 16);
    fill_uniform(p.A.data, p.A.count, rows + 1);
    fill_uniform(p.B.data, p.B.count, k + 2);
    fill_uniform(p.start.data, p.start.count, 3);
    thin(p.A.data, p.A.count, one_in, k % 2, k);
    return p;
}

static void product_free(product *p) {
    guarded_free(&p->A);
    guarded_free(&p->B);
    guarded_free(&p->C);
    guarded_free(&p->start);
}

static float *a_element(const product *p, size_t r, size_t i) {
    return p->A.data + i / 16 * p->a_stride + r * 16 + i % 16;
}

static float *b_element(const product *p, size_t i, size_t c) {
    return p->B.data + c / 16 * p->b_stride + i * 16 + c % 16;
}

static bool same(float a, float b) { return same_bits(a, b) || (isnan(a) && isnan(b)); }

static void check_product(isb_isa isa, product *p) {
    const size_t c_stride = (p->rows + 1) * 16;
    isb_kernels_for(isa)->matmul_sparse(p->C.data, c_stride, p->A.data, p->a_stride, p->B.data,
                                        p->b_stride, p->bias ? p->start.data : NULL, p->rows, p->k,
                                        p->panels);
    for (size_t r = 0; r < p->rows; r++) {
        for (size_t c = 0; c < p->panels * 16; c++) {
            float acc = p->bias ? p->start.data[c] : 0.0f;
            for (size_t i = 0; i < p->k; i++)
                acc = fmaf(*a_element(p, r, i), *b_element(p, i, c), acc);
            const float found = p->C.data[c / 16 * c_stride + r * 16 + c % 16];
            CHECKF(same(found, acc), "%s rows %zu k %zu panels %zu: (%zu, %zu) is %a, not %a",
                   isb_isa_name(isa), p->rows, p->k, p->panels, r, c, (double)found, (double)acc);
        }
    }
    for (size_t i = 0; i < p->panels; i++)
        for (size_t c = 0; c < 16; c++)
            CHECK(guarded_untouched(p->C.data + i * c_stride + p->rows * 16 + c));
    guarded_check(&p->C);
}

CASE(matmul_sparse, every_tail_of_rows_and_k) {
    FOR_EACH_ISA(isa) {
        for (size_t rows = 1; rows <= 64; rows += rows < 9 ? 1 : 11) {
            for (size_t k = 1; k <= 140; k += k < 35 ? 1 : 21) {
                product p = product_make(rows, k, 1 + (rows + k) % 11, 1 + k % 7);
                check_product(isa, &p);
                product_free(&p);
            }
        }
    }
}

CASE(matmul_sparse, shapes_of_real_networks) {
    static const size_t shapes[][3] = {
        {32, 784, 8}, {64, 784, 17}, {3, 4096, 4}, {5, 4097, 5}, {2, 9000, 8}};
    FOR_EACH_ISA(isa) {
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
            product p = product_make(shapes[i][0], shapes[i][1], shapes[i][2], 5);
            check_product(isa, &p);
            product_free(&p);
        }
    }
}

/* 0 * Inf is NaN: also in a column that no row needs, and in one that another row needs. */
CASE(matmul_sparse, weights_that_are_not_finite) {
    static const float bad[] = {INFINITY, -INFINITY, NAN};
    FOR_EACH_ISA(isa) {
        for (size_t i = 0; i < 150; i++) {
            product p = product_make(1 + i % 33, 150, 1 + i % 9, 4);
            for (size_t r = 0; r < p.rows; r++)
                *a_element(&p, r, i) = r == 5 ? 1.0f : 0.0f;
            *b_element(&p, i, i % (p.panels * 16)) = bad[i % 3];
            check_product(isa, &p);
            product_free(&p);
        }
    }
}

CASE(matmul_sparse, inputs_that_are_not_finite) {
    FOR_EACH_ISA(isa) {
        for (size_t i = 0; i < 70; i++) {
            product p = product_make(1 + i % 33, 70, 8, 4);
            *a_element(&p, i % p.rows, i) = i % 2 ? NAN : INFINITY;
            check_product(isa, &p);
            product_free(&p);
        }
    }
}

/* -0 + +0 is +0: a sum that begins as -0, or becomes it by a product too small, is changed by the
 * next zero. */
CASE(matmul_sparse, sums_that_are_negative_zero) {
    FOR_EACH_ISA(isa) {
        for (size_t i = 0; i < 64; i++) {
            product p = product_make(2 + i % 33, 70, 1 + i % 9, 1);
            memset(p.A.data, 0, p.A.count * sizeof(float));
            for (size_t c = 0; c < p.start.count; c++)
                p.start.data[c] = i % 2 ? -0.0f : 0.0f;
            if (i % 4 < 3)
                *a_element(&p, 1, i) = -0x1p-100f;
            for (size_t c = 0; c < p.panels * 16; c++)
                *b_element(&p, i, c) = 0x1p-100f;
            for (size_t k = i + 1; k < p.k; k++)
                for (size_t c = 0; c < p.panels * 16; c++)
                    *b_element(&p, k, c) = c % 2 ? -1.0f : i % 8 == 7 ? -2.0f : 1.0f;
            check_product(isa, &p);
            product_free(&p);
        }
    }
}

/* A leaf of gradient with its operands, and what every term comes to. */
typedef struct gradient {
    size_t rows, inputs, panels, d_stride;
    guarded X, D;
} gradient;

static gradient gradient_make(size_t rows, size_t inputs, size_t panels, size_t one_in) {
    gradient g = {rows, inputs, panels, (rows + 3) * 16, {0}, {0}};
    g.X = guarded_make(rows * 16);
    g.D = guarded_make((panels - 1) * g.d_stride + rows * 16);
    fill_uniform(g.X.data, g.X.count, rows);
    fill_uniform(g.D.data, g.D.count, inputs);
    thin(g.X.data, g.X.count, one_in, rows % 2, inputs);
    return g;
}

static void gradient_free(gradient *g) {
    guarded_free(&g->X);
    guarded_free(&g->D);
}

static float sum_over_rows(const gradient *g, size_t p, size_t input, size_t lane) {
    float acc = 0.0f;
    for (size_t r = 0; r < g->rows; r++)
        acc = fmaf(g->X.data[r * 16 + input], g->D.data[p * g->d_stride + r * 16 + lane], acc);
    return acc;
}

static void check_leaf(isb_isa isa, const gradient *g, size_t pops) {
    const size_t entry = g->panels * 256;
    guarded stack = guarded_make((pops + 1) * entry);
    fill_uniform(stack.data, pops * entry, 5);
    float *older = malloc((pops + 1) * entry * sizeof *older);
    memcpy(older, stack.data, (pops + 1) * entry * sizeof *older);
    isb_kernels_for(isa)->outer_leaf_sparse(stack.data + pops * entry, pops, g->X.data, g->D.data,
                                            g->d_stride, g->rows, g->inputs, g->panels);
    for (size_t p = 0; p < g->panels; p++) {
        for (size_t i = 0; i < g->inputs * 16; i++) {
            float acc = sum_over_rows(g, p, i / 16, i % 16);
            for (size_t n = pops; n-- > 0;)
                acc = older[n * entry + p * 256 + i] + acc;
            CHECKF(same_bits(stack.data[p * 256 + i], acc),
                   "%s rows %zu inputs %zu panels %zu pops %zu: %zu", isb_isa_name(isa), g->rows,
                   g->inputs, g->panels, pops, i);
        }
        for (size_t i = g->inputs * 16; i < 256 && pops == 0; i++)
            CHECK(guarded_untouched(stack.data + p * 256 + i));
    }
    guarded_check(&stack);
    free(older);
    guarded_free(&stack);
}

CASE(outer_leaf_sparse, every_tail_of_rows_and_inputs) {
    FOR_EACH_ISA(isa) {
        for (size_t rows = 1; rows <= 64; rows += rows < 20 ? 1 : 11) {
            for (size_t inputs = 1; inputs <= 16; inputs++) {
                gradient g = gradient_make(rows, inputs, 1 + (rows + inputs) % 8, 1 + rows % 8);
                check_leaf(isa, &g, (rows + inputs) % 4);
                gradient_free(&g);
            }
        }
    }
}

CASE(outer_leaf_sparse, sums_that_are_negative_zero) {
    FOR_EACH_ISA(isa) {
        for (size_t i = 0; i < 16; i++) {
            for (size_t pops = 0; pops < 3; pops++) {
                gradient g = gradient_make(40, 16, 8, 1);
                memset(g.X.data, 0, g.X.count * sizeof(float));
                g.X.data[(3 + i) * 16 + i] = 0x1p-100f;
                for (size_t c = 0; c < 16; c++)
                    g.D.data[3 * g.d_stride + (3 + i) * 16 + c] = c % 2 ? -0x1p-100f : 0x1p-100f;
                for (size_t c = 0; c < 16 && i % 2; c++) /* no +0 comes after it */
                    for (size_t r = 4 + i; r < 40; r++)
                        g.D.data[3 * g.d_stride + r * 16 + c] = -1.0f;
                check_leaf(isa, &g, pops);
                gradient_free(&g);
            }
        }
    }
}

CASE(outer_adam_sparse, is_the_gradient_and_adam) {
    static const isb_adam adam = {0.0005f, 0.1f, 0.001f, 1e-7f};
    enum { STRIDE = 20 * 16 };
    FOR_EACH_ISA(isa) {
        for (size_t rows = 1; rows <= 64; rows += 3) {
            for (size_t inputs = 1; inputs <= 16; inputs++) {
                gradient g = gradient_make(rows, inputs, 1 + (rows + inputs) % 8, 1 + rows % 8);
                guarded w[3], expected[3];
                for (size_t i = 0; i < 3; i++) {
                    w[i] = guarded_make(8 * STRIDE);
                    expected[i] = guarded_make(8 * STRIDE);
                    fill_uniform(w[i].data, w[i].count, i);
                    for (size_t j = 0; i == 2 && j < w[i].count; j++)
                        w[i].data[j] = fabsf(w[i].data[j]);
                    memcpy(expected[i].data, w[i].data, w[i].count * sizeof(float));
                }
                isb_kernels_for(isa)->outer_adam_sparse(w[0].data, w[1].data, w[2].data, STRIDE,
                                                        g.X.data, g.D.data, g.d_stride, rows,
                                                        inputs, g.panels, &adam);
                for (size_t p = 0; p < g.panels; p++) {
                    _Alignas(64) float sums[256];
                    for (size_t i = 0; i < inputs * 16; i++)
                        sums[i] = sum_over_rows(&g, p, i / 16, i % 16);
                    const size_t at = p * STRIDE;
                    isb_kernels_for(ISB_ISA_scalar)
                        ->adam(expected[0].data + at, expected[1].data + at, expected[2].data + at,
                               sums, inputs * 16, &adam);
                }
                for (size_t i = 0; i < 3; i++) {
                    CHECKF(memcmp(w[i].data, expected[i].data, w[i].count * sizeof(float)) == 0,
                           "%s rows %zu inputs %zu panels %zu", isb_isa_name(isa), rows, inputs,
                           g.panels);
                    guarded_check(&w[i]);
                    guarded_free(&w[i]);
                    guarded_free(&expected[i]);
                }
                gradient_free(&g);
            }
        }
    }
}

CASE(finite, every_place) {
    static const float bad[] = {INFINITY, -INFINITY, NAN};
    FOR_EACH_ISA(isa) {
        guarded D = guarded_make(3 * 7 * 16);
        fill_uniform(D.data, D.count, 1);
        D.data[5] = 3e38f;
        bool finite = false;
        isb_kernels_for(isa)->finite(&finite, D.data, 7 * 16, 6, 3);
        CHECK(finite);
        for (size_t i = 0; i < D.count; i++) {
            const float before = D.data[i];
            D.data[i] = bad[i % 3];
            isb_kernels_for(isa)->finite(&finite, D.data, 7 * 16, 6, 3);
            CHECKF(finite == (i / 16 % 7 == 6), "%s: %zu", isb_isa_name(isa), i);
            D.data[i] = before;
        }
        guarded_free(&D);
    }
}

enum { WIDTH = 150, UNITS = 150 };

/* Before more units than a kernel takes at once. */
static void sparse_fixture(fixture *f, isb_dtype dtype, size_t rows) {
    fixture_make(f, dtype, rows, WIDTH, 5);
    fixture_blacken(f);
}

/* The scalar kernels pass over nothing. */
static void check_training(fixture *f, size_t batch_size, const char *what) {
    f->experiment.batch_size = batch_size;
    const uint64_t expected = fixture_digest(f, 1, "scalar", 2);
    FOR_EACH_ISA(isa) {
        for (size_t threads = 1; threads <= 5; threads++)
            CHECKF(fixture_digest(f, threads, isb_isa_name(isa), 2) == expected,
                   "%s, batches of %zu, %s on %zu threads", what, batch_size, isb_isa_name(isa),
                   threads);
    }
}

CASE(sparse_training, has_the_bits_of_the_dense_kernels) {
    static const size_t sizes[] = {1, 31, 64, 65, 200, 330};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fixture f;
        sparse_fixture(&f, i % 2 ? ISB_F32 : ISB_U8, sizes[i] < 31 ? 40 : 700);
        if (i == 3)
            fixture_dropout(&f, 0.3);
        fixture_dense(&f, UNITS, ISB_RELU);
        fixture_dropout(&f, 0.2);
        fixture_dense(&f, 5, ISB_SOFTMAX);
        fixture_ready(&f);
        check_training(&f, sizes[i], "adam");
        if (i == 1 || i == 4) {
            f.experiment.optimizer = (isb_optimizer){
                .kind = ISB_SGD, .learning_rate = 0.1, .momentum = i == 1 ? 0.9 : 0.0};
            check_training(&f, sizes[i], "sgd");
        }
        fixture_free(&f);
    }
}

/* Of one layer alone: weights after a step, by gradients of which one is `bad`. */
static void step_with(isb_isa isa, bool sparse, float bad, float *weights) {
    fixture f;
    sparse_fixture(&f, ISB_U8, 100);
    fixture_dense(&f, UNITS, ISB_SOFTMAX);
    fixture_ready(&f);
    isb_network network;
    isb_buffers buffers;
    isb_sums sums;
    isb_plan plan;
    CHECK(isb_network_build(&network, &f.model, 1, 2, NULL) == ISB_OK);
    CHECK(isb_plan_make(&plan, &network, 100, 1, sparse, NULL) == ISB_OK);
    CHECK(isb_buffers_build(&buffers, &network, 100, true, NULL) == ISB_OK);
    CHECK(isb_sums_build(&sums, &network, 1, NULL) == ISB_OK);
    const isb_source source = isb_source_make(isb_kernels_for(isa), &f.dataset.train, WIDTH, 255.0);
    CHECK(isb_inputs_are_sparse(&network, &source));
    uint32_t order[100];
    for (uint32_t i = 0; i < 100; i++)
        order[i] = i;
    const isb_context c = {.kernels = isb_kernels_for(isa),
                           .network = &network,
                           .buffers = &buffers,
                           .source = &source,
                           .order = order,
                           .rows = 100,
                           .batch_rows = 100,
                           .training = true,
                           .sparse = sparse};
    isb_gather(&c, (isb_range){0, 100});
    fill_uniform(buffers.gradient[0], 10 * buffers.stride, 4);
    buffers.gradient[0][3 * buffers.stride + 70 * 16] = bad;
    isb_optimizer_step adam;
    isb_optimizer_start(&adam, &f.experiment.optimizer);
    isb_optimizer_advance(&adam);
    float *stack = aligned_alloc(64, 2 * isb_gradient_stack(100) * sizeof *stack);
    const isb_update u = {.context = &c,
                          .optimizer = &adam,
                          .sums = &sums,
                          .run = plan.run,
                          .last = true,
                          .stack = stack};
    isb_update_run(&u, 0, 1);
    memcpy(weights, network.dense[0].kernel.values, 10 * WIDTH * 16 * sizeof *weights);
    free(stack);
    isb_plan_free(&plan);
    isb_sums_free(&sums);
    isb_buffers_free(&buffers, &network);
    isb_network_free(&network);
    fixture_free(&f);
}

/* NaN reaches every weight of its unit, also those whose inputs are 0 all over. */
CASE(sparse_training, gradients_that_are_not_finite) {
    static float dense[10 * WIDTH * 16], sparse[10 * WIDTH * 16];
    FOR_EACH_ISA(isa) {
        step_with(isa, false, INFINITY, dense);
        step_with(isa, true, INFINITY, sparse);
        size_t nans = 0;
        for (size_t i = 0; i < 10 * WIDTH * 16; i++) {
            CHECKF(same(sparse[i], dense[i]), "%s: weight %zu", isb_isa_name(isa), i);
            nans += isnan(sparse[i]) ? 1 : 0;
        }
        CHECKF(nans == WIDTH, "%s: %zu weights are NaN", isb_isa_name(isa), nans);
    }
}
