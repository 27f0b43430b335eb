#include "base/square_root.h"
#include "study/elementary.h"
#include "study/statistics.h"
#include "study/student.h"
#include <math.h>

enum { MOST_PAIRS = 1000000, PANELS = 12, HALF_NODES = 8 };

/* Gauss-Legendre with 16 nodes on [-1, 1]: the positive ones. */
static const double nodes[HALF_NODES] = {
    0.09501250983763744019, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437484,
    0.7554044083550030339,  0.8656312023878317439, 0.9445750230732325761, 0.9894009349916499326,
};
static const double weights[HALF_NODES] = {
    0.1894506104550684963, 0.1826034150449235889,  0.1691565193950025382,  0.1495959888165767321,
    0.1246289712555338721, 0.09515851168249278481, 0.06225352393864789286, 0.02715245941175409485,
};

/* T = (Z + shift) / S, where S is the sample's standard deviation over the true one. Given S = s, T
 * leaves [-critical, critical] with a normal probability, which is averaged over S. */
typedef struct shifted_t {
    double freedom, shift, critical;
} shifted_t;

/* Sums over S: of its density times the probability, and of the density alone, which need not be
 * normalised for that. */
typedef struct average {
    double sum, weight;
} average;

/* s^(freedom - 1) exp(-freedom s^2 / 2), scaled to be about 1 at its top. */
static double density(double s, double freedom) {
    const double u = s - 1;
    return isb_exp(-freedom * (u + u * u / 2 - isb_log1p(u))) / s;
}

static void add_node(average *to, const shifted_t *t, double s, double weight) {
    const double mass = weight * density(s, t->freedom), limit = t->critical * s;
    to->sum += mass * (isb_normal_cdf(t->shift - limit) + isb_normal_cdf(-t->shift - limit));
    to->weight += mass;
}

static void add_range(average *to, const shifted_t *t, double low, double high) {
    const double half = (high - low) / (2 * PANELS);
    for (int panel = 0; panel < PANELS && half > 0; panel++) {
        const double middle = low + (2 * panel + 1) * half;
        for (int i = 0; i < HALF_NODES; i++) {
            add_node(to, t, middle - half * nodes[i], half * weights[i]);
            add_node(to, t, middle + half * nodes[i], half * weights[i]);
        }
    }
}

static double clamp(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

/* Beyond `low` and `high` lie less than 1e-18 of S. The probability falls from 1 to 0 around
 * shift / critical, however narrowly: that part gets panels of its own. */
static double leaving(const shifted_t *t) {
    const double width = 1 / isb_square_root(t->freedom);
    const double low = clamp(1 - 6.6 * width, 0, 1), high = 1 + 8.5 * width;
    const double step = t->shift / t->critical;
    const double from = clamp(step - 9 / t->critical, low, high);
    const double to = clamp(step + 9 / t->critical, low, high);
    average all = {0, 0};
    add_range(&all, t, low, from);
    add_range(&all, t, from, to);
    add_range(&all, t, to, high);
    return all.sum / all.weight;
}

double isb_paired_power(double effect, size_t pairs, double alpha) {
    if (isnan(effect) || pairs < 2 || !(alpha > 0 && alpha < 1))
        return NAN;
    const double freedom = (double)(pairs - 1);
    const shifted_t t = {freedom, fabs(effect) * isb_square_root((double)pairs),
                         -isb_student_quantile(alpha / 2, freedom)};
    return leaving(&t);
}

size_t isb_pairs_needed(double difference, double deviation, double alpha) {
    const double effect = fabs(difference) / deviation, power = 0.8;
    if (!isfinite(difference) || !(effect > 0) ||
        !(isb_paired_power(effect, MOST_PAIRS, alpha) >= power))
        return 0;
    size_t low = 1, high = MOST_PAIRS; /* more than `low`, at most `high` */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        *(isb_paired_power(effect, middle, alpha) >= power ? &high : &low) = middle;
    }
    return high;
}
