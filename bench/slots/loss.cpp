/* Softmax, cross entropy, and the losses of a regression. Argument: columns. */
#include "slots.h"

namespace slot {

namespace {

size_t columns_of(const benchmark::State &state) { return static_cast<size_t>(state.range(0)); }

/* Floats of ROWS rows in as many panels as the columns need. */
size_t size_of(size_t columns) { return (columns + ISB_LANES - 1) / ISB_LANES * STRIDE; }

} // namespace

void softmax(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->softmax;
    const size_t columns = columns_of(state);
    const Floats Y = floats(size_of(columns));
    const double seconds = repeat(state, [&] { kernel(Y.get(), STRIDE, ROWS, columns); });
    report_values(state, seconds, ROWS * columns);
}

void softmax_backward(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->softmax_backward;
    const size_t columns = columns_of(state);
    /* +0: shrunk again and again it would else pass through the subnormals. */
    const Floats D = zeros(size_of(columns)), Y = floats(size_of(columns));
    const double seconds =
        repeat(state, [&] { kernel(D.get(), STRIDE, Y.get(), STRIDE, ROWS, columns); });
    report_values(state, seconds, ROWS * columns);
}

void cross_entropy(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->cross_entropy;
    const size_t columns = columns_of(state);
    const Floats D = floats(size_of(columns)), Z = floats(size_of(columns));
    float losses[ROWS];
    uint8_t hits[ROWS];
    uint32_t labels[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        labels[r] = static_cast<uint32_t>(r % columns);
    const double seconds = repeat(state, [&] {
        kernel(D.get(), STRIDE, losses, hits, Z.get(), STRIDE, labels, ROWS, columns, 64.0f);
    });
    report_values(state, seconds, ROWS * columns);
}

namespace {

template <class Kernel> void run_regression(benchmark::State &state, Kernel kernel) {
    const size_t columns = columns_of(state);
    const Floats D = floats(size_of(columns)), Z = floats(size_of(columns));
    const Floats T = zeros(size_of(columns));
    const isb_regression by{64.0f, 1.0f};
    float losses[ROWS];
    const double seconds = repeat(state, [&] {
        kernel(D.get(), STRIDE, losses, Z.get(), STRIDE, T.get(), STRIDE, ROWS, columns, &by);
    });
    report_values(state, seconds, ROWS * columns);
}

} // namespace

void squared_error(benchmark::State &state, isb_isa isa) {
    run_regression(state, isb_kernels_for(isa)->squared_error);
}

void absolute_error(benchmark::State &state, isb_isa isa) {
    run_regression(state, isb_kernels_for(isa)->absolute_error);
}

void huber(benchmark::State &state, isb_isa isa) {
    run_regression(state, isb_kernels_for(isa)->huber);
}

} // namespace slot
