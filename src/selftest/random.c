#include "random/stream.h"
#include "selftest/checks.h"
#include "simd/dispatch.h"
#include <string.h>

/* Of docs/numerics.md, rule 8, and the generators' published vectors. */
static void check_generators(isb_selftest *out) {
    static const uint32_t published[] = {641, 1573767, 3222811527, 3517856514, 836907274};
    static const uint32_t ours[] = {631627482, 1741247454, 1363099114, 2255845690, 2580446366};
    bool passed = isb_splitmix64(42) == UINT64_C(13679457532755275413);
    isb_xoshiro generator;
    for (size_t j = 0; j < 16; j++)
        for (uint32_t w = 0; w < 4; w++)
            generator.state[w][j] = w + 1;
    isb_stream stream;
    isb_stream_open(&stream, 1, ISB_PURPOSE_DROPOUT, 1, 0, 0, 0);
    for (size_t i = 0; i < 5; i++) {
        uint32_t draws[16];
        isb_xoshiro_next(&generator, draws);
        for (size_t j = 0; j < 16; j++)
            passed = passed && draws[j] == published[i];
        passed = passed && isb_stream_next(&stream) == ours[i];
    }
    isb_selftest_add(out, passed, "generators", "splitmix64, xoshiro128++, keyed streams: %s",
                     passed ? "the known answers" : "other answers than known");
}

/* The masks of 1000 steps on a leaf of 64 rows and a strip of 16 units. */
static void check_masks(isb_selftest *out, double rate) {
    const uint32_t last_dropped =
        (uint32_t)(rate * 0x1p32); /* rates below are no binary fractions */
    const isb_kernels *kernels = isb_kernels_for(isb_isa_best());
    _Alignas(64) float strip[ISB_LEAF * 16];
    uint16_t kept[ISB_LEAF];
    const double units = 1000.0 * ISB_LEAF * 16;
    size_t count = 0;
    for (uint64_t step = 1; step <= 1000; step++) {
        isb_xoshiro generator;
        isb_xoshiro_key(&generator, isb_stream_key(1, ISB_PURPOSE_DROPOUT, step, 0, 0, 0));
        memset(strip, 0, sizeof strip);
        kernels->dropout(strip, kept, ISB_LEAF, 0, &generator, last_dropped, 1.0f);
        for (size_t r = 0; r < ISB_LEAF; r++)
            count += (size_t)__builtin_popcount(kept[r]);
    }
    const double off = (double)count - units * (1.0 - rate);
    const bool passed = off * off <= 16.0 * units * rate * (1.0 - rate); /* 4 deviations */
    isb_selftest_add(out, passed, "dropout", "rate %g keeps %.3f %% of %.0f units, expected %g %%",
                     rate, 100.0 * (double)count / units, units, 100.0 * (1.0 - rate));
}

isb_status isb_check_random(isb_selftest *out, isb_error *error) {
    (void)error;
    check_generators(out);
    check_masks(out, 0.2);
    check_masks(out, 0.7);
    return ISB_OK;
}
