/* What standard output and standard error are, and writing to them. */
#ifndef ISB_CLI_TERMINAL_H
#define ISB_CLI_TERMINAL_H

#include "cli/options.h"
#include <isobit/error.h>
#include <stdbool.h>
#include <stddef.h>

/* Standard error is a terminal that understands control sequences. */
bool isb_terminal_live(void);

/* Columns of that terminal; 80 where it does not say. */
size_t isb_terminal_columns(void);

/* Whether standard error takes colour: --color, then NO_COLOR, then what it is. */
bool isb_terminal_color(isb_color color);

/* Characters beyond ASCII can be shown: the locale's character set is UTF-8, or no locale is set.
 */
bool isb_terminal_utf8(void);

/* Writes to standard output, all of it or ISB_FAILURE; without a message where the reader has gone.
 */
isb_status isb_print(const char *text, size_t length, isb_error *error);

/* Prints each message as "error: MESSAGE" on standard error. */
void isb_print_errors(const isb_error *error, isb_color color);

#endif
