/* A trial fills an arena with random data, runs one slot in it and compares the whole arena with
 * what the scalar slot left in one like it: every result, and every place that no slot may touch.
 */
#include "base/memory.h"
#include "selftest/checks.h"
#include "simd/dispatch.h"
#include <math.h>
#include <string.h>

enum {
    MOST_COLUMNS = 64,
    FLOATS = 4 * (ISB_LEAF + 1) * 16, /* four panels of the largest stride */
    TRIALS = 100,
};

typedef struct arena {
    _Alignas(64) float a[FLOATS], b[FLOATS], c[FLOATS], d[FLOATS];
    _Alignas(64) float positive[FLOATS];
    float losses[ISB_LEAF];
    uint32_t labels[ISB_LEAF];
    uint16_t kept[ISB_LEAF];
    uint8_t bytes[MOST_COLUMNS], hits[ISB_LEAF];
    isb_xoshiro generator;
    size_t rows, columns, panels, stride;
} arena;

static const isb_adam adam = {0.0005f, 0.1f, 0.001f, 1e-7f};

static void run_matmul(const isb_kernels *k, arena *m) {
    k->matmul(m->a, m->stride, m->b, m->stride, m->c, m->columns * 16, m->rows % 2 ? m->d : NULL,
              m->rows, m->columns, m->panels);
}

static void run_outer_leaf(const isb_kernels *k, arena *m) {
    const size_t pops = m->columns % 4, panels = 1 + m->panels % 2;
    k->outer_leaf(m->a + pops * panels * 256, pops, m->b, m->c, m->stride, m->rows,
                  1 + m->columns % 16, panels);
}

static void run_outer_leaf_adam(const isb_kernels *k, arena *m) {
    const isb_adam_block blocks[2] = {
        {m->d, m->d + 1024, m->positive, m->d + 2048, 256},
        {m->d + 256, m->d + 1280, m->positive + 256, m->d + 2304, 16 * (1 + m->rows % 16)}};
    const size_t pops = m->columns % 4, panels = 1 + m->panels % 2;
    k->outer_leaf_adam(m->a + pops * panels * 256, pops, m->b, m->c, m->stride, m->rows,
                       1 + m->columns % 16, panels, blocks, m->columns % 3, &adam);
}

/* Most inputs become 0, in some trials whole columns and rows of them. */
static void make_sparse(arena *m) {
    const size_t one_in = 1 + m->columns % 9;
    for (size_t i = 0; i < FLOATS; i++)
        if (i % one_in != 0 || (m->rows % 2 == 0 && i / 16 % 5 == 0))
            m->b[i] = 0.0f;
}

static void run_matmul_sparse(const isb_kernels *k, arena *m) {
    make_sparse(m);
    k->matmul_sparse(m->a, m->stride, m->b, m->stride, m->c, m->columns * 16,
                     m->rows % 2 ? m->d : NULL, m->rows, m->columns, m->panels);
}

static void run_outer_leaf_sparse(const isb_kernels *k, arena *m) {
    const size_t pops = m->columns % 4;
    make_sparse(m);
    k->outer_leaf_sparse(m->a + pops * m->panels * 256, pops, m->b, m->c, m->stride, m->rows,
                         1 + m->columns % 16, m->panels);
}

static void run_outer_adam_sparse(const isb_kernels *k, arena *m) {
    make_sparse(m);
    k->outer_adam_sparse(m->a, m->d, m->positive, 256, m->b, m->c, m->stride, m->rows,
                         1 + m->columns % 16, m->panels, &adam);
}

static void run_finite(const isb_kernels *k, arena *m) {
    bool finite;
    if (m->rows % 2 == 0)
        m->b[(m->panels - 1) * m->stride + m->columns % (m->rows * 16)] = INFINITY;
    k->finite(&finite, m->b, m->stride, m->rows, m->panels);
    m->hits[0] = finite;
}

static void run_add(const isb_kernels *k, arena *m) { k->add(m->a, m->b, m->rows * 16); }

static void run_column_sum_leaf(const isb_kernels *k, arena *m) {
    const size_t pops = m->columns % 4;
    k->column_sum_leaf(m->a + pops * 16, pops, m->b, m->rows);
}

static void run_transpose(const isb_kernels *k, arena *m) {
    k->transpose(m->a, m->b, 48 * 16, 16, 1 + m->rows % 16, m->columns);
}

static void run_gather_u8(const isb_kernels *k, arena *m) {
    k->gather_u8(m->a, m->stride, m->bytes, m->columns, 255.0f, m->rows % 2 ? 1.0f / 255.0f : 0.0f);
}

static void run_gather_f32(const isb_kernels *k, arena *m) {
    k->gather_f32(m->a, m->stride, m->b + m->rows, m->columns, 3.0f);
}

static void run_normalize(const isb_kernels *k, arena *m) {
    k->normalize(m->a, m->stride, m->b, m->positive, m->columns);
}

static void run_relu(const isb_kernels *k, arena *m) { k->relu(m->a, m->rows); }
static void run_sigmoid(const isb_kernels *k, arena *m) { k->sigmoid(m->a, m->rows); }
static void run_tanh(const isb_kernels *k, arena *m) { k->tanh(m->a, m->rows); }

static void run_relu_backward(const isb_kernels *k, arena *m) {
    k->relu_backward(m->a, m->b, m->rows);
}
static void run_sigmoid_backward(const isb_kernels *k, arena *m) {
    k->sigmoid_backward(m->a, m->b, m->rows);
}
static void run_tanh_backward(const isb_kernels *k, arena *m) {
    k->tanh_backward(m->a, m->b, m->rows);
}

