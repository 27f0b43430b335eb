/* One step of an optimizer over a group of tiles. */
#include "slots.h"

namespace slot {

namespace {

constexpr size_t SIZE = 1024; /* w, m, v and g together fit the first-level cache */

} // namespace

void adam(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->adam;
    const Floats w = floats(SIZE), m = zeros(SIZE), v = zeros(SIZE), g = floats(SIZE);
    const isb_adam step{0.001f, 0.1f, 0.001f, 1e-7f};
    const double seconds =
        repeat(state, [&] { kernel(w.get(), m.get(), v.get(), g.get(), SIZE, &step); });
    report_values(state, seconds, SIZE);
}

void sgd(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->sgd;
    const Floats w = floats(SIZE), g = floats(SIZE);
    const double seconds = repeat(state, [&] { kernel(w.get(), g.get(), SIZE, 0.01f); });
    report_values(state, seconds, SIZE);
}

void momentum(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->momentum;
    const Floats w = floats(SIZE), v = zeros(SIZE), g = floats(SIZE);
    const isb_momentum step{0.01f, 0.9f, 1};
    const double seconds = repeat(state, [&] { kernel(w.get(), v.get(), g.get(), SIZE, &step); });
    report_values(state, seconds, SIZE);
}

} // namespace slot
