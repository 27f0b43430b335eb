/* One field of a record, as RFC 4180 has it: plain, or in quotes that are doubled within it. */
#ifndef ISB_DATA_CSV_FIELD_H
#define ISB_DATA_CSV_FIELD_H

#include <stdbool.h>
#include <stddef.h>

typedef struct isb_csv_format {
    char separator;
    bool special[256]; /* bytes that end a plain field, or may not stand in one */
} isb_csv_format;

typedef struct isb_csv_field {
    const char *text; /* without the quotes; where there are none, without spaces around it */
    size_t length;
    bool doubled;     /* quotes in it are still doubled */
    size_t line_ends; /* in it */
    const char *end;  /* the separator or the '\n' behind it */
    const char *bad;  /* NULL, or the byte that breaks the rules: all else is guesswork */
    const char *why;  /* it does */
} isb_csv_field;

isb_csv_format isb_csv_format_make(char separator);

/* The field that begins at `text`. The text goes up to `limit`, and its last byte is '\n'. */
void isb_csv_field_read(isb_csv_field *field, const char *text, const char *limit,
                        const isb_csv_format *format);

/* The field's text with single quotes; `out` has room for field->length bytes. Its length. */
size_t isb_csv_field_copy(char *out, const isb_csv_field *field);

#endif
