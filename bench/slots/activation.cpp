/* Gather and activations. Gradients start as +0: shrunk again and again they would else pass
 * through the subnormals. */
#include "slots.h"
#include <vector>

namespace slot {

namespace {

constexpr size_t WIDTH = 784;

void forward(benchmark::State &state, void (*kernel)(float *, size_t)) {
    const Floats Y = floats(STRIP);
    const double seconds = repeat(state, [&] { kernel(Y.get(), ROWS); });
    report_values(state, seconds, STRIP);
}

void backward(benchmark::State &state, void (*kernel)(float *, const float *, size_t)) {
    const Floats D = zeros(STRIP), Y = floats(STRIP);
    const double seconds = repeat(state, [&] { kernel(D.get(), Y.get(), ROWS); });
    report_values(state, seconds, STRIP);
}

} // namespace

void gather_u8(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->gather_u8;
    const std::vector<uint8_t> x(WIDTH, 7);
    const Floats Y = floats(WIDTH);
    const double seconds =
        repeat(state, [&] { kernel(Y.get(), ISB_LANES, x.data(), WIDTH, 255.0f, 1.0f / 255.0f); });
    report_values(state, seconds, WIDTH);
}

void gather_f32(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->gather_f32;
    const Floats x = floats(WIDTH), Y = floats(WIDTH);
    const double seconds = repeat(state, [&] { kernel(Y.get(), ISB_LANES, x.get(), WIDTH, 3.0f); });
    report_values(state, seconds, WIDTH);
}

void normalize(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->normalize;
    const Floats offset = floats(WIDTH), divisor = floats(WIDTH), Y = floats(WIDTH);
    std::fill_n(divisor.get(), WIDTH, 3.0f);
    const double seconds = repeat(
        state, [&] { kernel(Y.get(), ISB_LANES, offset.get(), divisor.get(), WIDTH); });
    report_values(state, seconds, WIDTH);
}

void relu(benchmark::State &state, isb_isa isa) { forward(state, isb_kernels_for(isa)->relu); }
void relu_backward(benchmark::State &state, isb_isa isa) {
    backward(state, isb_kernels_for(isa)->relu_backward);
}

void sigmoid(benchmark::State &state, isb_isa isa) {
    forward(state, isb_kernels_for(isa)->sigmoid);
}
void sigmoid_backward(benchmark::State &state, isb_isa isa) {
    backward(state, isb_kernels_for(isa)->sigmoid_backward);
}

void tanh(benchmark::State &state, isb_isa isa) { forward(state, isb_kernels_for(isa)->tanh); }
void tanh_backward(benchmark::State &state, isb_isa isa) {
    backward(state, isb_kernels_for(isa)->tanh_backward);
}

void exponential(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->exponential;
    const Floats x = floats(STRIP), y = floats(STRIP);
    const double seconds = repeat(state, [&] { kernel(y.get(), x.get(), STRIP); });
    report_values(state, seconds, STRIP);
}

void logarithm(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->logarithm;
    const Floats x = floats(STRIP), y = floats(STRIP);
    const double seconds = repeat(state, [&] { kernel(y.get(), x.get(), STRIP); });
    report_values(state, seconds, STRIP);
}

} // namespace slot
