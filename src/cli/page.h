/* Text for standard output, put together in memory and written in one go. */
#ifndef ISB_CLI_PAGE_H
#define ISB_CLI_PAGE_H

#include <isobit/error.h>
#include <stdio.h>

enum { ISB_PAGE_LABEL = 12 }; /* columns of a label */

typedef struct isb_page {
    FILE *out; /* print here */
    char *text;
    size_t length;
} isb_page;

isb_status isb_page_open(isb_page *page, isb_error *error);

/* Writes the page to standard output and releases it. */
isb_status isb_page_print(isb_page *page, isb_error *error);

/* A row of a table of facts: the label, padded, and the value. */
void isb_page_row(isb_page *page, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes a line of JSON, which it releases, to standard output. */
isb_status isb_print_json(char *json, isb_error *error);

#endif
