/* A table of columns as a data set: features, labels, parts. */
#ifndef ISB_DATA_TABLE_DATASET_H
#define ISB_DATA_TABLE_DATASET_H

#include "data/preprocessing.h"
#include <isobit/dataset.h>

/* What is wanted of the table. */
typedef struct isb_table_use {
    bool labels;      /* are looked at; else every label is 0, and the table needs none */
    bool whole;       /* all rows are one part; else the experiment's test part is split off */
    bool rows_may_go; /* missing_policy: drop_row leaves rows out; else it refuses them */
    isb_frame *spent; /* the table once more, where nobody needs it any longer: its cells go as soon
                         as they are features; NULL: it stays as it is */
} isb_table_use;

/* Makes train and test part. `preprocessing` is what a model file has, and taken over; NULL: it is
 * fitted on the rows that the experiment trains on, which needs labels. Errors: ISB_DATA, ISB_USAGE
 * where the experiment does not fit the table. `out` is released by isb_dataset_free, also after a
 * failure; its source and digest are left as they are. */
isb_status isb_table_dataset(isb_dataset *out, const isb_frame *frame,
                             const isb_experiment *experiment, isb_preprocessing *preprocessing,
                             const isb_table_use *use, isb_error *error);

#endif
