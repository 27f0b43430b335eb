/* A team of threads that runs one function together. The only part that knows OpenMP. */
#ifndef ISB_PARALLEL_TEAM_H
#define ISB_PARALLEL_TEAM_H

#include <stddef.h>

typedef struct isb_team isb_team;

/* What each thread of the team runs. The runtime may grant fewer threads than asked: split by
 * isb_team_threads. */
typedef void (*isb_team_body)(void *context, size_t thread, isb_team *team);

/* Runs the body on `threads` threads, 1024 at most, in the floating-point environment of
 * docs/numerics.md, and waits for all of them. */
void isb_team_run(size_t threads, isb_team_body body, void *context);

size_t isb_team_threads(const isb_team *team);

/* Waits until every thread of the team is here: spins for some microseconds, then sleeps, so that a
 * machine with fewer cores than threads, or a CPU quota, is not burnt by waiting. Threads meet in
 * eights first, so that a hundred of them do not queue for one cache line. */
void isb_team_barrier(isb_team *team, size_t thread);

/* Where part `part` of `parts` begins when n items are split evenly in order; n for part == parts.
 */
static inline size_t isb_part(size_t n, size_t parts, size_t part) {
    const size_t each = n / parts, larger = n % parts;
    return part * each + (part < larger ? part : larger);
}

#endif
