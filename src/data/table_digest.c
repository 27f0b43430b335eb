#include "data/table_file.h"
#include "io/sha256.h"
#include <math.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "integers are hashed as they lie in memory");

static void add_u64(isb_sha256 *hash, uint64_t value) {
    isb_sha256_add(hash, &value, sizeof value);
}

static void add_text(isb_sha256 *hash, const char *text) {
    add_u64(hash, strlen(text));
    isb_sha256_add(hash, text, strlen(text));
}

/* Every NaN is the same one. */
static void add_numbers(isb_sha256 *hash, const float *numbers, size_t count) {
    enum { AT_ONCE = 1024 };
    uint32_t bits[AT_ONCE];
    for (size_t first = 0; first < count; first += AT_ONCE) {
        const size_t some = count - first < AT_ONCE ? count - first : AT_ONCE;
        memcpy(bits, numbers + first, some * sizeof *bits);
        for (size_t i = 0; i < some; i++)
            if (isnan(numbers[first + i]))
                bits[i] = 0x7fc00000u;
        isb_sha256_add(hash, bits, some * sizeof *bits);
    }
}

static void add_column(isb_sha256 *hash, const isb_column *column, size_t rows) {
    const uint32_t type = column->kind == ISB_COLUMN_TEXT ? 1 : 0;
    add_text(hash, column->name);
    isb_sha256_add(hash, &type, sizeof type);
    if (type == 0) {
        add_numbers(hash, column->numbers, rows);
        return;
    }
    add_u64(hash, column->text_count);
    for (size_t i = 0; i < column->text_count; i++)
        add_text(hash, column->texts[i]);
    isb_sha256_add(hash, column->codes, rows * sizeof *column->codes);
}

isb_status isb_frame_digest(const isb_frame *frame, char sha256[65], isb_error *error) {
    isb_sha256 hash;
    isb_sha256_open(&hash);
    isb_sha256_add(&hash, "isobit table 1", 14);
    add_u64(&hash, frame->rows);
    add_u64(&hash, frame->column_count);
    for (size_t i = 0; i < frame->column_count; i++)
        add_column(&hash, &frame->columns[i], frame->rows);
    return isb_sha256_close(&hash, sha256, error);
}
