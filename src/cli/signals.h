/* Signals that end training: SIGTERM and SIGUSR1 (status 75), SIGINT (130). */
#ifndef ISB_CLI_SIGNALS_H
#define ISB_CLI_SIGNALS_H

#include <isobit/error.h>
#include <stdbool.h>

/* From now on the three signals are caught. Until isb_signals_hold there is nothing to save: they
 * end the process at once. A SIGINT that the caller made ignored stays ignored. SIGHUP is ignored:
 * a terminal that closes ends no training. */
void isb_signals_catch(const char *command_line);

/* From now on the first signal sets the flag, and a second one ends the process at once. */
void isb_signals_hold(void);

/* Not 0 once a signal came. */
extern volatile int isb_signals_flag;

/* ISB_OK where none came, else ISB_STOPPED or ISB_INTERRUPTED. */
isb_status isb_signals_status(void);

/* "SIGTERM"; of the one that came. */
const char *isb_signals_name(void);

#endif
