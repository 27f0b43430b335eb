/* A trained network applied to a part of a data set: what evaluate and predict prepare alike. */
#ifndef ISB_CLI_APPLIED_H
#define ISB_CLI_APPLIED_H

#include "cli/part.h"
#include "cli/trained.h"
#include "cpu/threads.h"
#include <isobit/predictor.h>

/* Everything they hold, in the order in which it comes to be. */
typedef struct isb_applied {
    isb_trained trained;
    isb_dataset dataset;
    isb_model model;
    isb_part part;
    isb_thread_plan plan;
    isb_predictor *predictor;
} isb_applied;

/* Reads and checks everything, labels only where they are looked at. Released by isb_applied_free,
 * also after a failure. */
isb_status isb_applied_prepare(isb_applied *out, const isb_options *options, bool labels,
                               isb_error *error);

/* Of the model and the weights that were trained. */
isb_status isb_applied_create_predictor(isb_applied *applied, const isb_options *options,
                                        isb_error *error);
void isb_applied_free(isb_applied *applied);

#endif
