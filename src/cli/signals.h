/* Signals that end training: SIGTERM, SIGUSR1 and SIGHUP (status 75), SIGINT (130). */
#ifndef ISB_CLI_SIGNALS_H
#define ISB_CLI_SIGNALS_H

#include <isobit/error.h>
#include <stdbool.h>

/* From now on the signals are caught. Until isb_signals_hold there is nothing to save: they end the
 * process at once, which says how to go on: by the command line with `end` behind it. A SIGINT or
 * SIGHUP that the caller made ignored stays ignored. */
void isb_signals_catch(const char *command_line, const char *end);

/* From now on the first signal sets the flag, and a second one, unless it is a SIGHUP, ends the
 * process at once. */
void isb_signals_hold(void);

/* Not 0 once a signal came. */
extern volatile int isb_signals_flag;

/* ISB_OK where none came, else ISB_STOPPED or ISB_INTERRUPTED. */
isb_status isb_signals_status(void);

/* "SIGTERM"; of the one that came. */
const char *isb_signals_name(void);

#endif
