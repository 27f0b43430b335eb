#include "base/hash.h"
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "seven bytes are read as one integer");

__extension__ typedef unsigned __int128 wide;

static const uint64_t PRIME = (UINT64_C(1) << 61) - 1;

enum { AT_ONCE = 7 }; /* bytes: a coefficient is below the prime */

/* Modulo the prime, but for some units above it; of a below 2^62 and b below 2^61. */
static uint64_t multiply(uint64_t a, uint64_t b) {
    const wide product = (wide)a * b;
    const uint64_t sum = (uint64_t)(product & PRIME) + (uint64_t)(product >> 61);
    return (sum & PRIME) + (sum >> 61);
}

/* splitmix64's last steps: addresses differ in few bits. */
uint64_t isb_hash_key(uintptr_t address) {
    uint64_t key = (uint64_t)address + UINT64_C(0x9e3779b97f4a7c15);
    key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
    return (key ^ key >> 31) % PRIME;
}

uint64_t isb_hash(const void *bytes, size_t length, uint64_t key) {
    const unsigned char *at = bytes;
    uint64_t hash = length % PRIME, some;
    for (; length > AT_ONCE; length -= AT_ONCE, at += AT_ONCE) {
        memcpy(&some, at, sizeof some);
        hash = multiply(hash + (some & (UINT64_MAX >> 8)), key);
    }
    some = 0;
    if (length > 0)
        memcpy(&some, at, length);
    return multiply(hash + some, key);
}
