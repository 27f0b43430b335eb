/* Kernels that pass over zeros. Arguments: rows of a leaf, inputs, units, per cent of the inputs
 * that are not 0. `times_dense`: how many times faster than the dense kernels in the same process.
 */
#include "slots.h"

namespace slot {

namespace {

struct Leaf {
    explicit Leaf(const benchmark::State &state)
        : rows(static_cast<size_t>(state.range(0))), inputs(static_cast<size_t>(state.range(1))),
          panels(static_cast<size_t>(state.range(2)) / ISB_LANES), stride((rows | 1) * ISB_LANES),
          X(floats(inputs / ISB_LANES * stride)), D(floats(panels * stride)) {
        uint32_t random = 1;
        for (size_t i = 0; i < inputs / ISB_LANES * stride; i++) {
            random = random * 1664525u + 1013904223u;
            X[i] =
                (random >> 8) % 100 < static_cast<uint32_t>(state.range(3)) ? X[i] + 0.01f : 0.0f;
        }
    }
    size_t weights() const { return inputs * panels * ISB_LANES; }
    /* Each panel of inputs with at most `most` panels of units at a time. */
    template <class Group> void groups(size_t most, Group group) const {
        for (size_t p = 0; p < panels; p += most)
            for (size_t i = 0; i < inputs; i += ISB_LANES)
                group(i, p, panels - p < most ? panels - p : most);
    }
    const float *strip(size_t input) const { return X.get() + input / ISB_LANES * stride; }
    const float *units(size_t p) const { return D.get() + p * stride; }
    size_t rows, inputs, panels, stride;
    Floats X, D;
};

template <class Kernel> double seconds_of(Kernel kernel) {
    constexpr int CALLS = 200;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < CALLS; i++)
        kernel();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    return time.count() / CALLS;
}

template <class Sparse, class Dense>
void compare(benchmark::State &state, isb_isa isa, size_t multiply_adds, Sparse sparse,
             Dense dense) {
    const double seconds = repeat(state, sparse);
    report_flops(state, seconds, isa, multiply_adds);
    state.counters["times_dense"] = seconds_of(dense) / seconds;
}

constexpr size_t TILE = ISB_LANES * ISB_LANES;
const isb_adam step{0.001f, 0.1f, 0.001f, 1e-7f};

} // namespace

void matmul_sparse(benchmark::State &state, isb_isa isa) {
    const Leaf leaf(state);
    const isb_kernels *kernels = isb_kernels_for(isa);
    const Floats B = floats(leaf.weights()), C = floats(leaf.panels * leaf.stride);
    const auto run = [&](auto kernel) {
        kernel(C.get(), leaf.stride, leaf.X.get(), leaf.stride, B.get(), leaf.inputs * ISB_LANES,
               nullptr, leaf.rows, leaf.inputs, leaf.panels);
    };
    compare(
        state, isa, leaf.rows * leaf.weights(), [&] { run(kernels->matmul_sparse); },
        [&] { run(kernels->matmul); });
}

void outer_leaf_sparse(benchmark::State &state, isb_isa isa) {
    const Leaf leaf(state);
    const isb_kernels *kernels = isb_kernels_for(isa);
    const Floats top = floats(ISB_WIDE * TILE);
    const auto run = [&](auto kernel, size_t most) {
        leaf.groups(most, [&](size_t i, size_t p, size_t panels) {
            kernel(top.get(), 0, leaf.strip(i), leaf.units(p), leaf.stride, leaf.rows, ISB_LANES,
                   panels);
        });
    };
    compare(
        state, isa, leaf.rows * leaf.weights(), [&] { run(kernels->outer_leaf_sparse, ISB_WIDE); },
        [&] { run(kernels->outer_leaf, 2); });
}

/* Beside the dense gradient with Adam in its shadow. */
void outer_adam_sparse(benchmark::State &state, isb_isa isa) {
    const Leaf leaf(state);
    const isb_kernels *kernels = isb_kernels_for(isa);
    const size_t w_stride = leaf.inputs * ISB_LANES;
    const Floats w = floats(leaf.weights()), m = zeros(leaf.weights()), v = zeros(leaf.weights());
    const Floats top = zeros(2 * TILE), g = floats(2 * TILE);
    const auto sparse = [&] {
        leaf.groups(ISB_WIDE, [&](size_t i, size_t p, size_t panels) {
            const size_t at = p * w_stride + i * ISB_LANES;
            kernels->outer_adam_sparse(w.get() + at, m.get() + at, v.get() + at, w_stride,
                                       leaf.strip(i), leaf.units(p), leaf.stride, leaf.rows,
                                       ISB_LANES, panels, &step);
        });
    };
    const auto dense = [&] {
        leaf.groups(2, [&](size_t i, size_t p, size_t panels) {
            isb_adam_block blocks[2];
            for (size_t q = 0; q < panels; q++) {
                const size_t at = (p + q) * w_stride + i * ISB_LANES;
                blocks[q] = {w.get() + at, m.get() + at, v.get() + at, g.get() + q * TILE, TILE};
            }
            kernels->outer_leaf_adam(top.get(), 0, leaf.strip(i), leaf.units(p), leaf.stride,
                                     leaf.rows, ISB_LANES, panels, blocks, panels, &step);
        });
    };
    compare(state, isa, leaf.rows * leaf.weights(), sparse, dense);
}

void finite(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->finite;
    const Floats D = floats(STRIP);
    bool finite;
    const double seconds = repeat(state, [&] { kernel(&finite, D.get(), STRIP, ROWS, 1); });
    report_values(state, seconds, STRIP);
}

} // namespace slot
