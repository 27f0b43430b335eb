/* Cuts n rows in tiles of at most `most`, as even as can be: 32 by 6 is 6 6 5 5 5 5, not 6 6 6 6
 * 6 2. */
#ifndef ISB_SIMD_BODY_TILES_H
#define ISB_SIMD_BODY_TILES_H

#include <stddef.h>

static inline size_t tile_count(size_t n, size_t most) { return (n + most - 1) / most; }

/* Where tile t of `tiles` begins; n for t == tiles. */
static inline size_t tile_begin(size_t n, size_t tiles, size_t t) {
    const size_t each = n / tiles, larger_ones = n % tiles;
    return t * each + (t < larger_ones ? t : larger_ones);
}

#endif
