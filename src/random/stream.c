#include "random/stream.h"

void isb_stream_open(isb_stream *stream, uint64_t seed, isb_purpose purpose, uint64_t a,
                     uint64_t b, uint64_t c, uint64_t d) {
    isb_xoshiro_key(&stream->generator, isb_stream_key(seed, (uint64_t)purpose, a, b, c, d));
    stream->used = 16;
}

uint32_t isb_stream_next(isb_stream *stream) {
    if (stream->used == 16) {
        isb_xoshiro_next(&stream->generator, stream->buffer);
        stream->used = 0;
    }
    return stream->buffer[stream->used++];
}

uint32_t isb_stream_below(isb_stream *stream, uint32_t bound) {
    uint64_t product = (uint64_t)isb_stream_next(stream) * bound;
    if ((uint32_t)product < bound) {
        uint32_t threshold = -bound % bound; /* 2^32 mod bound */
        while ((uint32_t)product < threshold)
            product = (uint64_t)isb_stream_next(stream) * bound;
    }
    return (uint32_t)(product >> 32);
}

void isb_stream_shuffle(isb_stream *stream, uint32_t *items, uint32_t n) {
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = isb_stream_below(stream, i);
        uint32_t moved = items[i - 1];
        items[i - 1] = items[j];
        items[j] = moved;
    }
}
