/* With which kernels, and on which scale, an experiment is computed. */
#ifndef ISB_TRAIN_CHOICE_H
#define ISB_TRAIN_CHOICE_H

#include "simd/dispatch.h"
#include <isobit/dataset.h>
#include <isobit/experiment.h>

/* The instruction set called `name`, the best one for "auto". ISB_USAGE where this machine lacks
 * it. */
isb_status isb_choose_isa(isb_isa *out, const char *name, isb_error *error);

/* What the features of the table are divided by. */
double isb_choose_scale(const isb_experiment *experiment, const isb_table *table);

#endif
