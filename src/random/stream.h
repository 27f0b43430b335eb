/* Streams of random integers, addressed by (seed, purpose, four words): docs/numerics.md, rule 8. */
#ifndef ISB_RANDOM_STREAM_H
#define ISB_RANDOM_STREAM_H

#include "random/xoshiro.h"
#include <stdint.h>

/* Never renumber: a purpose is part of the key of its streams. */
typedef enum isb_purpose {
    ISB_PURPOSE_INITIAL_WEIGHTS = 1, /* ordinal of the dense layer, 0 kernel / 1 bias */
    ISB_PURPOSE_SHUFFLE = 2,         /* epoch from 1 */
    ISB_PURPOSE_VALIDATION = 3,      /* class */
    ISB_PURPOSE_DROPOUT = 4,         /* step from 1, site, 64-row leaf, 16-unit strip */
    ISB_PURPOSE_DIGITS = 5,          /* part (0 train, 1 test), row */
    ISB_PURPOSE_SIGN_FLIP = 6,       /* number of differences */
    ISB_PURPOSE_TEST = 7,            /* class */
} isb_purpose;

/* Draw n of a stream is lane n % 16 of iteration n / 16 of the keyed generator. */
typedef struct isb_stream {
    isb_xoshiro generator;
    uint32_t buffer[16];
    unsigned used; /* of the buffer */
} isb_stream;

void isb_stream_open(isb_stream *stream, uint64_t seed, isb_purpose purpose, uint64_t a,
                     uint64_t b, uint64_t c, uint64_t d);

/* The next 32 random bits. */
uint32_t isb_stream_next(isb_stream *stream);

/* Uniform in [0, bound), bound > 0, without bias (Lemire, "Fast Random Integer Generation in an
 * Interval", 2019). */
uint32_t isb_stream_below(isb_stream *stream, uint32_t bound);

/* Fisher-Yates from the identity: permutes items[0..n). */
void isb_stream_shuffle(isb_stream *stream, uint32_t *items, uint32_t n);

#endif
