/* The own exp, log, tanh and sigmoid: within 1 ulp of the correctly rounded value, equal bits on
 * every instruction set. For every 997th float, a prime, so that all exponents and low bits come
 * up; or for every ISOBIT_TEST_STEP-th. With 1, all 2^32, sums over all bits are known answers. */
#include "kernels.h"
#include "simd/scalar/fma.h"
#include <math.h>

enum { BLOCK = 16 * 64 };

static uint64_t step_from_environment(void) {
    const char *text = getenv("ISOBIT_TEST_STEP");
    if (text == NULL)
        return 997;
    char *end;
    const unsigned long step = strtoul(text, &end, 10);
    CHECKF(step > 0 && *end == '\0', "ISOBIT_TEST_STEP: '%s' is no step", text);
    return step;
}

static double exact_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static void strip_sigmoid(const isb_kernels *k, float *y, const float *x) {
    memcpy(y, x, BLOCK * sizeof *y);
    k->sigmoid(y, BLOCK / 16);
}
static void strip_tanh(const isb_kernels *k, float *y, const float *x) {
    memcpy(y, x, BLOCK * sizeof *y);
    k->tanh(y, BLOCK / 16);
}
static void array_exp(const isb_kernels *k, float *y, const float *x) {
    k->exponential(y, x, BLOCK);
}
static void array_log(const isb_kernels *k, float *y, const float *x) { k->logarithm(y, x, BLOCK); }

/* Floats in order of value as integers in order. */
static int64_t ordinal(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? -(int64_t)(bits & 0x7fffffff) : bits;
}

static void check_value(float x, float y, double exact, bool zero_below) {
    float rounded = (float)exact;
    if (zero_below && x < -69.3f)
        rounded = 0.0f;
    if (same_bits(y, rounded))
        return;
    if (isnan(rounded)) {
        CHECKF(isnan(y), "f(%a) = %a, not NaN", (double)x, (double)y);
        return;
    }
    const int64_t distance = ordinal(y) - ordinal(rounded);
    CHECKF(distance >= -1 && distance <= 1, "f(%a) = %a, not %a", (double)x, (double)y,
           (double)rounded);
    CHECKF(rounded != 0.0f, "f(%a) = %a, not %a", (double)x, (double)y, (double)rounded);
}

/* Adds bits(y) * (2 bits(x) + 1), every NaN as the same one. */
static uint64_t add_to_sum(uint64_t sum, const float *x, const float *y) {
    for (size_t i = 0; i < BLOCK; i++) {
        uint32_t from, to = 0x7fc00000;
        memcpy(&from, x + i, sizeof from);
        if (y[i] == y[i])
            memcpy(&to, y + i, sizeof to);
        sum += to * (2 * (uint64_t)from + 1);
    }
    return sum;
}

/* `known` is the sum over all floats. */
static void check_function(void (*run)(const isb_kernels *, float *, const float *),
                           double (*exact)(double), bool zero_below, uint64_t known) {
    _Alignas(64) float x[BLOCK], y[BLOCK], other[BLOCK];
    const isb_kernels *best = isb_kernels_for(isb_isa_best());
    const uint64_t step = step_from_environment();
    isb_isa isas[ISB_ISA_COUNT]; /* asked once: the CPU takes its time to answer */
    size_t count = 0;
    FOR_EACH_ISA(isa) isas[count++] = isa;
    uint64_t sum = 0;
    for (uint64_t bits = 0; bits < UINT64_C(1) << 32;) {
        for (size_t i = 0; i < BLOCK; i++, bits += step) {
            const uint32_t pattern = (uint32_t)bits;
            memcpy(x + i, &pattern, sizeof pattern);
        }
        run(best, y, x);
        sum = add_to_sum(sum, x, y);
        for (size_t i = 0; i < BLOCK; i++)
            check_value(x[i], y[i], exact((double)x[i]), zero_below);
        for (size_t n = 0; n < count; n++) {
            const isb_isa isa = isas[n];
            run(isb_kernels_for(isa), other, x);
            for (size_t i = 0; i < BLOCK && memcmp(y, other, sizeof y) != 0; i++)
                CHECKF(same_bits(y[i], other[i]) || (isnan(y[i]) && isnan(other[i])),
                       "%s at %a: %a and %a", isb_isa_name(isa), (double)x[i], (double)y[i],
                       (double)other[i]);
        }
    }
    CHECKF(step != 1 || sum == known, "the sum over all floats is %llx", (unsigned long long)sum);
}

CASE(math, exp_within_one_ulp) {
    check_function(array_exp, exp, true, UINT64_C(0x1cb784c4ec1e5564));
}
CASE(math, log_within_one_ulp) {
    check_function(array_log, log, false, UINT64_C(0xf1b37a1cded4a6f5));
}
CASE(math, tanh_within_one_ulp) {
    check_function(strip_tanh, tanh, false, UINT64_C(0xabbacad315c2f682));
}
CASE(math, sigmoid_within_one_ulp) {
    check_function(strip_sigmoid, exact_sigmoid, true, UINT64_C(0x5debe3245de22a90));
}

CASE(math, software_fma_is_correctly_rounded) {
    static const uint32_t known[][4] = {{0x3f7288d0, 0x34f91a50, 0xbe7916c0, 0xbe7916a3},
                                        {0x97000800, 0x1cfff001, 0x00010002, 0x00010001},
                                        {0xd58ceec0, 0x34670000, 0x980645fc, 0xca7e56df}};
    for (size_t i = 0; i < 3; i++) {
        float v[4];
        memcpy(v, known[i], sizeof v);
        CHECK(same_bits(fma_scalar(v[0], v[1], v[2]), v[3]));
    }
    uint64_t state = 7;
    for (size_t i = 0; i < 3000000; i++) {
        uint32_t bits[3];
        float v[3];
        for (size_t j = 0; j < 3; j++)
            bits[j] = fixture_random(&state);
        if (i % 3 == 0) /* an addend near the product, where rounding twice errs */
            bits[2] = (bits[2] & 0x807fffff) |
                      ((((bits[0] >> 23 & 255) + (bits[1] >> 23 & 255) - 127u) & 255) << 23);
        if (i % 5 == 0)
            bits[1] &= 0xfff00000; /* short factors make exact ties likely */
        memcpy(v, bits, sizeof v);
        const float mine = fma_scalar(v[0], v[1], v[2]), libm = fmaf(v[0], v[1], v[2]);
        CHECKF(same_bits(mine, libm) || (isnan(mine) && isnan(libm)), "fma(%a, %a, %a): %a, %a",
               (double)v[0], (double)v[1], (double)v[2], (double)mine, (double)libm);
    }
}
