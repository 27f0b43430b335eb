/* Lines for the user on standard error. */
#ifndef ISB_CLI_NOTE_H
#define ISB_CLI_NOTE_H

#include "cli/options.h"

/* One line, unless --quiet. */
void isb_note(const isb_options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
