/* Many independent runs side by side on the cores of a machine. */
#ifndef ISB_STUDY_PACKING_H
#define ISB_STUDY_PACKING_H

#include "study/study_cost.h"

typedef struct isb_pack {
    const isb_study_task *tasks; /* their `threads` and `share` are the pack's to say */
    const isb_study_cost *costs; /* one a task: the most expensive ones start first */
    size_t count;
    size_t threads;           /* at least 1; how runs share them: study/sharing.h */
    size_t most_runs;         /* at a time, at least 1 */
    const volatile int *stop; /* no task is begun once it is not 0; NULL: never */

    /* Called for each task that was not given up, by one thread at a time, in the order in which
     * they end. Takes the outcome over. A failure ends the work: no further task is begun. */
    isb_status (*finished)(void *context, size_t task, isb_outcome *outcome, isb_error *error);
    void *context;
} isb_pack;

/* Runs all tasks. Neither the number of threads nor the order changes an outcome. Where fewer
 * threads can be made, those there are do the work. */
isb_status isb_pack_run(const isb_pack *pack, isb_error *error);

/* Threads that a network of this size gains from. */
size_t isb_threads_fed(const isb_study_cost *cost);

#endif
