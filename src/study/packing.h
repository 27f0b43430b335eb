/* Many independent runs side by side on the cores of a machine. */
#ifndef ISB_STUDY_PACKING_H
#define ISB_STUDY_PACKING_H

#include "study/study_run.h"

typedef struct isb_pack {
    const isb_study_task *tasks;
    size_t count;
    const double *costs;      /* one a task, in any unit: the most expensive ones start first */
    size_t workers;           /* runs at a time; each task says how many threads it takes itself */
    const volatile int *stop; /* no task is begun once it is not 0; NULL: never */

    /* Called for each task that was not given up, by one thread at a time, in the order in which
     * they end. Takes the outcome over. A failure ends the work: no further task is begun. */
    isb_status (*finished)(void *context, size_t task, isb_outcome *outcome, isb_error *error);
    void *context;
} isb_pack;

/* Runs all tasks. Neither the number of workers nor the order changes an outcome. Where fewer
 * threads than workers can be made, those there are do the work. */
isb_status isb_pack_run(const isb_pack *pack, isb_error *error);

#endif
