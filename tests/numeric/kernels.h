/* What the kernel tests share: every available instruction set, and memory that shows a stray
 * write. */
#ifndef ISB_TESTS_KERNELS_H
#define ISB_TESTS_KERNELS_H

#include "check.h"
#include "fixture.h"
#include "simd/dispatch.h"
#include <stdlib.h>
#include <string.h>

#define FOR_EACH_ISA(isa)                                                                          \
    for (isb_isa isa = (isb_isa)0; isa < ISB_ISA_COUNT; isa = (isb_isa)(isa + 1))                  \
        if (isb_isa_available(isa))

/* `count` floats between two zones of a known pattern. */
typedef struct guarded {
    float *data;
    size_t count;
    float *memory;
} guarded;

enum { GUARD = 64 };
static const uint32_t guard_pattern = 0x7fa5a5a5; /* a NaN that no arithmetic makes */

static inline guarded guarded_make(size_t count) {
    guarded g = {.count = count};
    const size_t padded = (count + 15) / 16 * 16;
    g.memory = aligned_alloc(64, (padded + 2 * GUARD) * sizeof *g.memory);
    for (size_t i = 0; i < padded + 2 * GUARD; i++)
        memcpy(g.memory + i, &guard_pattern, sizeof guard_pattern);
    g.data = g.memory + GUARD;
    return g;
}

static inline bool guarded_untouched(const float *value) {
    return memcmp(value, &guard_pattern, sizeof guard_pattern) == 0;
}

static inline void guarded_check(const guarded *g) {
    for (size_t i = 0; i < GUARD; i++) {
        CHECKF(guarded_untouched(g->memory + i), "wrote %zu floats before", GUARD - i);
        CHECKF(guarded_untouched(g->data + g->count + i), "wrote %zu floats beyond", i);
    }
}

static inline void guarded_free(guarded *g) { free(g->memory); }

static inline void fill_uniform(float *values, size_t count, uint64_t seed) {
    for (size_t i = 0; i < count; i++)
        values[i] = fixture_uniform(&seed);
}

static inline bool same_bits(float a, float b) { return memcmp(&a, &b, sizeof a) == 0; }

#endif
