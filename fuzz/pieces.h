/* An input made of several texts, each ended by a NUL but for the last. */
#ifndef ISB_FUZZ_PIECES_H
#define ISB_FUZZ_PIECES_H

#include "fuzz.h"
#include <string.h>

typedef struct pieces {
    char *copy, *at, *end;
} pieces;

/* Released by free(pieces.copy). */
static inline pieces pieces_of(const uint8_t *data, size_t size) {
    pieces p = {.copy = malloc(size + 1)};
    REQUIRE(p.copy != NULL);
    if (size > 0)
        memcpy(p.copy, data, size);
    p.copy[size] = '\0';
    p.at = p.copy;
    p.end = p.copy + size;
    return p;
}

/* The next text; empty behind the last. */
static inline char *pieces_next(pieces *p) {
    char *text = p->at;
    p->at += strlen(text);
    p->at += p->at < p->end;
    return text;
}

/* All that is left, NULs among it. */
static inline char *pieces_rest(pieces *p, size_t *length) {
    char *text = p->at;
    *length = (size_t)(p->end - text);
    p->at = p->end;
    return text;
}

#endif
