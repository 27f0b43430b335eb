#include "model/initialize.h"
#include "base/square_root.h"
#include "random/stream.h"

/* A bias of n counts as Keras counts it: fan_in = fan_out = n. */
static double limit(const isb_parameter *parameter, isb_initializer initializer) {
    const double fan_out = (double)parameter->columns;
    const double fan_in = parameter->rank == 2 ? (double)parameter->rows : fan_out;
    return isb_square_root(6.0 / (initializer == ISB_GLOROT_UNIFORM ? fan_in + fan_out : fan_in));
}

void isb_initialize(isb_parameter *parameter, isb_initializer initializer, uint64_t seed,
                    size_t ordinal, unsigned which) {
    if (initializer == ISB_ZEROS)
        return; /* fresh memory is zero */
    const float bound = (float)limit(parameter, initializer);
    isb_stream stream;
    isb_stream_open(&stream, seed, ISB_PURPOSE_INITIAL_WEIGHTS, ordinal, which, 0, 0);
    for (size_t r = 0; r < parameter->rows; r++) {
        for (size_t c = 0; c < parameter->columns; c++) {
            /* 24 bits to [-1, 1): both operations are exact. */
            const float unit = (float)(isb_stream_next(&stream) >> 8) * 0x1p-23f - 1.0f;
            parameter->values[c / 16 * parameter->rows * 16 + r * 16 + c % 16] = unit * bound;
        }
    }
}
