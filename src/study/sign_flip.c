#include "random/stream.h"
#include "study/statistics.h"
#include <math.h>

enum {
    MOST_EXACT = 20,
    DRAWS = 1 << 20,
    LANES = 512,     /* draws at a time: the bits of one iteration of the generator */
    GROUP = 8,       /* differences whose signs are looked up together */
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

/* The bits of an 8 x 8 matrix, a row a byte, across its diagonal (Warren, Hacker's Delight, 7-3).
 */
static uint64_t transpose(uint64_t bits) {
    uint64_t swap = (bits ^ bits >> 7) & 0x00aa00aa00aa00aa;
    bits ^= swap ^ swap << 7;
    swap = (bits ^ bits >> 14) & 0x0000cccc0000cccc;
    bits ^= swap ^ swap << 14;
    swap = (bits ^ bits >> 28) & 0x00000000f0f0f0f0;
    return bits ^ swap ^ swap << 28;
}

/* What every choice of signs of eight differences adds up to; a bit that is set takes one off. */
static void add_up_group(const scale *s, size_t first, size_t count, int64_t sums[256]) {
    int64_t twice[GROUP] = {0};
    sums[0] = 0;
    for (size_t i = 0; i < count; i++) {
        sums[0] += scaled(s, first + i);
        twice[i] = 2 * scaled(s, first + i);
    }
    for (unsigned signs = 1; signs < 256; signs++)
        sums[signs] = sums[signs & (signs - 1)] - twice[__builtin_ctz(signs)];
}

/* Adds the differences first .. first + count - 1 to all draws, at most a group of them. */
static void draw_group(const scale *s, size_t first, size_t count, isb_xoshiro *generator,
                       int64_t sums[LANES]) {
    uint32_t signs[GROUP][LANES / 32] = {0};
    int64_t of_signs[256];
    add_up_group(s, first, count, of_signs);
    for (size_t i = 0; i < count; i++)
        isb_xoshiro_next(generator, signs[i]);
    for (size_t lane = 0; lane < LANES; lane += GROUP) {
        uint64_t bits = 0;
        for (size_t i = 0; i < GROUP; i++)
            bits |= (uint64_t)(signs[i][lane / 32] >> lane % 32 & 255) << (8 * i);
        bits = transpose(bits);
        for (size_t i = 0; i < GROUP; i++)
            sums[lane + i] += of_signs[bits >> (8 * i) & 255];
    }
}

/* Iteration LANES-block b * count + i of the stream decides on difference i in 512 draws. */
static uint32_t draw_block(const scale *s, int64_t threshold, isb_xoshiro *generator) {
    int64_t sums[LANES] = {0};
    for (size_t i = 0; i < s->count; i += GROUP)
        draw_group(s, i, s->count - i < GROUP ? s->count - i : GROUP, generator, sums);
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
