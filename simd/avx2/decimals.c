/* Four numbers at a time, each in a lane of sixteen bytes. Their digits are put so that the point
 * stands between the first eight and the last eight: what they make is an integer, 10^8 times the
 * number. */
#include "simd/decimals.h"
#include <immintrin.h>
#include <stdbool.h>

enum {
    LANE = 16,  /* bytes: a number with its sign and its point */
    CHUNK = 64, /* bytes that are searched at once */
    GROUP = 4,
};

_Static_assert((int)ISB_DECIMALS_LEAST == GROUP, "fewer numbers make no group");

#define TWICE(...)                                                                                 \
    { __VA_ARGS__, __VA_ARGS__ }
#define BYTES(x) TWICE(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x)

typedef struct constants {
    _Alignas(32) uint8_t minus[32], point[32], zero[32];
    uint8_t most_digit[32], most_place[32];
    uint8_t negative[32]; /* marks a minus */
    uint8_t behind[32];   /* marks a point: the bytes from it to the lane's end */
    uint8_t back[32];     /* that part of the marks */
    uint8_t from[32];     /* which byte goes where, with a point behind the end */
    uint8_t beyond[32];   /* lifts 16 and more to what vpshufb makes 0 of */
    uint8_t place[32];    /* with a point behind the end, 7 places before which is 0 */
    uint8_t last[32];
    uint8_t tens[32];
    int16_t hundreds[16], ten_thousands[16];
} constants;

static const constants known = {
    .minus = BYTES('-'),
    .point = BYTES('.'),
    .zero = BYTES('0'),
    .most_digit = BYTES(9),
    .most_place = BYTES(15),
    .negative = BYTES(128),
    .behind = TWICE(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1),
    .back = BYTES(31),
    .from = TWICE(8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24),
    .beyond = BYTES(0x70),
    .place = TWICE(247, 248, 249, 250, 251, 252, 253, 254, 255, 0, 1, 2, 3, 4, 5, 6),
    .last = TWICE(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255),
    .tens = TWICE(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1),
    .hundreds = TWICE(100, 1, 100, 1, 100, 1, 100, 1),
    .ten_thousands = TWICE(10000, 1, 10000, 1, 10000, 1, 10000, 1),
};

/* Two numbers. */
typedef struct pair {
    __m256i fours; /* the integers, four digits in 32 bits */
    __m256i marks; /* their sums, in every byte */
    __m256i odd;   /* other than 0 in the lane of what is no short decimal */
} pair;

static inline __m256i load(const void *aligned) { return _mm256_load_si256(aligned); }

static inline __m256i gather(const void *low, const void *high) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)),
                                   _mm_loadu_si128(high), 1);
}

/* The sum of a lane's bytes, at most 255, in each of them. */
static inline __m256i sum_lanes(__m256i x) {
    const __m256i halves = _mm256_sad_epu8(x, _mm256_setzero_si256());
    const __m256i sums = _mm256_add_epi64(halves, _mm256_shuffle_epi32(halves, 0x4e));
    return _mm256_shuffle_epi8(sums, _mm256_setzero_si256());
}

/* Numbers that end with their lanes; `kept` covers their characters, at least one of each. */
static inline pair take_apart(__m256i text, __m256i kept, const constants *k) {
    const __m256i first = _mm256_andnot_si256(_mm256_bslli_epi128(kept, 1), kept);
    const __m256i minus = _mm256_and_si256(_mm256_cmpeq_epi8(text, load(k->minus)), first);
    const __m256i point = _mm256_and_si256(_mm256_cmpeq_epi8(text, load(k->point)), kept);
    const __m256i marks = _mm256_or_si256(_mm256_and_si256(point, load(k->behind)),
                                          _mm256_and_si256(minus, load(k->negative)));
    const __m256i sums = sum_lanes(marks);
    /* How far the point stands in front of the lane's end; 0: there is none. Anything, where there
     * are several: one of them is left among the digits. */
    const __m256i back = _mm256_and_si256(sums, load(k->back));
    const __m256i size = _mm256_andnot_si256(minus, kept);
    const __m256i digits = _mm256_and_si256(_mm256_xor_si256(text, load(k->zero)), size);
    const __m256i from = _mm256_sub_epi8(load(k->from), back);
    const __m256i aligned = _mm256_shuffle_epi8(digits, _mm256_adds_epu8(from, load(k->beyond)));
    const __m256i place = _mm256_add_epi8(load(k->place), back);
    const __m256i lost = _mm256_and_si256(_mm256_subs_epu8(place, load(k->most_place)), size);
    const __m256i others = _mm256_subs_epu8(aligned, load(k->most_digit));
    const __m256i bare = _mm256_and_si256(marks, load(k->last)); /* no digit at the end */
    const __m256i pairs = _mm256_maddubs_epi16(aligned, load(k->tens));
    return (pair){_mm256_madd_epi16(pairs, load(k->hundreds)), sums,
                  _mm256_or_si256(_mm256_or_si256(lost, others), bare)};
}

