/* The pieces of a study's statistics. Expected values: of distributions computed with 40 digits
 * (mpmath), of tests with SciPy 1.17 and statsmodels 0.15; scripts/test-clients.sh compares more.
 */
#include "study/statistics.h"
#include "check.h"
#include "fixture.h"
#include "study/elementary.h"
#include "study/student.h"
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool near(double found, double expected, double relative) {
    return fabs(found - expected) <= relative * fabs(expected);
}

CASE(statistics, quantiles) {
    static const struct {
        double p, freedom, t;
    } known[] = {
        {0.975, 1, 12.706204736174693},        {0.975, 2, 4.3026527297494618},
        {0.975, 4, 2.7764451051977935},        {0.975, 9, 2.262157162798205},
        {0.995, 9, 3.2498355415921257},        {0.75, 30, 0.68275569332129255},
        {0.9999999, 3, 222.57159098625124},    {0.975, 1e6, 1.9599663568141067},
        {0.5000001, 5, 2.6343055227537268e-7}, {0.999, 2.5, 13.82219311086596},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        const double t = isb_student_quantile(known[i].p, known[i].freedom);
        CHECKF(near(t, known[i].t, 4e-15), "p %g, freedom %g: %.17g", known[i].p, known[i].freedom,
               t);
    }
    CHECK(isb_student_quantile(0.5, 7) == 0);
    CHECK(isb_student_quantile(0.25, 7) == -isb_student_quantile(0.75, 7));
    CHECK(isb_student_quantile(1e-300, 1) == -INFINITY);
    CHECK(isnan(isb_student_quantile(0, 7)) && isnan(isb_student_quantile(1, 7)));
    CHECK(isnan(isb_student_quantile(NAN, 7)) && isnan(isb_student_quantile(0.9, 0.99)));
}

CASE(statistics, probabilities) {
    static const struct {
        double t, freedom, p;
    } known[] = {
        {1, 1, 0.75},
        {2.5, 9, 0.98306908615850713},
        {-2.5, 9, 0.01693091384149287},
        {-12, 4, 0.00013821427425148648},
        {0.001, 30, 0.50039563211675745},
        {1.96, 1e6, 0.9750019662073651},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        const double p = isb_student_cdf(known[i].t, known[i].freedom);
        CHECKF(near(p, known[i].p, 4e-15), "t %g, freedom %g: %.17g", known[i].t, known[i].freedom,
               p);
    }
    CHECK(isb_student_cdf(0, 3) == 0.5);
    CHECK(isb_student_cdf(INFINITY, 3) == 1 && isb_student_cdf(-INFINITY, 3) == 0);
    CHECK(isnan(isb_student_cdf(NAN, 3)) && isnan(isb_student_cdf(1, 0.99)));
}

CASE(statistics, powers) {
    static const struct {
        double effect;
        size_t pairs;
        double alpha, power;
    } known[] = {
        {0.5, 34, 0.05, 0.80777750127927391},      {1, 10, 0.05, 0.80309685663272164},
        {-1, 10, 0.05, 0.80309685663272164},       {3, 3, 0.05, 0.74526800700628341},
        {100, 2, 0.05 / 11, 0.68737894954807544},  {0, 8, 0.05, 0.05},
        {0.01, 100000, 0.05, 0.88537325964481147},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        const double p = isb_paired_power(known[i].effect, known[i].pairs, known[i].alpha);
        CHECKF(near(p, known[i].power, 1e-13), "effect %g: %.17g", known[i].effect, p);
    }
    CHECK(isnan(isb_paired_power(1, 1, 0.05)) && isnan(isb_paired_power(1, 5, 1)));
}

CASE(statistics, pairs_needed) {
    static const struct {
        double difference, deviation, alpha;
        size_t pairs;
    } known[] = {
        {0.5, 1, 0.05, 34},        {0.01, 0.01, 0.05, 10}, {-2, 1, 0.05, 5},
        {0.02, 0.1, 0.05, 199},    {1, 1, 0.05 / 12, 18},  {0.1, 1, 0.05 / 12, 1379},
        {0.0029, 1, 0.05, 933280}, {0.001, 1, 0.05, 0},    {0, 1, 0.05, 0},
        {1, 0, 0.05, 2},           {0, 0, 0.05, 0},        {NAN, 1, 0.05, 0},
        {1, NAN, 0.05, 0},         {INFINITY, 1, 0.05, 0}, {1, 1, 0, 0},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        const size_t pairs =
            isb_pairs_needed(known[i].difference, known[i].deviation, known[i].alpha);
        CHECKF(pairs == known[i].pairs, "%g of %g: %zu pairs", known[i].difference,
               known[i].deviation, pairs);
    }
}

