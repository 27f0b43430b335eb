/* --min-accuracy: what training must reach. */
#ifndef ISB_CLI_TARGET_H
#define ISB_CLI_TARGET_H

#include "cli/options.h"
#include <isobit/experiment.h>

/* ISB_USAGE where it is asked of a regression, which has no accuracy. */
isb_status isb_target_check(const isb_options *options, isb_loss_kind loss, isb_error *error);

/* ISB_TARGET where the accuracy of the part ("test") is below it. */
isb_status isb_target_met(const isb_options *options, const char *part, double accuracy,
                          isb_error *error);

#endif
