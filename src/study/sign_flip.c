#include "random/stream.h"
#include "study/statistics.h"
#include <math.h>

enum {
    MOST_EXACT = 20,
    DRAWS = 1 << 20,
    LANES = 512,     /* draws at a time: the bits of one iteration of the generator */
    UNITS = 1 << 30, /* the largest difference, in units of the sums */
};

/* Differences as integers, so that sums are exact in any order. Two sums that are equal but for the
 * rounding of the differences are then at most `slack` apart, one unit a difference. */
typedef struct scale {
    const double *differences;
    size_t count;
    double largest;
    int64_t slack;
} scale;

static int64_t scaled(const scale *s, size_t i) {
    const double units = s->differences[i] / s->largest * UNITS;
    return (int64_t)(units + (units < 0 ? -0.5 : 0.5));
}

static double largest_of(const double *values, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return NAN;
        largest = fabs(values[i]) > largest ? fabs(values[i]) : largest;
    }
    return largest;
}

static int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }

/* The least magnitude that counts as the observed one. */
static int64_t threshold_of(const scale *s) {
    int64_t sum = 0;
    for (size_t i = 0; i < s->count; i++)
        sum += scaled(s, i);
    return magnitude(sum) - s->slack;
}

/* All flips in Gray-code order, one sign changing at a time. The first sign stays: flipping all is
 * the same magnitude. */
static double enumerate(const scale *s, int64_t threshold) {
    int64_t twice[MOST_EXACT], sum = 0;
    for (size_t i = 0; i < s->count; i++) {
        sum += scaled(s, i);
        twice[i] = 2 * scaled(s, i);
    }
    const uint32_t flips = (uint32_t)1 << (s->count - 1);
    uint32_t hits = magnitude(sum) >= threshold;
    for (uint32_t flip = 1; flip < flips; flip++) {
        int64_t *step = &twice[1 + __builtin_ctz(flip)];
        sum -= *step;
        *step = -*step;
        hits += magnitude(sum) >= threshold;
    }
    return (double)hits / flips;
}

/* Iteration LANES-block b * count + i of the stream decides on difference i in 512 draws. */
static uint32_t draw_block(const scale *s, int64_t threshold, isb_xoshiro *generator) {
    int64_t sums[LANES] = {0};
    for (size_t i = 0; i < s->count; i++) {
        const int64_t value = scaled(s, i);
        uint32_t signs[16];
        isb_xoshiro_next(generator, signs);
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += signs[lane / 32] >> (lane % 32) & 1 ? -value : value;
    }
    uint32_t hits = 0;
    for (int lane = 0; lane < LANES; lane++)
        hits += magnitude(sums[lane]) >= threshold;
    return hits;
}

static double sample(const scale *s, int64_t threshold) {
    isb_xoshiro generator;
    isb_xoshiro_key(&generator, isb_stream_key(0, ISB_PURPOSE_SIGN_FLIP, s->count, 0, 0, 0));
    uint32_t hits = 0;
    for (int block = 0; block < DRAWS / LANES; block++)
        hits += draw_block(s, threshold, &generator);
    return (hits + 1.0) / (DRAWS + 1.0);
}

double isb_sign_flip(const double *differences, size_t count) {
    const scale s = {differences, count, largest_of(differences, count), (int64_t)count};
    if (isnan(s.largest))
        return NAN;
    if (s.largest == 0)
        return 1;
    const int64_t threshold = threshold_of(&s);
    return count <= MOST_EXACT ? enumerate(&s, threshold) : sample(&s, threshold);
}

double isb_smallest_p(size_t pairs, size_t comparisons) {
    if (comparisons == 0)
        return NAN;
    double smallest = pairs <= MOST_EXACT ? 2 : 1 / (DRAWS + 1.0);
    for (size_t i = 0; i < pairs && pairs <= MOST_EXACT; i++)
        smallest /= 2;
    smallest *= (double)comparisons;
    return smallest < 1 ? smallest : 1;
}
