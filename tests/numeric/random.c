/* Known answers of the generators, and the shape of the streams built on them. */
#include "check.h"
#include "fixture.h"
#include "layers/dropout.h"
#include "random/stream.h"
#include "simd/dispatch.h"
#include <string.h>

CASE(random, splitmix64_known_answers) {
    static const uint64_t known[][5] = {
        {UINT64_C(16294208416658607535), UINT64_C(7960286522194355700),
         UINT64_C(487617019471545679), UINT64_C(17909611376780542444),
         UINT64_C(1961750202426094747)},
        {UINT64_C(13679457532755275413), UINT64_C(2949826092126892291),
         UINT64_C(5139283748462763858), UINT64_C(6349198060258255764),
         UINT64_C(701532786141963250)}};
    static const uint64_t seeds[] = {0, 42};
    for (size_t s = 0; s < 2; s++)
        for (uint64_t i = 0; i < 5; i++)
            CHECK(isb_splitmix64(seeds[s] + i * 0x9e3779b97f4a7c15u) == known[s][i]);
}

CASE(random, xoshiro128pp_known_answers) {
    static const uint32_t known[] = {641,        1573767,    3222811527, 3517856514, 836907274,
                                     4247214768, 3867114732, 1355841295, 495546011,  621204420};
    isb_xoshiro generator;
    for (int w = 0; w < 4; w++)
        for (int j = 0; j < 16; j++)
            generator.state[w][j] = (uint32_t)(w + 1);
    for (size_t i = 0; i < 10; i++) {
        uint32_t draws[16];
        isb_xoshiro_next(&generator, draws);
        for (int j = 0; j < 16; j++)
            CHECK(draws[j] == known[i]);
    }
}

CASE(random, lanes_start_from_splitmix64) {
    isb_xoshiro generator;
    isb_xoshiro_key(&generator, 42);
    CHECK(generator.state[0][0] == (uint32_t)UINT64_C(13679457532755275413));
    CHECK(generator.state[1][0] == (uint32_t)(UINT64_C(13679457532755275413) >> 32));
    CHECK(generator.state[0][1] == (uint32_t)UINT64_C(2949826092126892291));
    CHECK(generator.state[2][0] == (uint32_t)isb_splitmix64(42 + 16 * 0x9e3779b97f4a7c15u));
    CHECK(generator.state[3][15] ==
          (uint32_t)(isb_splitmix64(42 + 31 * 0x9e3779b97f4a7c15u) >> 32));
}

CASE(random, key_chain_known_answers) {
    CHECK(isb_stream_key(0, 0, 0, 0, 0, 0) != isb_stream_key(0, 0, 0, 0, 0, 1));
    CHECK(isb_stream_key(1, ISB_PURPOSE_DROPOUT, 1, 0, 0, 0) == UINT64_C(10034319542826946855));
    CHECK(isb_stream_key(7, ISB_PURPOSE_SHUFFLE, 3, 2, 1, 9) == UINT64_C(3474501817811096603));
    isb_stream stream;
    isb_stream_open(&stream, 1, ISB_PURPOSE_DROPOUT, 1, 0, 0, 0);
    static const uint32_t known[] = {631627482,  1741247454, 1363099114, 2255845690, 2580446366,
                                     2704160472, 2128585344, 2193816209, 1143396462, 3734677210,
                                     2055524904, 839898719,  2724233757, 407421642,  3394561353,
                                     1936296045, 2838969462, 2473073206, 1218082694, 1817963617};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CHECK(isb_stream_next(&stream) == known[i]);
}

CASE(random, bounded_draws_are_uniform) {
    isb_stream stream;
    isb_stream_open(&stream, 5, ISB_PURPOSE_SHUFFLE, 1, 0, 0, 0);
    unsigned counts[10] = {0};
    for (size_t i = 0; i < 100000; i++) {
        const uint32_t draw = isb_stream_below(&stream, 10);
        CHECK(draw < 10);
        counts[draw]++;
    }
    for (size_t i = 0; i < 10; i++)
        CHECKF(counts[i] > 9600 && counts[i] < 10400, "%zu came %u times", i, counts[i]);
    for (size_t i = 0; i < 1000; i++)
        CHECK(isb_stream_below(&stream, 1) == 0);
    for (size_t i = 0; i < 1000; i++)
        CHECK(isb_stream_below(&stream, UINT32_MAX) < UINT32_MAX);
}

CASE(random, shuffle_is_a_permutation) {
    uint32_t items[1000];
    bool seen[1000] = {false};
    for (uint32_t i = 0; i < 1000; i++)
        items[i] = i;
    isb_stream stream;
    isb_stream_open(&stream, 5, ISB_PURPOSE_SHUFFLE, 2, 0, 0, 0);
    isb_stream_shuffle(&stream, items, 1000);
    unsigned fixed = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        CHECK(items[i] < 1000 && !seen[items[i]]);
        seen[items[i]] = true;
        fixed += items[i] == i;
    }
    CHECK(fixed < 10);
}

/* 4 standard deviations around n * p. */
static void check_share(unsigned dropped, unsigned n, double rate) {
    const double expected = n * rate, variance = n * rate * (1.0 - rate);
    const double off = (double)dropped - expected;
    CHECKF(off * off <= 16.0 * variance, "rate %g: %u of %u dropped", rate, dropped, n);
}

/* Masks of a site over many steps, leaves and strips, made as training makes them. */
CASE(dropout, masks_have_the_rate_and_differ_between_steps_and_sites) {
    static const double rates[] = {0.001, 0.1, 0.5, 0.999, 1.0};
    for (size_t i = 0; i < 5; i++) {
        fixture f;
        fixture_make(&f, ISB_U8, 64, 64, 2);
        fixture_dropout(&f, rates[i]);
        fixture_dropout(&f, rates[i]);
        fixture_dense(&f, 2, ISB_SOFTMAX);
        fixture_ready(&f);
        isb_network network;
        CHECK(isb_network_build(&network, &f.model, 1, 0, NULL) == ISB_OK);
        isb_buffers buffers;
        CHECK(isb_buffers_build(&buffers, &network, 64, true, NULL) == ISB_OK);
        isb_context c = {.kernels = isb_kernels_for(isb_isa_best()),
                         .network = &network,
                         .buffers = &buffers,
                         .rows = 64,
                         .seed = 1,
                         .training = true};
        unsigned dropped = 0, together = 0, same_place = 0;
        uint16_t before[64] = {0};
        for (c.step = 1; c.step <= 100; c.step++) {
            for (size_t p = 0; p < 4; p++)
                isb_dropout_forward(&c, 0, buffers.activation[0], p, 0, 64);
            const uint16_t *first = buffers.kept[0], *second = first + 4 * 64;
            for (size_t r = 0; r < 4 * 64; r++) {
                dropped += 16 - (unsigned)__builtin_popcount(first[r]);
                together += (unsigned)__builtin_popcount(0xffffu & ~(first[r] | second[r]));
            }
            for (size_t r = 0; r < 64; r++)
                same_place += (unsigned)__builtin_popcount(0xffffu & ~(first[r] | before[r]));
            memcpy(before, first, sizeof before);
        }
        check_share(dropped, 100 * 4 * 64 * 16, rates[i]);
        check_share(together, 100 * 4 * 64 * 16, rates[i] * rates[i]);
        if (rates[i] < 1.0)
            check_share(same_place, 100 * 64 * 16, rates[i] * rates[i]);
        isb_buffers_free(&buffers, &network);
        isb_network_free(&network);
        fixture_free(&f);
    }
}
