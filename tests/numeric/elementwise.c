/* Kernels on strips: each against its formula in plain C, bit for bit, on every instruction set. */
#include "kernels.h"
#include "random/stream.h"
#include <math.h>

enum { ROWS = 37 };

static const float special[] = {
    0.0f,   -0.0f,   1e-40f,  -1e-40f, 0x1p-126f, 0x1p-100f, -0x1p-101f, 1.0f, -1.0f, 88.7f, 89.5f,
    -69.3f, -69.31f, -100.0f, 3.4e38f, -3.4e38f,  INFINITY,  -INFINITY,  NAN,  0.55f, 9.5f,  64.0f};

/* A strip of random values, among them the special ones. */
static guarded strip(uint64_t seed, float spread, bool specials) {
    guarded g = guarded_make(ROWS * 16);
    for (size_t i = 0; i < g.count; i++)
        g.data[i] = fixture_uniform(&seed) * spread;
    for (size_t i = 0; specials && i < sizeof special / sizeof *special; i++)
        g.data[i * 23] = special[i];
    return g;
}

static bool same_value(float a, float b) { return same_bits(a, b) || (isnan(a) && isnan(b)); }

static float relu(float x) { return x < 0.0f ? 0.0f : x; }
static float relu_gradient(float d, float y) { return y > 0.0f ? d : 0.0f; }
static float sigmoid_gradient(float d, float y) { return d * (y * (1.0f - y)); }
static float tanh_gradient(float d, float y) { return d * fmaf(-y, y, 1.0f); }

CASE(activation, relu_passes_nan_and_clears_negatives) {
    FOR_EACH_ISA(isa) {
        guarded y = strip(1, 3.0f, true), before = strip(1, 3.0f, true);
        isb_kernels_for(isa)->relu(y.data, ROWS);
        for (size_t i = 0; i < y.count; i++)
            CHECKF(same_value(y.data[i], relu(before.data[i])), "%s %zu", isb_isa_name(isa), i);
        guarded_check(&y);
        guarded_free(&y);
        guarded_free(&before);
    }
}

static void check_backward(void (*kernel)(float *, const float *, size_t),
                           float (*formula)(float, float)) {
    guarded d = strip(2, 2.0f, false), y = strip(3, 1.0f, false), before = strip(2, 2.0f, false);
    for (size_t i = 0; i < y.count; i += 5)
        y.data[i] = i % 2 ? 0.0f : -0.0f;
    kernel(d.data, y.data, ROWS);
    for (size_t i = 0; i < d.count; i++)
        CHECKF(same_bits(d.data[i], formula(before.data[i], y.data[i])), "element %zu", i);
    guarded_check(&d);
    guarded_free(&d);
    guarded_free(&y);
    guarded_free(&before);
}

CASE(activation, backward_passes) {
    FOR_EACH_ISA(isa) {
        check_backward(isb_kernels_for(isa)->relu_backward, relu_gradient);
        check_backward(isb_kernels_for(isa)->sigmoid_backward, sigmoid_gradient);
        check_backward(isb_kernels_for(isa)->tanh_backward, tanh_gradient);
    }
}

CASE(activation, relu_backward_never_multiplies) {
    FOR_EACH_ISA(isa) {
        _Alignas(64) float d[16], y[16];
        for (int i = 0; i < 16; i++) {
            d[i] = i % 2 ? INFINITY : NAN;
            y[i] = 0.0f;
        }
        isb_kernels_for(isa)->relu_backward(d, y, 1);
        for (int i = 0; i < 16; i++)
            CHECK(same_bits(d[i], 0.0f));
    }
}

CASE(gather, bytes_are_divided_correctly_rounded) {
    uint8_t bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    const float scales[] = {255.0f, 1.0f, 256.0f, 3.0f, 0.1f, 1e-30f, 3e38f};
    FOR_EACH_ISA(isa) {
        for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
            _Alignas(64) float y[256];
            isb_kernels_for(isa)->gather_u8(y, 16, bytes, 256, scales[s], 0.0f);
            for (int i = 0; i < 256; i++)
                CHECK(same_bits(y[i], (float)i / scales[s]));
        }
        _Alignas(64) float y[256];
        isb_kernels_for(isa)->gather_u8(y, 16, bytes, 256, 255.0f, 1.0f / 255.0f);
        for (int i = 0; i < 256; i++)
            CHECKF(same_bits(y[i], (float)i / 255.0f), "byte %d", i);
    }
}