CASE(statistics, estimates) {
    static const double few[] = {0.91, 0.925, 0.9, 0.93, 0.915};
    const isb_estimate e = isb_estimate_of(few, 5);
    CHECK(near(e.mean, 0.916, 1e-15) && near(e.deviation, 0.011937336386313334, 1e-13));
    CHECK(near(e.low, 0.901177839174667, 1e-14) && near(e.high, 0.9308221608253331, 1e-14));
    static const double far_out[] = {1e9, 1e9 + 1, 1e9 + 3};
    const isb_estimate f = isb_estimate_of(far_out, 3);
    CHECK(near(f.mean, 1000000001.3333334, 1e-15) && near(f.deviation, 1.5275252316519468, 1e-15));
    CHECK(near(f.low, 999999997.5387503, 1e-15) && near(f.high, 1000000005.1279165, 1e-15));
}

CASE(statistics, equal_values_do_not_deviate) {
    static const double same[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    const isb_estimate e = isb_estimate_of(same, 7);
    CHECK(e.mean == 0.1 && e.deviation == 0 && e.low == 0.1 && e.high == 0.1);
}

CASE(statistics, one_value_has_no_interval) {
    const double one = 0.25;
    isb_estimate e = isb_estimate_of(&one, 1);
    CHECK(e.mean == 0.25 && isnan(e.deviation) && isnan(e.low) && isnan(e.high));
    e = isb_estimate_of(&one, 0);
    CHECK(isnan(e.mean) && isnan(e.deviation) && isnan(e.low) && isnan(e.high));
}

typedef struct flip_case {
    double differences[8];
    size_t count;
    double hits; /* of 2^count flips */
} flip_case;

static const flip_case flip_cases[] = {
    {{1, 2, 3, 4, 5, 6}, 6, 2},
    {{1, -2, 3, 4, 5, 6}, 6, 6},
    {{3, -1, 4, 1, -5, 9, 2, 6}, 8, 48},
    {{1, 1, 1, 1, -1, -1, 0, 0}, 8, 176},
    {{0.5, -0.5, 0.25}, 3, 8},
    {{3, -1, -2, 4}, 4, 10},
    {{2, 1, -1, 3, -2, 5, 1}, 7, 34},
    {{0.3, -0.1, 0.7, 0.2, 0.45}, 5, 4},
    {{-7}, 1, 2},
    {{-9, -1, 6, 10, 3, 13}, 6, 22}, /* of which 2 are ties through rounding alone */
    {{7, -3, 1, 9, -4}, 5, 16},
    {{1, -4, 1, -7, 2, 3}, 6, 50},
};

CASE(statistics, sign_flips) {
    for (size_t i = 0; i < COUNT(flip_cases); i++) {
        const flip_case *c = &flip_cases[i];
        const double p = isb_sign_flip(c->differences, c->count);
        CHECKF(p == c->hits / (double)(1 << c->count), "case %zu: %.17g", i, p);
    }
}

/* Shares of rows out of 1000, less each other: sums that should be equal are not, in binary. */
CASE(statistics, sign_flips_see_ties_through_rounding) {
    for (size_t i = 0; i < COUNT(flip_cases); i++) {
        const flip_case *c = &flip_cases[i];
        double shares[8];
        for (size_t j = 0; j < c->count; j++)
            shares[j] = (813 + c->differences[j]) / 1000 - 813.0 / 1000;
        const double p = isb_sign_flip(shares, c->count);
        CHECKF(p == c->hits / (double)(1 << c->count), "case %zu: %.17g", i, p);
    }
}

CASE(statistics, sign_flips_know_no_order_sign_or_size) {
    const flip_case *c = &flip_cases[2];
    double turned[8];
    for (size_t j = 0; j < c->count; j++)
        turned[j] = -1e300 * c->differences[c->count - 1 - j];
    CHECK(isb_sign_flip(turned, c->count) == 48.0 / 256);
    for (size_t j = 0; j < c->count; j++)
        turned[j] = 5e-324 * c->differences[j];
    CHECK(isb_sign_flip(turned, c->count) == 48.0 / 256);
}

CASE(statistics, sign_flips_of_nothing) {
    static const double zeros[30];
    CHECK(isb_sign_flip(zeros, 0) == 1 && isb_sign_flip(zeros, 8) == 1);
    CHECK(isb_sign_flip(zeros, 30) == 1);
    static const double broken[] = {1, NAN, 2, INFINITY};
    CHECK(isnan(isb_sign_flip(broken, 3)) && isnan(isb_sign_flip(broken + 2, 2)));
}

CASE(statistics, sign_flips_of_20_are_exact) {
    double ones[20];
    for (size_t i = 0; i < 20; i++)
        ones[i] = 1;
    CHECK(isb_sign_flip(ones, 20) == 2.0 / 1048576);
    ones[0] = -1; /* 18 or more of one sign: 2 (1 + 20) flips */
    CHECK(isb_sign_flip(ones, 20) == 42.0 / 1048576);
}

/* The hits of 2^20 draws, counted by another program from the published generator and
 * docs/numerics.md, rule 8. */
CASE(statistics, sign_flips_beyond_20_are_drawn) {
    static const double values[] = {3,  -1, 4, 1, -5, 9, 2, 6, -5, 3,  5, 8, 9,
                                    -7, 9,  3, 2, -3, 8, 4, 6, 2,  -6, 4, 3};
    CHECK(isb_sign_flip(values, 25) == 16636.0 / 1048577);
    static const double ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    CHECK(isb_sign_flip(ones, 21) == 1.0 / 1048577);
}

CASE(statistics, holm) {
    double p[] = {0.01, 0.04, 0.03, 0.005, 0.5};
    isb_holm(p, 5);
    CHECK(p[0] == 0.04 && p[1] == 0.09 && p[2] == 0.09 && p[3] == 0.025 && p[4] == 0.5);
    double ties[] = {0.25, 0.25, 0.0625, 0.9};
    isb_holm(ties, 4);
    CHECK(ties[0] == 0.75 && ties[1] == 0.75 && ties[2] == 0.25 && ties[3] == 0.9);
    double bounds[] = {1, 0, 0.75};
    isb_holm(bounds, 3);
    CHECK(bounds[0] == 1 && bounds[1] == 0 && !signbit(bounds[1]) && bounds[2] == 1);
}

CASE(statistics, holm_leaves_out_what_was_not_tested) {
    double p[] = {NAN, 0.125, NAN, 0.0625};
    isb_holm(p, 4);
    CHECK(isnan(p[0]) && p[1] == 0.125 && isnan(p[2]) && p[3] == 0.125);
}

CASE(statistics, smallest_p) {
    CHECK(isb_smallest_p(5, 12) == 0.75 && isb_smallest_p(8, 12) == 0.09375);
    CHECK(isb_smallest_p(10, 12) == 0.0234375 && isb_smallest_p(20, 1) == 2.0 / 1048576);
    CHECK(isb_smallest_p(21, 1) == 1.0 / 1048577 && isb_smallest_p(1, 1) == 1);
    CHECK(isb_smallest_p(0, 1) == 1 && isb_smallest_p(3, 9) == 1 && isnan(isb_smallest_p(9, 0)));
}

CASE(statistics, elementary_functions) {
    for (double x = -700; x < 700; x += 0.37)
        CHECKF(near(isb_exp(x), exp(x), 4e-16), "exp(%.17g) = %.17g", x, isb_exp(x));
    CHECK(isb_exp(0) == 1 && isb_exp(-800) == 0 && isb_exp(800) == INFINITY);
    CHECK(isb_exp(-INFINITY) == 0 && isnan(isb_exp(NAN)));
    CHECK(near(isb_exp(-740), exp(-740), 1e-2)); /* a subnormal of few digits */
    for (double x = 1e-20; x < 1e300; x *= 1.37)
        CHECKF(near(isb_log1p(x), log1p(x), 6e-16), "log1p(%.17g) = %.17g", x, isb_log1p(x));
    for (double x = 1e-20; x < 1; x *= 1.07)
        CHECKF(near(isb_log1p(-x), log1p(-x), 6e-16), "log1p(%.17g) = %.17g", -x, isb_log1p(-x));
    CHECK(isb_log1p(-1) == -INFINITY && isnan(isb_log1p(-2)) && isb_log1p(INFINITY) == INFINITY);
    for (double x = -37; x < 9; x += 0.031)
        CHECKF(near(isb_normal_cdf(x), erfc(-x / sqrt(2)) / 2, x < -1 ? 4e-13 : 2e-15),
               "normal_cdf(%.17g) = %.17g", x, isb_normal_cdf(x));
    CHECK(isb_normal_cdf(INFINITY) == 1 && isb_normal_cdf(-INFINITY) == 0);
}

static void hash_double(uint64_t *hash, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    *hash = fixture_hash(*hash, &bits, sizeof bits);
}

/* The bits of many results, which no compiler or C library may change. */
CASE(statistics, have_one_result_to_the_bit) {
    uint64_t hash = 0xcbf29ce484222325u, state = 7;
    for (int i = 0; i < 300; i++) {
        const double p = (fixture_uniform(&state) + 1.0) / 2, freedom = 1 + i * i;
        hash_double(&hash, isb_student_quantile(p, freedom));
        hash_double(&hash, isb_student_cdf(3 * p, freedom));
        hash_double(&hash, isb_normal_cdf(20 * p - 17));
    }
    for (size_t pairs = 2; pairs < 40; pairs++)
        hash_double(&hash, isb_paired_power(0.7, pairs, 0.05 / (double)pairs));
    CHECKF(hash == 0x7ea1180b51973475u, "%#llx", (unsigned long long)hash);
}
