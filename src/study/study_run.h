/* One run of a study: an experiment trained from its seed to its end, in memory. */
#ifndef ISB_STUDY_STUDY_RUN_H
#define ISB_STUDY_STUDY_RUN_H

#include "study/study_data.h"
#include "train/callbacks.h"
#include <isobit/trainer.h>

/* Where a run stands after its last epoch: what it needs to go on to the bits that it has when it
 * trains all epochs in one go. Begins as zeros. */
typedef struct isb_study_state {
    isb_tensors tensors; /* weights and optimizer's state; none: nothing is kept */
    isb_tensors best;    /* weights of early stopping's best epoch, where they are wanted */
    isb_position position;
    isb_callback_state callbacks[ISB_CALLBACK_KINDS];
    bool stopped;           /* by early stopping */
    isb_curve_point *curve; /* of the epochs so far */
    size_t epochs;
} isb_study_state;

void isb_study_state_free(isb_study_state *state);

typedef struct isb_study_task {
    const char *experiment; /* resolved, as text */
    uint64_t seed;
    size_t epochs;                /* at most; 0: the experiment's */
    const isb_study_input *input; /* of that experiment; shared by runs, never changed */
    size_t threads;               /* to begin with */
    const char *isa;
    isb_study_state *state;   /* to go on from, and, after fewer epochs than the experiment has, to
                                 leave behind; NULL: neither */
    const volatile int *stop; /* once not 0 the run is given up; NULL: never */

    /* How many threads it takes from now on, asked before each epoch; NULL: those it began with. */
    size_t (*share)(void *context);
    void *context;
} isb_study_task;

/* Trains and tests. A run that diverges, or that this machine cannot do, is an outcome too, with
 * its message. False: it was given up; `out` is then ISB_OUTCOME_MISSING. No number of threads, no
 * neighbour and no order changes a bit of the outcome but `seconds`, nor does a state to go on
 * from. */
bool isb_study_run(isb_outcome *out, const isb_study_task *task);

#endif
