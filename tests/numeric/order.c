/* Reveals in which order sums are accumulated, without looking at the code (Xie et al., "FPRev:
 * Revealing the Order of Floating-Point Summation", 2024): summand i is M, summand j is -M and all
 * others are 1, M so large that it swallows every 1 added to it. The ones that survive were added
 * after M and -M had met, so that their number tells how many summands lie below the node where i
 * and j meet. These numbers determine the tree, and must be those of rules 2 and 3. */
#include "kernels.h"
#include "layers/dense.h"
#include "loss/leaf_sum.h"
#include "train/update.h"

static const float M = 0x1p60f; /* 1000 ones vanish in it */

typedef struct pair {
    size_t i, j; /* i < j */
} pair;

static float summand(pair p, size_t k) { return k == p.i ? M : k == p.j ? -M : 1.0f; }

/* Of a chain over n summands. */
static float survivors_of_chain(pair p, size_t n) { return (float)(n - (p.j + 1)); }

/* Of leaves of 64 summands and the tree over them: i and j meet in the lowest node above both. */
static float survivors_of_tree(pair p, size_t n) {
    if (p.i / 64 == p.j / 64)
        return (float)(n - (p.j % 64 + 1));
    size_t height = 0;
    while (p.i / 64 >> height != p.j / 64 >> height)
        height++;
    const size_t first = (p.i / 64 >> height << height) * 64, end = first + ((size_t)64 << height);
    return (float)(n - ((end < n ? end : n) - first));
}

/* Every pair of up to 20 summands. Of more, those with the first one of a leaf: the lowest summand
 * below any node of the tree is such a one, so that no other tree has the same numbers. */
static bool next_pair(pair *p, size_t n) {
    if (++p->j < n)
        return true;
    p->i += n <= 20 ? 1 : 64;
    p->j = p->i + 1;
    return p->j < n;
}

/* The sizes that are tried: 2 to 70, and the edges of leaves beyond. */
static const size_t large[] = {71, 127, 128, 129, 191, 192, 193, 320, 449, 577, 640, 999, 1000};

static size_t next_size(size_t n) {
    if (n < 70)
        return n + 1;
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        if (large[i] > n)
            return large[i];
    return 0;
}

/* Summands lie along k; each row of A, or each column of B, has a pair of its own. */
typedef struct product {
    size_t rows, k, panels, a_stride;
    float *A, *B, *C, start[64];
} product;

static product product_make(size_t rows, size_t k, size_t panels) {
    product p = {.rows = rows, .k = k, .panels = panels, .a_stride = rows * 16};
    const size_t a = isb_panels(k) * p.a_stride, b = panels * k * 16;
    p.A = aligned_alloc(64, a * sizeof *p.A);
    p.B = aligned_alloc(64, b * sizeof *p.B);
    p.C = aligned_alloc(64, panels * rows * 16 * sizeof *p.C);
    for (size_t i = 0; i < a; i++)
        p.A[i] = 1.0f;
    for (size_t i = 0; i < b; i++)
        p.B[i] = 1.0f;
    return p;
}

static void product_free(product *p) {
    free(p->A);
    free(p->B);
    free(p->C);
}

static float *a_element(const product *p, size_t r, size_t i) {
    return p->A + i / 16 * p->a_stride + r * 16 + i % 16;
}

static float *b_element(const product *p, size_t i, size_t c) {
    return p->B + c / 16 * p->k * 16 + i * 16 + c % 16;
}

/* Where a pair goes: a row of A, then a column of B. */
static void place(const product *p, size_t slot, pair *which, bool in_rows) {
    for (size_t i = 0; i < p->k; i++)
        *(in_rows ? a_element(p, slot, i) : b_element(p, i, slot)) = summand(*which, i);
}