CASE(gather, every_width_reads_and_writes_no_further) {
    FOR_EACH_ISA(isa) {
        for (size_t n = 1; n <= 70; n++) {
            uint8_t *bytes =
                malloc(n); /* so that AddressSanitizer and valgrind see a read beyond */
            float *floats = malloc(n * sizeof *floats);
            for (size_t i = 0; i < n; i++) {
                bytes[i] = (uint8_t)(i * 37);
                floats[i] = (float)i - 7.0f;
            }
            const size_t panels = (n + 15) / 16, stride = 48;
            guarded y = guarded_make((panels - 1) * stride + 16);
            isb_kernels_for(isa)->gather_u8(y.data, stride, bytes, n, 255.0f, 1.0f / 255.0f);
            for (size_t i = 0; i < panels * 16; i++)
                CHECK(same_bits(y.data[i / 16 * stride + i % 16],
                                i < n ? (float)bytes[i] / 255.0f : 0.0f));
            isb_kernels_for(isa)->gather_f32(y.data, stride, floats, n, 3.0f);
            for (size_t i = 0; i < panels * 16; i++)
                CHECK(same_bits(y.data[i / 16 * stride + i % 16], i < n ? floats[i] / 3.0f : 0.0f));
            for (size_t p = 0; p + 1 < panels; p++)
                for (size_t i = 16; i < stride; i++)
                    CHECK(guarded_untouched(y.data + p * stride + i));
            guarded_check(&y);
            guarded_free(&y);
            free(bytes);
            free(floats);
        }
    }
}

CASE(dropout, mask_is_the_stream_and_survivors_are_scaled) {
    FOR_EACH_ISA(isa) {
        for (size_t skip = 0; skip < 64; skip += 7) {
            const size_t rows = 64 - skip < ROWS ? 64 - skip : ROWS;
            const uint32_t last = 0x40000000;
            isb_stream stream;
            isb_stream_open(&stream, 11, ISB_PURPOSE_DROPOUT, 3, 5, 7, 9);
            guarded y = strip(skip, 2.0f, false), before = strip(skip, 2.0f, false);
            uint16_t kept[ROWS];
            isb_kernels_for(isa)->dropout(y.data, kept, rows, skip, &stream.generator, last, 1.25f);
            for (size_t i = 0; i < skip * 16; i++)
                isb_stream_next(&stream);
            for (size_t i = 0; i < rows * 16; i++) {
                const bool keep = isb_stream_next(&stream) > last;
                CHECK((kept[i / 16] >> i % 16 & 1) == keep);
                CHECK(same_bits(y.data[i], keep ? before.data[i] * 1.25f : 0.0f));
            }
            guarded_check(&y);
            isb_kernels_for(isa)->dropout_backward(before.data, kept, rows, 1.25f);
            guarded again = strip(skip, 2.0f, false);
            for (size_t i = 0; i < rows * 16; i++)
                CHECK(same_bits(before.data[i],
                                kept[i / 16] >> i % 16 & 1 ? again.data[i] * 1.25f : 0.0f));
            guarded_free(&y);
            guarded_free(&before);
            guarded_free(&again);
        }
    }
}

CASE(dropout, a_draw_equal_to_the_last_dropped_one_drops) {
    FOR_EACH_ISA(isa) {
        for (size_t lane = 0; lane < 16; lane++) {
            isb_stream stream;
            isb_stream_open(&stream, 11, ISB_PURPOSE_DROPOUT, 3, 5, 7, 9);
            const isb_xoshiro generator = stream.generator;
            uint32_t draw = isb_stream_next(&stream);
            for (size_t i = 0; i < lane; i++)
                draw = isb_stream_next(&stream);
            _Alignas(64) float y[16] = {0.0f};
            uint16_t kept;
            isb_kernels_for(isa)->dropout(y, &kept, 1, 0, &generator, draw, 1.0f);
            CHECK((kept >> lane & 1) == 0);
            isb_kernels_for(isa)->dropout(y, &kept, 1, 0, &generator, draw - 1, 1.0f);
            CHECK((kept >> lane & 1) == 1);
        }
    }
}

