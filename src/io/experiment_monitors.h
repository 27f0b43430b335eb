/* What callbacks may monitor: the metrics that the experiment computes. */
#ifndef ISB_IO_EXPERIMENT_MONITORS_H
#define ISB_IO_EXPERIMENT_MONITORS_H

#include "io/schema.h"
#include <isobit/experiment.h>

/* Reports each callback that monitors a metric nobody computes. Says nothing where validation or
 * metrics have errors of their own. */
void isb_monitors_check(isb_reader *reader, const isb_node *root, const isb_experiment *experiment);

#endif