static void check_chain(isb_isa isa, size_t rows, size_t k, size_t panels, bool in_rows) {
    product p = product_make(rows, k, panels);
    const size_t slots = in_rows ? rows : panels * 16;
    pair next = {0, 0}, tried[64];
    for (bool more = next_pair(&next, k); more;) {
        for (size_t s = 0; s < slots; s++) {
            tried[s] = more ? next : tried[0];
            place(&p, s, &tried[s], in_rows);
            more = more && next_pair(&next, k);
        }
        isb_kernels_for(isa)->matmul(p.C, rows * 16, p.A, p.a_stride, p.B, k * 16, NULL, rows, k,
                                     panels);
        for (size_t r = 0; r < rows; r++) {
            for (size_t c = 0; c < panels * 16; c++) {
                const pair q = tried[in_rows ? r : c];
                const float sum = p.C[c / 16 * rows * 16 + r * 16 + c % 16];
                CHECKF(sum == survivors_of_chain(q, k),
                       "%s, %zu x %zu x %zu: %zu and %zu meet elsewhere: %g", isb_isa_name(isa),
                       rows, k, panels, q.i, q.j, (double)sum);
            }
        }
    }
    product_free(&p);
}

CASE(order, matmul_is_one_chain_over_k) {
    FOR_EACH_ISA(isa) {
        for (size_t k = 2; k != 0; k = next_size(k)) {
            check_chain(isa, 1 + k % 13, k, 1 + k % 4, true);
            check_chain(isa, 1 + (k + 6) % 13, k, 1 + (k + 2) % 4, false);
        }
    }
}

/* The start of the chain is its first summand: M in the bias meets -M at j. */
CASE(order, matmul_starts_from_the_bias) {
    FOR_EACH_ISA(isa) {
        for (size_t k = 1; k <= 40; k++) {
            product p = product_make(7, k, 3);
            for (size_t c = 0; c < 48; c++) {
                p.start[c] = M;
                place(&p, c, &(pair){SIZE_MAX, c % k}, false);
            }
            _Alignas(64) float start[48];
            memcpy(start, p.start, sizeof start);
            isb_kernels_for(isa)->matmul(p.C, 7 * 16, p.A, p.a_stride, p.B, k * 16, start, 7, k, 3);
            for (size_t i = 0; i < 3 * 7 * 16; i++) {
                const size_t c = i / (7 * 16) * 16 + i % 16;
                CHECKF(p.C[i] == (float)(k - c % k - 1), "%s, k %zu", isb_isa_name(isa), k);
            }
            product_free(&p);
        }
    }
}

/* One dense layer, whose inputs and gradient the cases fill themselves. From weights of 0, plain
 * SGD of rate 1 leaves the gradient in them, negated: through chunks, leaves and tree, as training
 * goes. */
typedef struct layer {
    fixture f;
    isb_network network;
    isb_buffers buffers;
    isb_context context;
    isb_sums sums;
    isb_optimizer_step sgd;
    size_t rows, chunk;
    float *stack;
} layer;

static void layer_open(layer *y, isb_isa isa, size_t rows, size_t chunk, size_t inputs,
                       size_t units) {
    *y = (layer){.rows = rows, .chunk = chunk < rows ? chunk : rows};
    fixture_make(&y->f, ISB_U8, 1, inputs, units);
    fixture_dense(&y->f, units, ISB_SOFTMAX);
    fixture_ready(&y->f);
    y->f.experiment.optimizer = (isb_optimizer){.kind = ISB_SGD, .learning_rate = 1.0};
    CHECK(isb_network_build(&y->network, &y->f.model, 1, 0, NULL) == ISB_OK);
    CHECK(isb_buffers_build(&y->buffers, &y->network, y->chunk, true, NULL) == ISB_OK);
    CHECK(isb_sums_build(&y->sums, &y->network, (rows + y->chunk - 1) / y->chunk, NULL) == ISB_OK);
    isb_optimizer_start(&y->sgd, &y->f.experiment.optimizer);
    isb_optimizer_advance(&y->sgd);
    y->stack = aligned_alloc(64, 2 * isb_gradient_stack(y->chunk) * sizeof *y->stack);
    y->context = (isb_context){.kernels = isb_kernels_for(isa),
                               .network = &y->network,
                               .buffers = &y->buffers,
                               .batch_rows = rows,
                               .training = true};
}

static void layer_close(layer *y) {
    free(y->stack);
    isb_sums_free(&y->sums);
    isb_buffers_free(&y->buffers, &y->network);
    isb_network_free(&y->network);
    fixture_free(&y->f);
}

