/* A team of threads that runs one function together. The only part that knows OpenMP. */
#ifndef ISB_PARALLEL_TEAM_H
#define ISB_PARALLEL_TEAM_H

#include <stddef.h>

/* What each thread runs: `thread` of `threads`. The runtime may grant fewer threads than asked, so split by `threads`. */
typedef void (*isb_team_body)(void *context, size_t thread, size_t threads);

/* Runs the body on `threads` threads, in the floating-point environment of rule 1, and waits for all. */
void isb_team_run(size_t threads, isb_team_body body, void *context);

/* Waits until all `threads` of the team are here. */
void isb_team_barrier(size_t threads);

/* Where part `part` of `parts` begins when n items are split evenly in order; n for part == parts. */
static inline size_t isb_part(size_t n, size_t parts, size_t part) {
    const size_t each = n / parts, larger = n % parts;
    return part * each + (part < larger ? part : larger);
}

#endif
