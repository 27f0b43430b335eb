#include "cli/applied.h"
#include "cli/commands.h"
#include "cli/evaluation_report.h"
#include <math.h>

static isb_status score(const isb_applied *a, isb_evaluation *evaluation, isb_error *error) {
    isb_status status = isb_predictor_evaluate(a->predictor, a->part.table, a->part.rows,
                                               a->part.count, evaluation, error);
    if (status == ISB_OK && !isfinite(evaluation->loss))
        status =
            isb_fail(error, ISB_DIVERGED,
                     "%s: the loss of the %s part is not a finite number; check the values and "
                     "the scale of the data",
                     a->dataset.source, a->part.name);
    return status;
}

static isb_status check_target(const isb_applied *a, const isb_options *options, isb_error *error) {
    const isb_loss_kind loss = a->trained.experiment.loss;
    if (!options->given[ISB_OPTION_MIN_ACCURACY] || !isb_is_regression(loss))
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "--min-accuracy: %s was trained with the loss %s, of a regression, which has "
                    "no accuracy; leave it out",
                    options->file, isb_loss_name(loss));
}

static isb_status compare_with_target(const isb_applied *a, const isb_evaluation *evaluation,
                                      const isb_options *options, isb_error *error) {
    if (!options->given[ISB_OPTION_MIN_ACCURACY] || evaluation->accuracy >= options->min_accuracy)
        return ISB_OK;
    return isb_fail(error, ISB_TARGET, "the %s accuracy, %.6g, is below the %g of --min-accuracy",
                    a->part.name, evaluation->accuracy, options->min_accuracy);
}

static isb_status evaluate(isb_applied *a, isb_evaluation *evaluation, const isb_options *options,
                           isb_error *error) {
    isb_status status = isb_applied_prepare(a, options, true, error);
    if (status == ISB_OK)
        status = check_target(a, options, error);
    if (status == ISB_OK)
        status = score(a, evaluation, error);
    if (status == ISB_OK)
        status = options->given[ISB_OPTION_JSON] ? isb_evaluation_json(a, evaluation, error)
                                                 : isb_evaluation_table(a, evaluation, error);
    return status == ISB_OK ? compare_with_target(a, evaluation, options, error) : status;
}

isb_status isb_command_evaluate(const isb_options *options, isb_error *error) {
    isb_applied a;
    isb_evaluation evaluation = {0};
    const isb_status status = evaluate(&a, &evaluation, options, error);
    isb_evaluation_free(&evaluation);
    isb_applied_free(&a);
    return status;
}
