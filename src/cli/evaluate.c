#include "cli/applied.h"
#include "cli/commands.h"
#include "cli/evaluation_report.h"
#include "cli/target.h"
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

static isb_status evaluate(isb_applied *a, isb_evaluation *evaluation, const isb_options *options,
                           isb_error *error) {
    isb_status status = isb_applied_prepare(a, options, true, error);
    if (status == ISB_OK)
        status = isb_target_check(options, a->trained.experiment.loss, error);
    if (status == ISB_OK)
        status = score(a, evaluation, error);
    if (status == ISB_OK)
        status = options->given[ISB_OPTION_JSON] ? isb_evaluation_json(a, evaluation, error)
                                                 : isb_evaluation_table(a, evaluation, error);
    return status == ISB_OK ? isb_target_met(options, a->part.name, evaluation->accuracy, error)
                            : status;
}

isb_status isb_command_evaluate(const isb_options *options, isb_error *error) {
    isb_applied a;
    isb_evaluation evaluation = {0};
    const isb_status status = evaluate(&a, &evaluation, options, error);
    isb_evaluation_free(&evaluation);
    isb_applied_free(&a);
    return status;
}