CASE(dropout, everything_can_be_dropped) {
    FOR_EACH_ISA(isa) {
        isb_xoshiro generator;
        isb_xoshiro_key(&generator, 1);
        guarded y = strip(1, 2.0f, true);
        uint16_t kept[ROWS];
        isb_kernels_for(isa)->dropout(y.data, kept, ROWS, 0, &generator, UINT32_MAX, INFINITY);
        for (size_t i = 0; i < y.count; i++)
            CHECK(same_bits(y.data[i], 0.0f) && kept[i / 16] == 0);
        guarded_free(&y);
    }
}

static float without_dust(float x) { return fabsf(x) < 0x1p-100f ? 0.0f : x; }

CASE(optimizer, adam_in_its_order_of_operations) {
    const isb_adam step = {0.00123f, 0.1f, 0.001f, 1e-7f};
    FOR_EACH_ISA(isa) {
        guarded w = strip(1, 0.1f, false), m = strip(2, 0.01f, false), v = strip(3, 0.1f, false);
        guarded g = strip(4, 0.5f, false);
        for (size_t i = 0; i < v.count; i++)
            v.data[i] = i % 11 ? v.data[i] * v.data[i] : 0.0f;
        for (size_t i = 0; i < g.count; i += 13)
            g.data[i] = m.data[i] = i % 2 ? 0.0f : 0x1p-101f;
        guarded w0 = guarded_make(w.count), m0 = guarded_make(w.count), v0 = guarded_make(w.count);
        memcpy(w0.data, w.data, w.count * sizeof(float));
        memcpy(m0.data, m.data, w.count * sizeof(float));
        memcpy(v0.data, v.data, w.count * sizeof(float));
        isb_kernels_for(isa)->adam(w.data, m.data, v.data, g.data, w.count, &step);
        for (size_t i = 0; i < w.count; i++) {
            const float d = g.data[i] - m0.data[i];
            const float first = without_dust(fmaf(d, step.one_minus_beta_1, m0.data[i]));
            const float e = fmaf(g.data[i], g.data[i], -v0.data[i]);
            const float second = without_dust(fmaf(e, step.one_minus_beta_2, v0.data[i]));
            const float change = step.alpha * first;
            CHECK(same_bits(m.data[i], first));
            CHECK(same_bits(v.data[i], second));
            CHECK(same_bits(w.data[i], w0.data[i] - change / (sqrtf(second) + step.epsilon)));
        }
        guarded_check(&w);
        guarded_check(&m);
        guarded_check(&v);
        guarded *all[] = {&w, &m, &v, &g, &w0, &m0, &v0};
        for (size_t i = 0; i < 7; i++)
            guarded_free(all[i]);
    }
}

CASE(optimizer, sgd_and_momentum_in_their_order_of_operations) {
    FOR_EACH_ISA(isa) {
        for (int nesterov = 0; nesterov <= 1; nesterov++) {
            const isb_momentum step = {0.01f, 0.9f, nesterov};
            guarded w = strip(1, 0.1f, false), v = strip(2, 0.1f, false), g = strip(3, 1.0f, false);
            guarded w0 = strip(1, 0.1f, false), v0 = strip(2, 0.1f, false);
            isb_kernels_for(isa)->momentum(w.data, v.data, g.data, w.count, &step);
            for (size_t i = 0; i < w.count; i++) {
                const float change = 0.01f * g.data[i];
                const float velocity = without_dust(fmaf(0.9f, v0.data[i], -change));
                CHECK(same_bits(v.data[i], velocity));
                CHECK(same_bits(
                    w.data[i], w0.data[i] + (nesterov ? fmaf(0.9f, velocity, -change) : velocity)));
            }
            isb_kernels_for(isa)->sgd(w0.data, g.data, w0.count, 0.01f);
            guarded w1 = strip(1, 0.1f, false);
            for (size_t i = 0; i < w.count; i++)
                CHECK(same_bits(w0.data[i], fmaf(-0.01f, g.data[i], w1.data[i])));
            guarded *all[] = {&w, &v, &g, &w0, &v0, &w1};
            for (size_t i = 0; i < 6; i++)
                guarded_free(all[i]);
        }
    }
}
