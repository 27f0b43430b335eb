#include "study/student.h"
#include "base/square_root.h"
#include "study/elementary.h"
#include "study/statistics.h"
#include <math.h>

#define SQRT_PI 1.7724538509055160273
#define FARTHEST 1e150 /* a quantile beyond is given as infinite */

enum { MOST_TERMS = 10000, MOST_STEPS = 200 };

/* Gamma(a + 1/2) / Gamma(a): the asymptotic series in a - 1/4, which has even powers alone, and
 * from a >= 16 on all digits of a double; below by recurrence. */
static double gamma_ratio(double a) {
    double factor = 1;
    for (; a < 16; a++)
        factor *= a / (a + 0.5);
    const double w = a - 0.25, v = 1 / (w * w);
    const double series =
        1 + v * (1.0 / 64 +
                 v * (-19.0 / 8192 + v * (631.0 / 524288 + v * (-174317.0 / 134217728 +
                                                                v * (20491783.0 / 8589934592)))));
    return factor * isb_square_root(w) * series;
}

/* I_x(a, 1/2) B(a, 1/2) / (x^a y^(1/2)), y = 1 - x, as a continued fraction (Didonato and Morris,
 * "Algorithm 708", 1992) by Lentz's method. Nothing in it cancels, however large a is; few
 * terms where x < (a + 1) / (a + 5/2). */
static double tail_fraction(double a, double x, double y) {
    const double start = a * y - 0.5 * x + 1;
    double fraction = start * a / (a + 1), c = fraction, d = 0;
    for (int m = 1; m < MOST_TERMS; m++) {
        const double e = a + 2 * m - 1, w = m * (0.5 - m) * x;
        const double numerator = (a + m - 1) * (a + m - 0.5) / (e * e) * w * x;
        const double denominator = m + w / e + (a + m) * (start + m * (1 + y)) / (e + 2);
        d = 1 / (denominator + numerator * d);
        c = denominator + numerator / c;
        fraction *= c * d;
        if (fabs(c * d - 1) < 2e-16)
            break;
    }
    return 1 / fraction;
}

/* I_y(1/2, a) B(1/2, a) / (x^a y^(1/2)): the series 8.17.8 of the NIST handbook (DLMF), all of
 * whose terms are positive. */
static double centre_series(double a, double y) {
    double term = 2, sum = 2;
    for (int n = 0; n < MOST_TERMS && term > 1e-17 * sum; n++) {
        term *= (a + 0.5 + n) / (1.5 + n) * y;
        sum += term;
    }
    return sum;
}

/* Where t > 0 cuts the upper half of the distribution. */
typedef struct cut {
    double centre;  /* P(0 < T < t) */
    double tail;    /* P(T > t); of the two the smaller is exact, the other its complement */
    double density; /* at t */
} cut;

static cut cut_at(double t, double freedom) {
    const double a = freedom / 2, square = t * t / freedom;
    if (!isfinite(square))
        return (cut){0.5, 0, 0};
    const double x = 1 / (1 + square), y = square / (1 + square);
    const double power = isb_exp(-a * isb_log1p(square)), ratio = gamma_ratio(a);
    const double front = power * isb_square_root(y) * ratio / SQRT_PI; /* x^a y^b / B(a, b) */
    cut at = {.density = power * isb_square_root(x) * ratio / (SQRT_PI * isb_square_root(freedom))};
    if (x < (a + 1) / (a + 2.5)) {
        at.tail = 0.5 * front * tail_fraction(a, x, y);
        at.centre = 0.5 - at.tail;
    } else {
        at.centre = 0.5 * front * centre_series(a, y);
        at.tail = 0.5 - at.centre;
    }
    return at;
}

double isb_student_cdf(double t, double freedom) {
    if (!(freedom >= 1) || isnan(t))
        return NAN;
    const cut at = cut_at(fabs(t), freedom);
    return t < 0 ? at.tail : 0.5 + at.centre;
}

/* What is searched for: t with this probability above it. */
typedef struct target {
    double freedom;
    double tail, centre;
} target;

/* How much t falls short, in probability; measured where the digits are. */
static double shortfall(const target *wanted, const cut *at) {
    return wanted->tail < 0.25 ? at->tail - wanted->tail : wanted->centre - at->centre;
}

/* Newton's steps, halving the bracket instead where one would leave it. */
static double search(const target *wanted, double low, double high) {
    double t = low + (high - low) / 2;
    for (int i = 0; i < MOST_STEPS; i++) {
        const cut at = cut_at(t, wanted->freedom);
        const double missing = shortfall(wanted, &at), step = missing / at.density;
        if (fabs(step) <= 1e-9 * t) /* what is left after a step is about its square */
            return t + step;
        *(missing > 0 ? &low : &high) = t;
        t += step;
        if (!(t > low && t < high))
            t = low + (high - low) / 2;
    }
    return t;
}

static double upper_quantile(const target *wanted) {
    double low = 0, high = 1;
    for (; high < FARTHEST; low = high, high *= 2) {
        const cut at = cut_at(high, wanted->freedom);
        if (shortfall(wanted, &at) <= 0)
            return search(wanted, low, high);
    }
    return INFINITY;
}

double isb_student_quantile(double p, double freedom) {
    if (!(p > 0 && p < 1 && freedom >= 1 && isfinite(freedom)))
        return NAN;
    if (p == 0.5)
        return 0;
    const target wanted = {freedom, p < 0.5 ? p : 1 - p, fabs(p - 0.5)};
    const double t = upper_quantile(&wanted);
    return p < 0.5 ? -t : t;
}
