/* A row's result is its own: the same bits alone as in any batch, at any position in it, and
 * however the batch is cut. On every instruction set, against the scalar row alone. */
#include "kernels.h"
#include "layers/dense.h"
#include "layers/gather.h"

enum { ROWS = 80, WIDTH = 37, CLASSES = 5, CAPACITY = 200 };

typedef struct bench {
    fixture f;
    isb_network network;
    isb_buffers buffers;
    isb_source source;
    uint32_t order[CAPACITY];
    isb_context context;
    float *scratch;
    float logits[ROWS][CLASSES], gradients[ROWS][WIDTH]; /* of each row alone */
} bench;

/* Hidden layers of every activation; widths of no round number. */
static void bench_open(bench *b) {
    fixture_make(&b->f, ISB_U8, ROWS, WIDTH, CLASSES);
    fixture_dense(&b->f, WIDTH, ISB_TANH); /* its gradient is looked at */
    fixture_dense(&b->f, 50, ISB_RELU);
    fixture_dense(&b->f, 20, ISB_SIGMOID);
    fixture_dense(&b->f, 33, ISB_SOFTMAX);
    fixture_dense(&b->f, CLASSES, ISB_SOFTMAX);
    fixture_ready(&b->f);
    CHECK(isb_network_build(&b->network, &b->f.model, 1, 0, NULL) == ISB_OK);
    CHECK(isb_buffers_build(&b->buffers, &b->network, CAPACITY, true, NULL) == ISB_OK);
    b->scratch = aligned_alloc(64, 64 * ISB_GROUP * 16 * sizeof(float));
    b->context = (isb_context){.network = &b->network,
                               .buffers = &b->buffers,
                               .source = &b->source,
                               .order = b->order,
                               .seed = 1,
                               .step = 1,
                               .training = true};
}

static void bench_close(bench *b) {
    free(b->scratch);
    isb_buffers_free(&b->buffers, &b->network);
    isb_network_free(&b->network);
    fixture_free(&b->f);
}

static isb_range all_panels(size_t columns) { return (isb_range){0, isb_panels(columns)}; }

/* Some gradient of the logits, a function of the row of the table alone. */
static void set_logit_gradient(bench *b, isb_range rows) {
    for (size_t r = rows.begin; r < rows.end; r++) {
        uint64_t state = b->order[r] + 99;
        float *D = b->buffers.gradient[4] + r * 16;
        fill_uniform(D, 16, state);
    }
}

/* Forward and backward for part of the batch; panels one group at a time where `cut`. */
static void run_rows(bench *b, isb_range rows, float logits[][CLASSES], bool cut) {
    const isb_context *c = &b->context;
    isb_gather(c, rows);
    for (size_t l = 0; l < b->network.count; l++) {
        const isb_range panels = all_panels(b->network.dense[l].units);
        if (!cut || isb_dense_needs_rows(&b->network, l)) {
            isb_dense_forward(c, l, rows, panels);
            continue;
        }
        for (size_t p = panels.end; p-- > 0;)
            isb_dense_forward(c, l, rows, (isb_range){p, p + 1});
    }
    for (size_t r = rows.begin; r < rows.end; r++)
        memcpy(logits[r], b->buffers.activation[5] + r * 16, sizeof logits[r]);
    set_logit_gradient(b, rows);
    for (size_t l = b->network.count; l-- > 1;)
        isb_dense_backward(c, l, rows, all_panels(b->network.dense[l].inputs), b->scratch);
}

static void use(bench *b, isb_isa isa, size_t rows) {
    b->context.kernels = isb_kernels_for(isa);
    b->context.rows = rows;
    b->source = isb_source_make(b->context.kernels, &b->f.dataset.train, WIDTH, 255.0);
}

static float first_gradient(const bench *b, size_t row, size_t column) {
    return b->buffers.gradient[0][column / 16 * b->buffers.stride + row * 16 + column % 16];
}

static void run_each_alone(bench *b) {
    use(b, ISB_ISA_scalar, 1);
    for (uint32_t r = 0; r < ROWS; r++) {
        b->order[0] = r;
        float logits[1][CLASSES];
        run_rows(b, (isb_range){0, 1}, logits, false);
        memcpy(b->logits[r], logits[0], sizeof logits[0]);
        for (size_t c = 0; c < WIDTH; c++)
            b->gradients[r][c] = first_gradient(b, 0, c);
    }
}

/* Gives the number of (size, position) pairs that were compared. */
static size_t check_batch(bench *b, isb_isa isa, size_t rows, size_t parts) {
    static float logits[CAPACITY][CLASSES];
    uint64_t state = rows;
    use(b, isa, rows);
    for (size_t r = 0; r < rows; r++)
        b->order[r] = fixture_random(&state) % ROWS;
    for (size_t part = 0; part < parts; part++)
        run_rows(b, (isb_range){rows * part / parts, rows * (part + 1) / parts}, logits, parts > 1);
    for (size_t r = 0; r < rows; r++) {
        CHECKF(memcmp(logits[r], b->logits[b->order[r]], sizeof logits[r]) == 0,
               "%s: logits of row %zu of %zu in %zu parts", isb_isa_name(isa), r, rows, parts);
        for (size_t c = 0; c < WIDTH; c++)
            CHECKF(same_bits(first_gradient(b, r, c), b->gradients[b->order[r]][c]),
                   "%s: gradient of row %zu of %zu in %zu parts", isb_isa_name(isa), r, rows,
                   parts);
    }
    return rows;
}

CASE(invariance, a_row_is_the_same_alone_and_in_every_batch) {
    static bench b;
    bench_open(&b);
    run_each_alone(&b);
    CHECK(memcmp(b.logits[0], b.logits[1], sizeof b.logits[0]) != 0);
    FOR_EACH_ISA(isa) {
        size_t pairs = 0;
        for (size_t rows = 1; rows <= 33; rows++)
            pairs += check_batch(&b, isa, rows, 1);
        static const size_t more[] = {47, 63, 64, 65, 100, 127, 128, 129, 191, 200};
        for (size_t i = 0; i < sizeof more / sizeof *more; i++)
            pairs += check_batch(&b, isa, more[i], 1);
        CHECK(pairs > 1500);
    }
    bench_close(&b);
}

CASE(invariance, however_the_batch_is_cut) {
    static bench b;
    bench_open(&b);
    run_each_alone(&b);
    FOR_EACH_ISA(isa) {
        for (size_t parts = 2; parts <= 9; parts++) {
            check_batch(&b, isa, 33, parts);
            check_batch(&b, isa, 150, parts);
        }
    }
    bench_close(&b);
}
