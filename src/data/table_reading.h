/* How the file of a table is read for an experiment or a model. */
#ifndef ISB_DATA_TABLE_READING_H
#define ISB_DATA_TABLE_READING_H

#include "data/preprocessing.h"

typedef struct isb_table_reading {
    isb_frame_options options;
    const char **texts, **numbers; /* lists of the options; the names are borrowed */
} isb_table_reading;

/* The label, but of a regression, and what is to be one-hot are read as texts; what a model was
 * trained on is read as it was then (`fitted`, or NULL). Both are borrowed. Released by
 * isb_table_reading_free, also after a failure. */
isb_status isb_table_reading_make(isb_table_reading *out, const isb_experiment *experiment,
                                  const isb_preprocessing *fitted, size_t threads,
                                  isb_error *error);
void isb_table_reading_free(isb_table_reading *reading);

#endif
