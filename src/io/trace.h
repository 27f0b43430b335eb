/* A fingerprint of the losses of an epoch: a CRC-32 for every stretch of steps. Two runs that
 * differ in a bit differ in the first loss computed with it, so that comparing traces finds the
 * step. */
#ifndef ISB_IO_TRACE_H
#define ISB_IO_TRACE_H

#include <isobit/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ISB_TRACE_MARKS = 4096 }; /* at most, of an epoch */

typedef struct isb_trace {
    size_t steps;    /* added so far */
    size_t stretch;  /* steps a mark stands for */
    size_t most;     /* marks of a whole epoch */
    uint32_t *marks; /* of each stretch, also of the one under way */
} isb_trace;

/* For epochs of `steps` steps, with 4096 marks at most. Released by isb_trace_free. */
isb_status isb_trace_open(isb_trace *trace, size_t steps, isb_error *error);
void isb_trace_free(isb_trace *trace);

/* Forgets the steps of the epoch before. */
void isb_trace_restart(isb_trace *trace);

/* The sum of losses of the next batch. Returns the mark that it changed. */
size_t isb_trace_add(isb_trace *trace, float loss);

/* The marks so far as base64 of little-endian words; NULL without memory; released by free(). */
char *isb_trace_text(const isb_trace *trace);

/* Takes up a trace of `steps` steps; false where the text is not one of that many. */
bool isb_trace_read(isb_trace *trace, const char *text, size_t steps);

#endif
