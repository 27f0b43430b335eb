/* What a run trains with, made of its task. */
#ifndef ISB_STUDY_STUDY_SETUP_H
#define ISB_STUDY_STUDY_SETUP_H

#include "study/study_run.h"
#include <isobit/trainer.h>

typedef struct isb_study_setup {
    isb_experiment experiment;
    isb_dataset own;            /* where the data depend on the seed */
    const isb_dataset *dataset; /* that, or the one of all runs */
    isb_model model;
    isb_split split;
    isb_trainer *trainer;
} isb_study_setup;

/* Everything but the trainer, checked. `out` begins as zeros; it is released by
 * isb_study_setup_free, also after a failure. */
isb_status isb_study_setup_load(isb_study_setup *out, const isb_study_task *task, isb_error *error);

/* The trainer as well, with the weights that the run starts from. */
isb_status isb_study_setup_make(isb_study_setup *out, const isb_study_task *task, isb_error *error);

void isb_study_setup_free(isb_study_setup *setup);

#endif