static void run_dropout(const isb_kernels *k, arena *m) {
    k->dropout(m->a, m->kept, m->rows, m->columns, &m->generator, 0x33333332, 1.25f);
}
static void run_dropout_backward(const isb_kernels *k, arena *m) {
    k->dropout_backward(m->a, m->kept, m->rows, 1.25f);
}

static void run_softmax(const isb_kernels *k, arena *m) {
    k->softmax(m->a, m->stride, m->rows, m->columns);
}
static void run_softmax_backward(const isb_kernels *k, arena *m) {
    k->softmax_backward(m->a, m->stride, m->b, m->stride, m->rows, m->columns);
}
static void run_cross_entropy(const isb_kernels *k, arena *m) {
    k->cross_entropy(m->rows % 3 ? m->a : NULL, m->stride, m->losses, m->hits, m->b, m->stride,
                     m->labels, m->rows, m->columns, 32.0f);
}

static const isb_regression regression = {48.0f, 1.5f};

static void run_squared_error(const isb_kernels *k, arena *m) {
    k->squared_error(m->rows % 3 ? m->a : NULL, m->stride, m->losses, m->b, m->stride, m->c,
                     m->stride, m->rows, m->columns, &regression);
}
static void run_absolute_error(const isb_kernels *k, arena *m) {
    k->absolute_error(m->rows % 3 ? m->a : NULL, m->stride, m->losses, m->b, m->stride, m->c,
                      m->stride, m->rows, m->columns, &regression);
}
static void run_huber(const isb_kernels *k, arena *m) {
    k->huber(m->rows % 3 ? m->a : NULL, m->stride, m->losses, m->b, m->stride, m->c, m->stride,
             m->rows, m->columns, &regression);
}

static void run_adam(const isb_kernels *k, arena *m) {
    k->adam(m->a, m->b, m->positive, m->c, m->rows * 16, &adam);
}
static void run_sgd(const isb_kernels *k, arena *m) { k->sgd(m->a, m->b, m->rows * 16, 0.01f); }
static void run_momentum(const isb_kernels *k, arena *m) {
    const isb_momentum step = {0.01f, 0.9f, m->columns % 2};
    k->momentum(m->a, m->b, m->c, m->rows * 16, &step);
}

static void run_exponential(const isb_kernels *k, arena *m) {
    k->exponential(m->a, m->b, m->rows * 16);
}
static void run_logarithm(const isb_kernels *k, arena *m) {
    k->logarithm(m->a, m->positive, m->rows * 16);
}

/* One row for each slot there is. */
static const struct {
    const char *name;
    void (*run)(const isb_kernels *, arena *);
} slots[] = {
#define KERNEL(name, parameters) {#name, run_##name},
#include "simd/kernels.def"
#undef KERNEL
};
enum { SLOTS = sizeof slots / sizeof *slots };

static float next_float(uint64_t *state) {
    const uint64_t bits = isb_splitmix64((*state)++);
    return ((float)(bits >> 40) * 0x1p-23f - 1.0f) * 4.0f;
}

static void fill(arena *m, uint64_t trial) {
    uint64_t state = trial << 32;
    memset(m, 0, sizeof *m);
    m->rows = 1 + isb_splitmix64(state++) % ISB_LEAF;
    m->columns = 1 + isb_splitmix64(state++) % MOST_COLUMNS;
    m->panels = 1 + trial % 4;
    m->stride = (m->rows | 1) * 16;
    for (size_t i = 0; i < FLOATS; i++) {
        m->a[i] = next_float(&state);
        m->b[i] = next_float(&state);
        m->c[i] = next_float(&state);
        m->d[i] = next_float(&state);
        m->positive[i] = fabsf(next_float(&state));
    }
    for (size_t i = 0; i < ISB_LEAF; i++) {
        m->labels[i] = (uint32_t)(isb_splitmix64(state++) % m->columns);
        m->kept[i] = (uint16_t)isb_splitmix64(state++);
    }
    for (size_t i = 0; i < MOST_COLUMNS; i++)
        m->bytes[i] = (uint8_t)isb_splitmix64(state++);
    isb_xoshiro_key(&m->generator, trial);
}

/* The first slot whose arenas differ; SLOTS where none does. */
static size_t compare(isb_isa isa, uint64_t trial, arena *reference, arena *tried) {
    for (size_t s = 0; s < SLOTS; s++) {
        fill(reference, trial);
        memcpy(tried, reference, sizeof *tried);
        slots[s].run(isb_kernels_for(ISB_ISA_scalar), reference);
        slots[s].run(isb_kernels_for(isa), tried);
        if (memcmp(reference, tried, sizeof *tried) != 0)
            return s;
    }
    return SLOTS;
}

static void check_isa(isb_selftest *out, isb_isa isa, arena *reference, arena *tried) {
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        const size_t s = compare(isa, trial, reference, tried);
        if (s == SLOTS)
            continue;
        isb_selftest_add(out, false, "kernels", "%s: %s differs from scalar at %zu x %zu",
                         isb_isa_name(isa), slots[s].name, reference->rows, reference->columns);
        return;
    }
    isb_selftest_add(out, true, "kernels", "%s: %d kernels, %d shapes each, the bits of scalar",
                     isb_isa_name(isa), (int)SLOTS, (int)TRIALS);
}

isb_status isb_check_kernels(isb_selftest *out, isb_error *error) {
    arena *arenas = isb_allocate(2, sizeof *arenas);
    if (arenas == NULL)
        return isb_fail_memory(error, "the self-test");
    for (int isa = ISB_ISA_scalar + 1; isa < ISB_ISA_COUNT; isa++)
        if (isb_isa_available((isb_isa)isa))
            check_isa(out, (isb_isa)isa, &arenas[0], &arenas[1]);
    isb_release(arenas);
    return ISB_OK;
}