/* The rows of this chunk in `matrix`: column c has the summands of pairs[c], or ones. */
static void fill_chunk(const layer *y, float *matrix, size_t columns, const pair *pairs) {
    const isb_context *c = &y->context;
    for (size_t i = 0; i < columns; i++)
        for (size_t r = 0; r < c->rows; r++)
            matrix[i / 16 * y->buffers.stride + r * 16 + i % 16] =
                pairs != NULL ? summand(pairs[i], c->first + r) : 1.0f;
}

static void update(layer *y, const pair *in_inputs, const pair *in_units) {
    isb_dense *dense = &y->network.dense[0];
    memset(dense->kernel.values, 0, dense->kernel.size * sizeof(float));
    memset(dense->bias.values, 0, dense->bias.size * sizeof(float));
    isb_update u = {.run = 1,
                    .context = &y->context,
                    .optimizer = &y->sgd,
                    .sums = &y->sums,
                    .stack = y->stack};
    for (size_t first = 0; first < y->rows; first += y->chunk, u.chunk++) {
        u.last = y->rows - first <= y->chunk;
        y->context.first = first;
        y->context.rows = u.last ? y->rows - first : y->chunk;
        fill_chunk(y, y->buffers.activation[0], dense->inputs, in_inputs);
        fill_chunk(y, y->buffers.gradient[0], dense->units, in_units);
        isb_update_run(&u, 0, 1);
    }
}

static void check_sum(const layer *y, float weight, pair p, const char *what) {
    CHECKF(-weight == survivors_of_tree(p, y->rows), "%s of %zu rows by %zu: %zu and %zu: %g", what,
           y->rows, y->chunk, p.i, p.j, (double)-weight);
}

/* Every column of the gradient, or of the inputs, has a pair of its own. */
static void check_gradients(layer *y, bool in_units) {
    const isb_dense *dense = &y->network.dense[0];
    const size_t slots = in_units ? dense->units : dense->inputs;
    pair next = {0, 0}, tried[48];
    for (bool more = next_pair(&next, y->rows); more;) {
        for (size_t s = 0; s < slots; s++) {
            tried[s] = more ? next : tried[0];
            more = more && next_pair(&next, y->rows);
        }
        update(y, in_units ? NULL : tried, in_units ? tried : NULL);
        for (size_t u = 0; u < dense->units; u++) {
            for (size_t i = 0; i < dense->inputs; i++)
                check_sum(y, dense->kernel.values[(u / 16 * dense->inputs + i) * 16 + u % 16],
                          tried[in_units ? u : i], "the gradient of a kernel");
            if (in_units)
                check_sum(y, dense->bias.values[u], tried[u], "the gradient of a bias");
        }
    }
}

static void check_layer(isb_isa isa, size_t rows, size_t chunk, size_t inputs, size_t units,
                        bool in_units) {
    layer y;
    layer_open(&y, isa, rows, chunk, inputs, units);
    check_gradients(&y, in_units);
    layer_close(&y);
}

CASE(order, gradients_are_leaves_and_tree) {
    FOR_EACH_ISA(isa) {
        for (size_t rows = 2; rows != 0; rows = next_size(rows)) {
            check_layer(isa, rows, rows, 1 + rows % 18, 17 + (rows + 1) % 24, true);
            if (rows <= 200)
                check_layer(isa, rows, rows, 20 - rows % 7, 1 + rows % 16, false);
        }
    }
}

CASE(order, gradients_of_chunks_are_the_same_leaves_and_tree) {
    FOR_EACH_ISA(isa) {
        for (size_t rows = 70; rows != 0; rows = next_size(rows))
            for (size_t chunk = 64; chunk < rows; chunk *= 2)
                check_layer(isa, rows, chunk, 1 + rows % 5, 33 + rows % 16, true);
    }
}

CASE(order, losses_are_leaves_and_tree) {
    for (size_t n = 2; n != 0; n = next_size(n)) {
        float losses[1000];
        for (pair p = {0, 1}; p.j < n; (void)next_pair(&p, n)) {
            for (size_t i = 0; i < n; i++)
                losses[i] = summand(p, i);
            const float sum = isb_leaf_sum(losses, n);
            CHECKF(sum == survivors_of_tree(p, n), "%zu losses: %zu and %zu: %g", n, p.i, p.j,
                   (double)sum);
        }
    }
}
