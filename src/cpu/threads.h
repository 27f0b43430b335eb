/* How many threads to use: what the machine gives this process, and what the work can feed. */
#ifndef ISB_CPU_THREADS_H
#define ISB_CPU_THREADS_H

#include <stdbool.h>
#include <stddef.h>

enum { ISB_MAX_THREADS = 1024 };

/* Below this many multiply-adds a step, another thread costs more than it brings. */
enum { ISB_WORK_PER_THREAD = 1500000 };

typedef struct isb_thread_plan {
    size_t threads;
    size_t logical;        /* CPUs online */
    size_t affinity;       /* of them, those this process may run on */
    size_t physical_cores; /* cores that these CPUs belong to */
    size_t quota;          /* CPUs' worth of time that the cgroup grants, rounded up; 0: no limit */
    size_t work;           /* multiply-adds a step; 0: unknown */
    char reason[160];      /* "2 threads: 2 physical cores" */
} isb_thread_plan;

/* `requested` threads if not 0 (at most ISB_MAX_THREADS), else as many as are worth while. */
void isb_thread_plan_make(isb_thread_plan *plan, size_t requested, size_t work);

/* The parts of it. */

/* `threads` and `reason` from the other members. */
void isb_thread_plan_decide(isb_thread_plan *plan, size_t requested);

/* Physical cores among the CPUs c < count with allowed[c]; a CPU of unknown topology counts as one.
 * Files are looked up below `root`, "" for the machine's own. */
size_t isb_physical_cores(const char *root, const bool *allowed, size_t count);

#endif
