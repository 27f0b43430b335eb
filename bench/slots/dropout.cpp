/* Dropout: a value is a unit. The scale is 1, so that kept values stay what they are when the
 * kernel runs in place again. */
#include "slots.h"

namespace slot {

void dropout(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->dropout;
    const Floats Y = floats(STRIP);
    uint16_t kept[ROWS];
    isb_xoshiro generator;
    isb_xoshiro_key(&generator, 1);
    const double seconds =
        repeat(state, [&] { kernel(Y.get(), kept, ROWS, 0, &generator, UINT32_MAX / 5, 1.0f); });
    report_values(state, seconds, STRIP);
}

void dropout_backward(benchmark::State &state, isb_isa isa) {
    const auto kernel = isb_kernels_for(isa)->dropout_backward;
    const Floats D = floats(STRIP);
    uint16_t kept[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        kept[r] = static_cast<uint16_t>(r * 40503);
    const double seconds = repeat(state, [&] { kernel(D.get(), kept, ROWS, 1.0f); });
    report_values(state, seconds, STRIP);
}

} // namespace slot
