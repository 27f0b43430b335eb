/* What is told by labels and predicted classes alone: scores of each class, and the confusion
 * matrix. */
#ifndef ISB_TRAIN_CLASS_SCORES_H
#define ISB_TRAIN_CLASS_SCORES_H

#include <isobit/predictor.h>

/* Fills everything of `out` but rows, loss and accuracy; classes[i] was predicted for row rows[i],
 * and `labels` are those of the whole table. All are below out->classes. */
isb_status isb_class_scores_make(isb_evaluation *out, const uint32_t *labels, const uint32_t *rows,
                                 const uint32_t *classes, size_t count, isb_error *error);

#endif