/* Numbers 0 and 2, and 1 and 3. Whether all are short decimals. */
static inline bool convert(float *out, const pair *even, const pair *odd, const constants *k) {
    const __m256i fours = _mm256_packus_epi32(even->fours, odd->fours);
    const __m256i eights = _mm256_madd_epi16(fours, load(k->ten_thousands));
    const __m256i high = _mm256_mul_epu32(eights, _mm256_set1_epi64x(100000000));
    const __m256i whole = _mm256_add_epi64(high, _mm256_srli_epi64(eights, 32));
    /* Below 2^52 it becomes a double by standing in the last bits of one. */
    const __m256d first = _mm256_set1_pd(0x1p52);
    const __m256d exact = _mm256_sub_pd(_mm256_or_pd(_mm256_castsi256_pd(whole), first), first);
    /* The double next to 1e-8 is so close (2^-55 of it) that what is half way between two floats
     * comes out exactly; what is not is further from it than the product is off. */
    const __m256d near = _mm256_mul_pd(exact, _mm256_set1_pd(1e-8));
    const __m256d signs = _mm256_and_pd(
        _mm256_castsi256_pd(_mm256_unpacklo_epi64(even->marks, odd->marks)), _mm256_set1_pd(-0.0));
    _mm_storeu_ps(out, _mm256_cvtpd_ps(_mm256_or_pd(near, signs)));
    const __m256i others = _mm256_or_si256(even->odd, odd->odd);
    return _mm256_testz_si256(others, others) != 0;
}

/* Four numbers in a row, of which the first one begins at `begin`. */
static inline bool read_group(float *out, const char *begin, const char *const *ends,
                              const constants *k) {
    static const uint8_t window[2 * LANE] = {[LANE] = 255, 255, 255, 255, 255, 255, 255, 255,
                                             255,          255, 255, 255, 255, 255, 255, 255};
    size_t lengths[GROUP], longest = 0;
    for (int i = 0; i < GROUP; i++) {
        lengths[i] = (size_t)(ends[i] - begin);
        longest |= lengths[i] - 1;
        begin = ends[i] + 1;
    }
    if (longest >= LANE) /* or one is empty */
        return false;
    const pair even = take_apart(gather(ends[0] - LANE, ends[2] - LANE),
                                 gather(window + lengths[0], window + lengths[2]), k);
    const pair odd = take_apart(gather(ends[1] - LANE, ends[3] - LANE),
                                gather(window + lengths[1], window + lengths[3]), k);
    return convert(out, &even, &odd, k);
}

/* Bit i: text[i] is the same as all of c. */
static inline uint64_t find_bytes(const char *text, __m256i c) {
    const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)text);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(text + 32));
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, c)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, c)) << 32;
}

/* Where fields end: the first `count` or fewer, none beyond the line feed; behind fields that are
 * too long they may be missed. */
static size_t find_ends(const char **ends, size_t count, const char *text, char separator) {
    const char *const begin = text;
    const __m256i separators = _mm256_set1_epi8(separator), line_feeds = _mm256_set1_epi8('\n');
    size_t found = 0;
    uint64_t lines = 0;
    for (; found < count && lines == 0 && (size_t)(text - begin) < count * (LANE + 1);
         text += CHUNK) {
        lines = find_bytes(text, line_feeds);
        uint64_t marks = find_bytes(text, separators) | lines;
        marks &= lines ^ (lines - 1); /* without a line feed all of them */
        for (; marks != 0; marks &= marks - 1)
            ends[found++] = text + __builtin_ctzll(marks);
    }
    return found < count ? found : count;
}

size_t isb_decimals_avx2(float *out, size_t count, const char **text, char separator, char last) {
    const char *ends[ISB_DECIMALS_MOST + CHUNK];
    const constants *k = &known;
    __asm__("" : "+r"(k)); /* else compilers build constants anew for each group */
    size_t found = find_ends(ends, count, *text, separator), done = 0;
    if (found > 0 && *ends[found - 1] != (found == count ? last : separator))
        found--; /* the record has fewer fields, or more */
    while (done < found && found >= GROUP) {
        /* the last group may overlap the one before */
        const size_t i = found - done >= GROUP ? done : found - GROUP;
        if (!read_group(out + i, i > 0 ? ends[i - 1] + 1 : *text, ends + i, k))
            break;
        done = i + GROUP;
    }
    if (done > 0)
        *text = ends[done - 1] + 1;
    return done;
}
