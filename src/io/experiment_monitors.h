/* The metrics that an experiment computes, and what callbacks may monitor: those. */
#ifndef ISB_IO_EXPERIMENT_MONITORS_H
#define ISB_IO_EXPERIMENT_MONITORS_H

#include "io/schema.h"
#include <isobit/experiment.h>

bool isb_metric_computed(const isb_experiment *experiment, isb_metric metric);

/* Why one is not: "data.validation (this experiment computes: loss, accuracy)". */
void isb_metric_explain(isb_text *text, const isb_experiment *experiment, isb_metric metric);

/* Reports each callback that monitors a metric nobody computes. Says nothing where validation or
 * metrics have errors of their own. */
void isb_monitors_check(isb_reader *reader, const isb_node *root, const isb_experiment *experiment);

#endif
