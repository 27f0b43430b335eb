/* What a NumPy array holds, also where it is no data set. */
#ifndef ISB_DATA_NPY_SURVEY_H
#define ISB_DATA_NPY_SURVEY_H

#include "data/npy_elements.h"

/* Values that are no finite numbers, and where the first row with one has it first. */
typedef struct isb_npy_oddity {
    size_t count, row, column;
} isb_npy_oddity;

typedef struct isb_npy_survey {
    size_t columns;           /* elements of a row */
    size_t finite;            /* elements */
    isb_npy_wide least, most; /* of those */
    bool whole;               /* all of those */
    isb_npy_oddity nan, infinite;
    size_t constant; /* columns with the same value in all rows, of more than one */
} isb_npy_survey;

/* Damage is ISB_DATA. */
isb_status isb_npy_survey_make(isb_npy_survey *out, const isb_npy *array, const isb_feed *feed,
                               isb_error *error);

/* "float32" and the like, as NumPy calls it; constant text. */
const char *isb_npy_type(const isb_npy *array);

#endif
