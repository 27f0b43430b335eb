#include "cli/page.h"
#include "cli/terminal.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

isb_status isb_page_open(isb_page *page, isb_error *error) {
    *page = (isb_page){0};
    page->out = open_memstream(&page->text, &page->length);
    return page->out == NULL ? isb_fail_memory(error, "the output") : ISB_OK;
}

isb_status isb_page_print(isb_page *page, isb_error *error) {
    isb_status status = ISB_OK;
    int failed = ferror(page->out);
    failed |= fclose(page->out);
    if (failed || page->text == NULL) /* fclose shrinks the text, and keeps silent about failing */
        status = isb_fail_memory(error, "the output");
    else
        status = isb_print(page->text, page->length, error);
    free(page->text);
    *page = (isb_page){0};
    return status;
}

void isb_page_row(isb_page *page, const char *label, const char *format, ...) {
    fprintf(page->out, "%-*s", ISB_PAGE_LABEL, label);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(page->out, format, arguments);
    va_end(arguments);
    fputc('\n', page->out);
}

isb_status isb_print_json(char *json, isb_error *error) {
    size_t length = strlen(json);
    json[length] = '\n'; /* in the place of the NUL: one write, so that a reader gets it whole */
    isb_status status = isb_print(json, length + 1, error);
    free(json);
    return status;
}
