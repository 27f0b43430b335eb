/* Seconds of a clock that only goes forward; for differences. */
#ifndef ISB_BASE_CLOCK_H
#define ISB_BASE_CLOCK_H

#include <time.h>

static inline double isb_clock_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
