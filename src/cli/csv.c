#include "cli/csv.h"
#include "base/number.h"
#include "cli/terminal.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_PIECE = 64 };

void isb_csv_open(isb_csv *csv, isb_error *error) {
    csv->length = 0;
    csv->status = ISB_OK;
    csv->error = error;
}

isb_status isb_csv_flush(isb_csv *csv) {
    if (csv->status == ISB_OK)
        csv->status = isb_print(csv->text, csv->length, csv->error);
    csv->length = 0;
    return csv->status;
}

/* Where the next piece goes; there is room for the longest. */
static char *room(isb_csv *csv) {
    if (sizeof csv->text - csv->length < LONGEST_PIECE + 1)
        isb_csv_flush(csv);
    return csv->text + csv->length;
}

void isb_csv_text(isb_csv *csv, const char *text) {
    const size_t length = strlen(text);
    memcpy(room(csv), text, length);
    csv->length += length;
}

static void put_byte(isb_csv *csv, char byte) {
    *room(csv) = byte;
    csv->length++;
}

void isb_csv_string(isb_csv *csv, const char *prefix, const char *value) {
    const bool quoted = strpbrk(value, ",\"\r\n") != NULL;
    if (quoted)
        put_byte(csv, '"');
    isb_csv_text(csv, prefix);
    for (; *value != '\0'; value++) {
        if (*value == '"')
            put_byte(csv, '"');
        put_byte(csv, *value);
    }
    if (quoted)
        put_byte(csv, '"');
}

void isb_csv_count(isb_csv *csv, size_t value) {
    csv->length += (size_t)snprintf(room(csv), LONGEST_PIECE, "%zu", value);
}

void isb_csv_float(isb_csv *csv, float value) { csv->length += isb_format_float(room(csv), value); }

isb_status isb_csv_close(isb_csv *csv) { return isb_csv_flush(csv); }
