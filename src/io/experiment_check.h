/* Rules of an experiment that need more than one field, but no data. */
#ifndef ISB_IO_EXPERIMENT_CHECK_H
#define ISB_IO_EXPERIMENT_CHECK_H

#include "io/schema.h"
#include <isobit/experiment.h>

/* Reports what is wrong with the layers together, and callbacks that monitor what is not computed;
 * layers and callbacks with errors of their own are left out. */
void isb_experiment_check(isb_reader *reader, const isb_node *root,
                          const isb_experiment *experiment);

#endif
