#include "cli/target.h"

isb_status isb_target_check(const isb_options *options, isb_loss_kind loss, isb_error *error) {
    if (!options->given[ISB_OPTION_MIN_ACCURACY] || !isb_is_regression(loss))
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "--min-accuracy: the loss %s is of a regression, which has no accuracy; leave "
                    "it out",
                    isb_loss_name(loss));
}

isb_status isb_target_met(const isb_options *options, const char *part, double accuracy,
                          isb_error *error) {
    if (!options->given[ISB_OPTION_MIN_ACCURACY] || accuracy >= options->min_accuracy)
        return ISB_OK;
    return isb_fail(error, ISB_TARGET, "the %s accuracy, %.6g, is below the %g of --min-accuracy",
                    part, accuracy, options->min_accuracy);
}
