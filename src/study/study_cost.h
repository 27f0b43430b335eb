/* What a run of a study costs, known before it is done. */
#ifndef ISB_STUDY_STUDY_COST_H
#define ISB_STUDY_STUDY_COST_H

#include "study/study_run.h"

typedef struct isb_study_cost {
    size_t bytes; /* beside the data that all runs share: weights, optimizer's state, best weights,
                     a batch's buffers, data of its own */
    size_t state_bytes;   /* of what is kept of it between the rounds of a halving */
    double multiply_adds; /* of all its steps */
    size_t step_work;     /* multiply-adds of a step */
} isb_study_cost;

/* Checks everything about the task that can be checked before it trains, and counts. */
isb_status isb_study_cost_of(isb_study_cost *out, const isb_study_task *task, isb_error *error);

/* Multiply-adds a second of its steps, from training it for a moment; 0 where it diverges at once.
 */
isb_status isb_study_measure(double *out, const isb_study_task *task, isb_error *error);

#endif
