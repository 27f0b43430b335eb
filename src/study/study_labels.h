/* What the variants of a study are called. */
#ifndef ISB_STUDY_STUDY_LABELS_H
#define ISB_STUDY_STUDY_LABELS_H

#include "study/study_form.h"

/* The value as the file has it, on one line. NULL without memory; released by free(). */
char *isb_axis_value(const isb_node *value);

/* "before, rate 0.2, learning_rate 0.001" for value at[i] of axis i, without axes whose entry in
 * `values` is "". NULL without memory; released by free(). */
char *isb_variant_label(const isb_study_form *form, char *const *values, const size_t *at);

#endif
