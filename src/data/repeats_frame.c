#include "data/repeats.h"
#include <stdlib.h>
#include <string.h>

/* A row by its hash, whose seed is an address, which no file can know. */
typedef struct row {
    uint64_t hash;
    size_t number;
} row;

/* A number or the code of a text; 0 and -0 are the same number. */
static uint32_t bits_of(const isb_column *column, size_t at) {
    uint32_t bits;
    if (column->kind == ISB_COLUMN_TEXT)
        return column->codes[at];
    const float value = column->numbers[at] + 0.0f;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void add_column(row *rows, const isb_column *column, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint64_t hash = (rows[i].hash ^ bits_of(column, i)) * 0x9e3779b97f4a7c15;
        rows[i].hash = hash ^ hash >> 29;
    }
}

static int compare(const void *a, const void *b) {
    const row *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

static bool are_equal(const isb_frame *frame, size_t a, size_t b) {
    for (size_t i = 0; i < frame->column_count; i++)
        if (bits_of(&frame->columns[i], a) != bits_of(&frame->columns[i], b))
            return false;
    return true;
}

/* Whether an earlier row of the same hash is equal. */
static bool is_repeat(const isb_frame *frame, const row *rows, size_t i) {
    for (size_t k = i; k > 0 && rows[k - 1].hash == rows[i].hash; k--)
        if (are_equal(frame, rows[k - 1].number, rows[i].number))
            return true;
    return false;
}

isb_status isb_frame_count_repeats(const isb_frame *frame, size_t *count, isb_error *error) {
    *count = 0;
    row *rows = malloc((frame->rows + 1) * sizeof *rows);
    if (rows == NULL)
        return isb_fail_memory(error, "the rows of a table");
    for (size_t i = 0; i < frame->rows; i++)
        rows[i] = (row){(uint64_t)(uintptr_t)rows, i};
    for (size_t i = 0; i < frame->column_count; i++)
        add_column(rows, &frame->columns[i], frame->rows);
    qsort(rows, frame->rows, sizeof *rows, compare);
    for (size_t i = 0; i < frame->rows; i++)
        *count += is_repeat(frame, rows, i);
    free(rows);
    return ISB_OK;
}
