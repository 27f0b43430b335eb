/* How many of a machine's threads a run takes among others. */
#ifndef ISB_STUDY_SHARING_H
#define ISB_STUDY_SHARING_H

#include <stddef.h>

/* Independent runs side by side, one thread each, are the best use of a machine. Where fewer runs
 * are left than threads, the runs share what falls idle. */
typedef struct isb_sharing {
    size_t threads;          /* in all */
    size_t most_runs;        /* at a time; at most `threads` */
    size_t running, waiting; /* runs: begun; still to begin */
    size_t held;             /* threads, by all runs that have begun */
} isb_sharing;

/* How many a run that holds `own` of them goes on with; 0: it is about to begin, and one of those
 * running. Never less than it has, never less than 1; more than `most`, those that its network is
 * large enough for, only if it has them already. */
size_t isb_thread_share(const isb_sharing *sharing, size_t own, size_t most);

#endif
