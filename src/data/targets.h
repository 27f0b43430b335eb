/* What the loss compares outputs with: labels, or the targets of a regression. */
#ifndef ISB_DATA_TARGETS_H
#define ISB_DATA_TARGETS_H

#include <isobit/dataset.h>
#include <isobit/experiment.h>

/* For a regression, labels are numbers: where there are no targets, they become them. ISB_DATA
 * where the loss is of classes and there are targets alone; ISB_NO_MEMORY. */
isb_status isb_targets_prepare(isb_dataset *dataset, const isb_experiment *experiment,
                               isb_error *error);

/* Labels must be below the model's `outputs`; there must be as many targets of a row. */
isb_status isb_targets_check(const isb_dataset *dataset, const isb_experiment *experiment,
                             size_t outputs, isb_error *error);

#endif
