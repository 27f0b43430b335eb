#include "study/elementary.h"
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LN2_HIGH 0x1.62e42fee00000p-1 /* its product with an exponent is exact */
#define LN2_LOW 1.9082149292705878161e-10
#define LOG2_E 1.4426950408889634074
#define SQRT2 1.4142135623730950488
#define INVERSE_SQRT_2PI 0.39894228040143267794
#define MANTISSA (((uint64_t)1 << 52) - 1)
#define ONE ((uint64_t)1023 << 52) /* the bits of 1 */

/* 2^k for a normal result. */
static double power_of_two(int k) {
    const uint64_t bits = (uint64_t)(k + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* exp(r), |r| <= ln(2) / 2, by its Taylor series. */
static double exp_near_0(double r) {
    double sum = 1;
    for (int k = 15; k > 0; k--)
        sum = 1 + sum * r / k;
    return sum;
}

double isb_exp(double x) {
    if (isnan(x) || x > 709.75)
        return isnan(x) ? x : INFINITY;
    if (x < -745.5)
        return 0;
    const int k = (int)(x * LOG2_E + (x < 0 ? -0.5 : 0.5));
    const double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    return exp_near_0(r) * power_of_two(k / 2) * power_of_two(k - k / 2);
}

/* log(1 + f), 1 + f from sqrt(1/2) to sqrt(2), as 2 artanh(f / (2 + f)). */
static double log_near_1(double f) {
    const double s = f / (2 + f), square = s * s;
    double sum = 0;
    for (int k = 25; k > 0; k -= 2)
        sum = sum * square + 1.0 / k;
    return 2 * s * sum;
}

double isb_log1p(double x) {
    const double y = 1 + x;
    if (!(y > 0 && y <= DBL_MAX))
        return y == 0 ? -INFINITY : y > 0 ? INFINITY : NAN;
    uint64_t bits; /* of a normal number: y is at least 2^-53 */
    memcpy(&bits, &y, sizeof bits);
    int k = (int)(bits >> 52) - 1023;
    bits = (bits & MANTISSA) | ONE;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > SQRT2) {
        m /= 2;
        k++;
    }
    if (k == 0)
        return log_near_1(x);
    const double lost = y > 2 ? 1 - (y - x) : x - (y - 1); /* in rounding 1 + x */
    return k * LN2_HIGH + (k * LN2_LOW + (log_near_1(m - 1) + lost / y));
}

static double density(double x) { return INVERSE_SQRT_2PI * isb_exp(-x * x / 2); }

/* From 0 to x, |x| < 3: density(x) (x + x^3 / 3 + x^5 / (3 5) + ...), in which nothing cancels. */
static double normal_centre(double x) {
    double term = x, sum = x;
    for (int k = 3; fabs(term) > 1e-17 * fabs(sum); k += 2) {
        term *= x * x / k;
        sum += term;
    }
    return density(x) * sum;
}

/* Above x >= 3: density(x) / (x + 1 / (x + 2 / (x + ...))). */
static double normal_tail(double x) {
    double fraction = x;
    for (int k = 60; k > 0; k--)
        fraction = x + k / fraction;
    return density(x) / fraction;
}

double isb_normal_cdf(double x) {
    if (isnan(x))
        return x;
    if (fabs(x) < 3)
        return 0.5 + normal_centre(x);
    if (x > 0)
        return 1 - normal_tail(x);
    return x < -40 ? 0 : normal_tail(-x);
}
