/* Each input's own scaling, out of the rows trained on. */
#ifndef ISB_TRAIN_SCALING_FIT_H
#define ISB_TRAIN_SCALING_FIT_H

#include "model/scaling.h"
#include <isobit/dataset.h>
#include <isobit/experiment.h>

/* Fits a scaling that isb_scaling_make has made on `count` rows of the table, at least one:
 *
 * standardize  the mean, and the deviation sqrt(sum((x - mean)^2) / count)
 * minmax       the smallest value, and the largest less the smallest
 *
 * in double, sums in the order of the rows, each rounded once. A divisor that would be 0 is 1.
 * ISB_DATA where a value is not finite, or too far from the others for float32. */
isb_status isb_scaling_fit(isb_scaling *out, isb_scale_kind kind, const isb_table *table,
                           const uint32_t *rows, size_t count, isb_error *error);

#endif
