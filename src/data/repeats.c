#include "data/repeats.h"
#include "base/hash.h"
#include <stdlib.h>
#include <string.h>

typedef struct row {
    uint64_t hash;
    const char *bytes;
} row;

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
    const uint64_t key = isb_hash_key((uintptr_t)rows);
    const size_t length = features * (train->dtype == ISB_F32 ? sizeof(float) : 1);
    for (size_t i = 0; i < train->rows; i++) {
        const char *bytes = (const char *)train->features + i * length;
        rows[i] = (row){isb_hash(bytes, length, key), bytes};
    }
    qsort(rows, train->rows, sizeof *rows, compare);
    for (size_t i = 0; i < test->rows; i++) {
        const char *bytes = (const char *)test->features + i * length;
        *count += stands_in(rows, train->rows, (row){isb_hash(bytes, length, key), bytes}, length);
    }
    free(rows);
    return ISB_OK;
}
