/* Hashes for tables in memory, of bytes that a hostile file chooses. */
#ifndef ISB_BASE_HASH_H
#define ISB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* A key from the address of something in memory, which no file can know. */
uint64_t isb_hash_key(uintptr_t address);

/* The polynomial, modulo 2^61 - 1, that length and bytes are the coefficients of, at the point
 * `key`: two byte strings of at most n bytes collide for no more than n / 7 + 2 of all points,
 * whoever chose them. */
uint64_t isb_hash(const void *bytes, size_t length, uint64_t key);

#endif
