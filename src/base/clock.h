/* Seconds of clocks that only go forward; for differences. */
#ifndef ISB_BASE_CLOCK_H
#define ISB_BASE_CLOCK_H

#include <time.h>

static inline double isb_clock_read(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static inline double isb_clock_seconds(void) { return isb_clock_read(CLOCK_MONOTONIC); }

/* What the calling thread has had of a processor. */
static inline double isb_clock_thread_seconds(void) {
    return isb_clock_read(CLOCK_THREAD_CPUTIME_ID);
}

#endif
