#include "data/row_set.h"
#include <stdlib.h>

enum { FIRST_SLOTS = 1024, TAG_FROM = 27, SET_FROM = 59 }; /* bits of a hash */

isb_status isb_row_set_check(size_t rows, isb_error *error) {
    if (rows < UINT32_MAX)
        return ISB_OK;
    return isb_fail(error, ISB_DATA,
                    "%zu rows are too many to be compared with each other; take some away", rows);
}

static uint32_t tag_of(uint64_t hash) { return (uint32_t)(hash >> TAG_FROM); }

unsigned isb_row_set_of(uint64_t hash) { return hash >> SET_FROM & (ISB_ROW_SETS - 1); }

bool isb_row_set_has(const isb_row_set *set, uint64_t hash, size_t row, isb_rows_equal *equal,
                     const void *rows) {
    const uint32_t tag = tag_of(hash);
    if (set->capacity == 0)
        return false;
    for (size_t at = tag & (set->capacity - 1); set->slots[at].next != 0;
         at = (at + 1) & (set->capacity - 1))
        if (set->slots[at].tag == tag && equal(rows, set->slots[at].next - 1, row))
            return true;
    return false;
}

static void put(isb_row_slot *slots, size_t capacity, isb_row_slot slot) {
    size_t at = slot.tag & (capacity - 1);
    while (slots[at].next != 0)
        at = (at + 1) & (capacity - 1);
    slots[at] = slot;
}

static bool grow(isb_row_set *set) {
    const size_t capacity = set->capacity == 0 ? FIRST_SLOTS : 2 * set->capacity;
    isb_row_slot *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i].next != 0)
            put(slots, capacity, set->slots[i]);
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return true;
}

bool isb_row_set_add(isb_row_set *set, uint64_t hash, size_t row) {
    if (4 * set->count >= 3 * set->capacity && !grow(set))
        return false;
    put(set->slots, set->capacity, (isb_row_slot){tag_of(hash), (uint32_t)row + 1});
    set->count++;
    return true;
}

void isb_row_set_free(isb_row_set *set) {
    free(set->slots);
    *set = (isb_row_set){0};
}
