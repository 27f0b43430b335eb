/* Kernels on matrices. Arguments: rows, inputs, units. */
#include "slots.h"

namespace slot {

namespace {

struct Shape {
    explicit Shape(const benchmark::State &state)
        : rows(static_cast<size_t>(state.range(0))), inputs(static_cast<size_t>(state.range(1))),
          panels(static_cast<size_t>(state.range(2)) / ISB_LANES), stride((rows | 1) * ISB_LANES) {}
    size_t input_panels() const { return (inputs + ISB_LANES - 1) / ISB_LANES; }
    size_t multiply_adds() const { return rows * inputs * panels * ISB_LANES; }
    size_t rows, inputs, panels, stride;
};

size_t at_most(size_t n, size_t most) { return n < most ? n : most; }

/* Partial sums that leaf number `leaf` closes (rule 3). */
size_t pops_of(size_t leaf) { return static_cast<size_t>(__builtin_ctzll(leaf + 1)); }

constexpr size_t GROUP = 2, TILE = ISB_LANES * ISB_LANES, LEVELS = 32;

} // namespace

void matmul(benchmark::State &state, isb_isa isa) {
    const Shape shape(state);
    const auto kernel = isb_kernels_for(isa)->matmul;
    const size_t k = shape.inputs, stride = shape.stride;
    const Floats A = floats(shape.input_panels() * stride), C = floats(shape.panels * stride);
    const Floats B = floats(shape.panels * k * ISB_LANES), bias = floats(shape.panels * ISB_LANES);
    const double seconds = repeat(state, [&] {
        for (size_t r = 0; r < shape.rows; r += ISB_LEAF)
            kernel(C.get() + r * ISB_LANES, stride, A.get() + r * ISB_LANES, stride, B.get(),
                   k * ISB_LANES, bias.get(), at_most(shape.rows - r, ISB_LEAF), k, shape.panels);
    });
    report_flops(state, seconds, isa, shape.multiply_adds());
}

/* X^T D by leaves and tree, a pair of panels by a panel of inputs at a time. */
template <class Leaf> void gradient(const Shape &shape, Leaf leaf) {
    for (size_t p = 0; p < shape.panels; p += GROUP)
        for (size_t i = 0; i < shape.input_panels(); i++) {
            const size_t panels = at_most(shape.panels - p, GROUP);
            size_t depth = 0;
            for (size_t r = 0; r < shape.rows; r += ISB_LEAF) {
                const size_t pops = pops_of(r / ISB_LEAF);
                leaf(depth * panels * TILE, pops, i * shape.stride + r * ISB_LANES,
                     p * shape.stride + r * ISB_LANES, at_most(shape.rows - r, ISB_LEAF),
                     at_most(shape.inputs - i * ISB_LANES, ISB_LANES), panels);
                depth = depth - pops + 1;
            }
        }
}

void outer_leaf(benchmark::State &state, isb_isa isa) {
    const Shape shape(state);
    const auto kernel = isb_kernels_for(isa)->outer_leaf;
    const Floats X = floats(shape.input_panels() * shape.stride);
    const Floats D = floats(shape.panels * shape.stride), stack = floats(LEVELS * GROUP * TILE);
    const double seconds = repeat(state, [&] {
        gradient(shape, [&](size_t top, size_t pops, size_t x, size_t d, size_t rows, size_t inputs,
                            size_t panels) {
            kernel(stack.get() + top, pops, X.get() + x, D.get() + d, shape.stride, rows, inputs,
                   panels);
        });
    });
    report_flops(state, seconds, isa, shape.multiply_adds());
}

/* The same with Adam on a pair of tiles in the shadow of every first leaf; Adam's own arithmetic is
 * not counted. */
void outer_leaf_adam(benchmark::State &state, isb_isa isa) {
    const Shape shape(state);
    const isb_kernels *kernels = isb_kernels_for(isa);
    const Floats X = floats(shape.input_panels() * shape.stride);
    const Floats D = floats(shape.panels * shape.stride), stack = floats(LEVELS * GROUP * TILE);
    const Floats w = floats(GROUP * TILE), m = zeros(GROUP * TILE), v = zeros(GROUP * TILE);
    const Floats g = floats(GROUP * TILE);
    isb_adam_block blocks[GROUP];
    for (size_t q = 0; q < GROUP; q++)
        blocks[q] = {w.get() + q * TILE, m.get() + q * TILE, v.get() + q * TILE, g.get() + q * TILE,
                     TILE};
    const isb_adam step{0.001f, 0.1f, 0.001f, 1e-7f};
    const double seconds = repeat(state, [&] {
        gradient(shape, [&](size_t top, size_t pops, size_t x, size_t d, size_t rows, size_t inputs,
                            size_t panels) {
            const size_t count = d % shape.stride == 0 ? panels : 0;
            kernels->outer_leaf_adam(stack.get() + top, pops, X.get() + x, D.get() + d,
                                     shape.stride, rows, inputs, panels, blocks, count, &step);
        });
    });
    report_flops(state, seconds, isa, shape.multiply_adds());
}

void add(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->add;
    const Floats newer = floats(GROUP * TILE), older = zeros(GROUP * TILE);
    const double seconds = repeat(state, [&] { kernel(newer.get(), older.get(), GROUP * TILE); });
    report_values(state, seconds, GROUP * TILE);
}

void transpose(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->transpose;
    constexpr size_t columns = 128;
    const Floats W = floats(columns * ISB_LANES), T = floats(columns * ISB_LANES);
    const double seconds =
        repeat(state, [&] { kernel(T.get(), W.get(), TILE, 0, ISB_LANES, columns); });
    report_values(state, seconds, columns * ISB_LANES);
}

void column_sum_leaf(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->column_sum_leaf;
    const Floats D = floats(STRIP), top = floats(ISB_LANES);
    const double seconds = repeat(state, [&] { kernel(top.get(), 0, D.get(), ROWS); });
    report_values(state, seconds, STRIP);
}

} // namespace slot
