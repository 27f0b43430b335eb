/* Tables of text, gzipped or not; by one thread and by three, with the same result. */
#include "data/csv.h"
#include "memory_file.h"
#include <string.h>

/* Without a header also with spaces between the columns, and decimal commas. */
static isb_status read_table(isb_frame *frame, const char *path, size_t threads, int header) {
    static const char *const missing[] = {"?", "-1"};
    const isb_frame_options options = {.header = header,
                                       .missing = missing,
                                       .missing_count = 2,
                                       .threads = threads,
                                       .separator = header == 0 ? ' ' : '\0',
                                       .decimal_comma = header == 0};
    isb_error error = ISB_ERROR_INIT;
    const isb_status status = isb_csv_read(frame, path, &options, &error);
    REQUIRE(status == ISB_OK ? error.count == 0 : status == ISB_DATA && error.status == status);
    REQUIRE(status == ISB_OK || (frame->columns == NULL && frame->rows == 0));
    isb_error_clear(&error);
    return status;
}

static void check_column(const isb_frame *frame, const isb_column *column) {
    size_t missing = 0;
    for (size_t row = 0; row < frame->rows; row++) {
        if (column->kind == ISB_COLUMN_NUMBER) {
            missing += column->numbers[row] != column->numbers[row];
        } else {
            missing += column->codes[row] == ISB_FRAME_MISSING;
            REQUIRE(column->codes[row] == ISB_FRAME_MISSING ||
                    column->codes[row] < column->text_count);
        }
    }
    REQUIRE(missing == column->missing && strlen(column->name) < 1 << 20);
    for (size_t i = 1; i < column->text_count; i++)
        REQUIRE(strcmp(column->texts[i - 1], column->texts[i]) < 0);
}

static void check_same(const isb_frame *a, const isb_frame *b) {
    REQUIRE(a->rows == b->rows && a->column_count == b->column_count);
    for (size_t i = 0; i < a->column_count; i++) {
        const isb_column *x = &a->columns[i], *y = &b->columns[i];
        REQUIRE(x->kind == y->kind && x->text_count == y->text_count);
        if (x->kind == ISB_COLUMN_NUMBER)
            REQUIRE(memcmp(x->numbers, y->numbers, a->rows * sizeof *x->numbers) == 0);
        else
            REQUIRE(memcmp(x->codes, y->codes, a->rows * sizeof *x->codes) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = memory_file(data, size);
    isb_frame one, three, bare;
    const isb_status status = read_table(&one, path, 1, -1);
    REQUIRE(read_table(&three, path, 3, -1) == status);
    if (status == ISB_OK) {
        for (size_t i = 0; i < one.column_count; i++)
            check_column(&one, &one.columns[i]);
        check_same(&one, &three);
    }
    read_table(&bare, path, 1, 0);
    isb_frame_free(&one);
    isb_frame_free(&three);
    isb_frame_free(&bare);
    return 0;
}
