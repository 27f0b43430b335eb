/* Comma-separated values on standard output, written as they come in pieces of 64 KiB. */
#ifndef ISB_CLI_CSV_H
#define ISB_CLI_CSV_H

#include <isobit/error.h>
#include <stddef.h>

typedef struct isb_csv {
    char text[1 << 16];
    size_t length;
    isb_status status; /* of the writing so far; after a failure nothing more is written */
    isb_error *error;
} isb_csv;

void isb_csv_open(isb_csv *csv, isb_error *error);

/* Commas and line ends are text, too; at most 64 bytes at once. */
void isb_csv_text(isb_csv *csv, const char *text);

/* A field of any length, in quotes where it has to be; `prefix` has no more than 64 bytes. */
void isb_csv_string(isb_csv *csv, const char *prefix, const char *value);
void isb_csv_count(isb_csv *csv, size_t value);
void isb_csv_float(isb_csv *csv, float value); /* reads back to the same bits */

/* Writes what is there so far. */
isb_status isb_csv_flush(isb_csv *csv);

/* Writes what is left. */
isb_status isb_csv_close(isb_csv *csv);

#endif
