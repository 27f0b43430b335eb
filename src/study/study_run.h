/* One run of a study: an experiment trained from its seed to its end, in memory. */
#ifndef ISB_STUDY_STUDY_RUN_H
#define ISB_STUDY_STUDY_RUN_H

#include "study/study.h"
#include <isobit/dataset.h>

typedef struct isb_study_task {
    const char *experiment; /* resolved, as text */
    uint64_t seed;
    size_t epochs;              /* at most; 0: the experiment's */
    const isb_dataset *dataset; /* of that experiment; shared by all runs, never changed */
    size_t threads;
    const char *isa;
    const volatile int *stop; /* once not 0 the run is given up; NULL: never */
} isb_study_task;

/* Trains and tests. A run that diverges, or that this machine cannot do, is an outcome too, with
 * its message. False: it was given up; `out` is then ISB_OUTCOME_MISSING. No number of threads, no
 * neighbour and no order changes a bit of the outcome but `seconds`. */
bool isb_study_run(isb_outcome *out, const isb_study_task *task);

/* Everything that isb_study_run checks before it trains. */
isb_status isb_study_check(const isb_study_task *task, isb_error *error);

/* Bytes that a run needs beside the data: weights, optimizer's state, best weights, a batch's
 * buffers; and multiply-adds of all its steps. */
typedef struct isb_study_cost {
    size_t bytes;
    double multiply_adds;
    size_t step_work; /* multiply-adds of a step */
} isb_study_cost;

isb_status isb_study_cost_of(isb_study_cost *out, const isb_study_task *task, isb_error *error);

#endif
