#include "data/repeats.h"
#include <stdlib.h>
#include <string.h>

typedef struct row {
    uint64_t hash;
    const char *bytes;
} row;

/* The seed is an address, which no file can know. */
static uint64_t hash_of(const char *bytes, size_t length, const void *seed) {
    const uint64_t odd = 0x9e3779b97f4a7c15;
    uint64_t hash = (uint64_t)(uintptr_t)seed * odd, eight;
    for (; length >= sizeof eight; length -= sizeof eight, bytes += sizeof eight) {
        memcpy(&eight, bytes, sizeof eight);
        hash = (hash ^ eight) * odd;
        hash ^= hash >> 29;
    }
    eight = 0;
    memcpy(&eight, bytes, length);
    hash = (hash ^ eight) * odd;
    return hash ^ hash >> 32;
}

static int compare(const void *a, const void *b) {
    const uint64_t left = ((const row *)a)->hash, right = ((const row *)b)->hash;
    return left < right ? -1 : left > right;
}

static bool stands_in(const row *rows, size_t count, row wanted, size_t length) {
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows[middle].hash < wanted.hash)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < count && rows[low].hash == wanted.hash &&
           memcmp(rows[low].bytes, wanted.bytes, length) != 0)
        low++;
    return low < count && rows[low].hash == wanted.hash;
}

isb_status isb_repeats_count(const isb_table *train, const isb_table *test, size_t features,
                             size_t *count, isb_error *error) {
    *count = 0;
    row *rows = malloc((train->rows + 1) * sizeof *rows);
    if (rows == NULL)
        return isb_fail_memory(error, "the rows of the data");
    const size_t length = features * (train->dtype == ISB_F32 ? sizeof(float) : 1);
    for (size_t i = 0; i < train->rows; i++) {
        const char *bytes = (const char *)train->features + i * length;
        rows[i] = (row){hash_of(bytes, length, rows), bytes};
    }
    qsort(rows, train->rows, sizeof *rows, compare);
    for (size_t i = 0; i < test->rows; i++) {
        const char *bytes = (const char *)test->features + i * length;
        *count += stands_in(rows, train->rows, (row){hash_of(bytes, length, rows), bytes}, length);
    }
    free(rows);
    return ISB_OK;
}
