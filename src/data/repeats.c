#include "data/repeats.h"
#include "base/hash.h"
#include "data/row_set.h"
#include <string.h>

/* Rows of two tables, `length` bytes each. */
typedef struct pair {
    const char *train, *test;
    size_t length;
} pair;

static bool are_equal(const void *context, size_t a, size_t b) {
    const pair *p = context;
    return memcmp(p->train + a * p->length, p->test + b * p->length, p->length) == 0;
}

static bool are_equal_of_train(const void *context, size_t a, size_t b) {
    const pair *p = context;
    return memcmp(p->train + a * p->length, p->train + b * p->length, p->length) == 0;
}

/* Those rows of test that train has, too, as far as they are of this set. */
static isb_status count_of_set(unsigned number, const pair *p, const isb_table *train,
                               const isb_table *test, size_t *count, isb_error *error) {
    isb_row_set set = {0};
    const uint64_t key = isb_hash_key((uintptr_t)p->train);
    isb_status status = ISB_OK;
    for (size_t i = 0; i < train->rows && status == ISB_OK; i++) {
        const uint64_t hash = isb_hash(p->train + i * p->length, p->length, key);
        if (isb_row_set_of(hash) == number &&
            !isb_row_set_has(&set, hash, i, are_equal_of_train, p) &&
            !isb_row_set_add(&set, hash, i))
            status = isb_fail_memory(error, "the rows of the data");
    }
    for (size_t i = 0; i < test->rows && status == ISB_OK; i++) {
        const uint64_t hash = isb_hash(p->test + i * p->length, p->length, key);
        if (isb_row_set_of(hash) == number)
            *count += isb_row_set_has(&set, hash, i, are_equal, p);
    }
    isb_row_set_free(&set);
    return status;
}

isb_status isb_repeats_count(const isb_table *train, const isb_table *test, size_t features,
                             size_t *count, isb_error *error) {
    const pair p = {train->features, test->features,
                    features * (train->dtype == ISB_F32 ? sizeof(float) : 1)};
    isb_status status = isb_row_set_check(train->rows, error);
    *count = 0;
    for (unsigned set = 0; set < ISB_ROW_SETS && status == ISB_OK; set++)
        status = count_of_set(set, &p, train, test, count, error);
    return status;
}
