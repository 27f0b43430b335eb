/* What went wrong: a status, which is also the exit status of the program, and the messages. */
#ifndef ISOBIT_ERROR_H
#define ISOBIT_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum isb_status {
    ISB_OK = 0,
    ISB_FAILURE = 1,       /* a runtime failure: disk full, I/O */
    ISB_USAGE = 2,         /* a wrong command line or experiment file */
    ISB_DATA = 3,          /* data missing or malformed */
    ISB_DIVERGED = 4,      /* NaN or Inf in training */
    ISB_TARGET = 5,        /* a demanded accuracy was not reached */
    ISB_CORRUPT = 6,       /* a checkpoint or model is corrupt or incompatible */
    ISB_NO_MEMORY = 7,     /* an allocation failed */
    ISB_STOPPED = 75,      /* stopped by SIGTERM or SIGUSR1 after a good save */
    ISB_INTERRUPTED = 130, /* SIGINT */
} isb_status;

/* Collects messages, one a line. Start with ISB_ERROR_INIT; the text belongs to the error and is
 * released by isb_error_clear. `status` is that of the first message. */
typedef struct isb_error {
    isb_status status;
    size_t count;    /* messages given, also those that no longer fitted */
    char *text;      /* NUL-terminated, lines separated by '\n', no '\n' at the end; NULL if none */
    size_t length;
    size_t capacity;
} isb_error;

#define ISB_ERROR_INIT {ISB_OK, 0, NULL, 0, 0}

/* Adds one message and returns `status`, so that `return isb_fail(...)` reads well. A message says
 * what is wrong, where, and how to mend it. `error` may be NULL. Never fails: without memory a
 * fixed text stands in. At most 64 messages are kept; a last line then says that more follow. */
isb_status isb_fail(isb_error *error, isb_status status, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* ISB_NO_MEMORY with the usual message; `what` says what the memory was for. */
isb_status isb_fail_memory(isb_error *error, const char *what);

/* The messages; "" where there are none. */
const char *isb_error_text(const isb_error *error);

/* Releases the text and makes `error` empty again. */
void isb_error_clear(isb_error *error);

#ifdef __cplusplus
}
#endif
#endif
