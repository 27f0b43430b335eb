#include "base/hash.h"
#include "data/repeats.h"
#include "data/row_set.h"
#include <string.h>

enum { AT_ONCE = 1024 }; /* rows that are hashed column by column */

/* A number or the code of a text; 0 and -0 are the same number. */
static uint32_t bits_of(const isb_column *column, size_t at) {
    uint32_t bits;
    if (column->kind == ISB_COLUMN_TEXT)
        return column->codes[at];
    const float value = column->numbers[at] + 0.0f;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The key is one that no file can know. */
static void hash_rows(uint64_t *hashes, const isb_frame *frame, size_t first, size_t count,
                      uint64_t key) {
    for (size_t i = 0; i < count; i++)
        hashes[i] = key;
    for (size_t k = 0; k < frame->column_count; k++) {
        const isb_column *column = &frame->columns[k];
        for (size_t i = 0; i < count; i++) {
            const uint64_t hash = (hashes[i] ^ bits_of(column, first + i)) * 0x9e3779b97f4a7c15;
            hashes[i] = hash ^ hash >> 29;
        }
    }
}

static bool are_equal(const void *context, size_t a, size_t b) {
    const isb_frame *frame = context;
    for (size_t i = 0; i < frame->column_count; i++)
        if (bits_of(&frame->columns[i], a) != bits_of(&frame->columns[i], b))
            return false;
    return true;
}

/* Counts the rows of this set that an earlier one is equal to. */
static bool count_of_set(unsigned number, const isb_frame *frame, size_t *count) {
    isb_row_set set = {0};
    const uint64_t key = isb_hash_key((uintptr_t)frame->columns);
    bool room = true;
    for (size_t first = 0; first < frame->rows && room; first += AT_ONCE) {
        uint64_t hashes[AT_ONCE];
        const size_t some = frame->rows - first < AT_ONCE ? frame->rows - first : AT_ONCE;
        hash_rows(hashes, frame, first, some, key);
        for (size_t i = 0; i < some && room; i++) {
            if (isb_row_set_of(hashes[i]) != number)
                continue;
            const bool found = isb_row_set_has(&set, hashes[i], first + i, are_equal, frame);
            *count += found;
            room = found || isb_row_set_add(&set, hashes[i], first + i);
        }
    }
    isb_row_set_free(&set);
    return room;
}

isb_status isb_frame_count_repeats(const isb_frame *frame, size_t *count, isb_error *error) {
    isb_status status = isb_row_set_check(frame->rows, error);
    *count = 0;
    for (unsigned set = 0; set < ISB_ROW_SETS && status == ISB_OK; set++)
        if (!count_of_set(set, frame, count))
            status = isb_fail_memory(error, "the rows of a table");
    return status;
}
