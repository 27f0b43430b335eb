/* splitmix64 and sixteen interleaved lanes of xoshiro128++ (Blackman and Vigna,
 * "Scrambled Linear Pseudorandom Number Generators", 2021). */
#ifndef ISB_RANDOM_XOSHIRO_H
#define ISB_RANDOM_XOSHIRO_H

#include <stdint.h>

/* state[w][j]: word w of lane j. */
typedef struct isb_xoshiro {
    uint32_t state[4][16];
} isb_xoshiro;

/* The first output of splitmix64 started at `x`. */
static inline uint64_t isb_splitmix64(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* The key of a stream: a chain of splitmix64 over the seed and five words. */
static inline uint64_t isb_stream_key(uint64_t seed, uint64_t purpose, uint64_t a, uint64_t b,
                                      uint64_t c, uint64_t d) {
    uint64_t key = isb_splitmix64(seed);
    key = isb_splitmix64(key ^ purpose);
    key = isb_splitmix64(key ^ a);
    key = isb_splitmix64(key ^ b);
    key = isb_splitmix64(key ^ c);
    return isb_splitmix64(key ^ d);
}

/* Lane j starts from outputs j (words 0 and 1, low half first) and 16 + j (words 2 and 3) of
 * splitmix64 started at `key`. No lane is all zero: splitmix64 gives each output once. */
static inline void isb_xoshiro_key(isb_xoshiro *generator, uint64_t key) {
    for (uint64_t j = 0; j < 16; j++) {
        uint64_t low = isb_splitmix64(key + j * 0x9e3779b97f4a7c15u);
        uint64_t high = isb_splitmix64(key + (j + 16) * 0x9e3779b97f4a7c15u);
        generator->state[0][j] = (uint32_t)low;
        generator->state[1][j] = (uint32_t)(low >> 32);
        generator->state[2][j] = (uint32_t)high;
        generator->state[3][j] = (uint32_t)(high >> 32);
    }
}

/* One iteration: draws[j] is that of lane j. */
static inline void isb_xoshiro_next(isb_xoshiro *generator, uint32_t draws[16]) {
    uint32_t(*s)[16] = generator->state;
    for (int j = 0; j < 16; j++) {
        uint32_t sum = s[0][j] + s[3][j];
        draws[j] = ((sum << 7) | (sum >> 25)) + s[0][j];
        uint32_t t = s[1][j] << 9;
        s[2][j] ^= s[0][j];
        s[3][j] ^= s[1][j];
        s[1][j] ^= s[2][j];
        s[0][j] ^= s[3][j];
        s[2][j] ^= t;
        s[3][j] = (s[3][j] << 11) | (s[3][j] >> 21);
    }
}

#endif
