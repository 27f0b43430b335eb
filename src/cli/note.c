#include "cli/note.h"
#include <stdarg.h>
#include <stdio.h>

void isb_note(const isb_options *options, const char *format, ...) {
    if (options->given[ISB_OPTION_QUIET])
        return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
