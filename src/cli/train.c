#include "cli/commands.h"
#include "cli/report.h"
#include "cli/training.h"
#include "io/sha256.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void isb_training_note(const isb_training *t, const char *format, ...) {
    if (t->options->given[ISB_OPTION_QUIET])
        return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static void say_start(const isb_training *t) {
    if (t->options->given[ISB_OPTION_VERBOSE]) {
        isb_training_note(t, "data sha256:%s", t->dataset.sha256);
        isb_training_note(t, "%s; %s", t->plan.reason, isb_trainer_isa(t->trainer));
        isb_training_note(t, "run directory %s", t->run.path);
    }
    if (t->run.epochs > 0)
        isb_training_note(t, "going on after epoch %zu of %zu", t->run.epochs,
                          t->experiment.epochs);
    else if (t->options->given[ISB_OPTION_RESUME])
        isb_training_note(t, "nothing was saved yet in %s; starting from the beginning",
                          t->run.path);
}

static isb_status write_result(isb_training *t, const isb_tensors *weights, isb_error *error) {
    isb_result_details details = {
        .name = t->experiment.name,
        .data_sha256 = t->dataset.sha256,
        .started = t->started,
        .finished = time(NULL),
    };
    char *json;
    isb_status status = isb_result_json(&t->result, &details, &json, error);
    if (status != ISB_OK)
        return status;
    status = isb_run_finish(&t->run, weights, t->result.weights_sha256, json, error);
    free(json);
    return status;
}

static isb_status finish(isb_training *t, isb_error *error) {
    isb_tensors weights;
    isb_status status = isb_trainer_export(t->trainer, false, &weights, error);
    if (status != ISB_OK)
        return status;
    status = isb_weights_sha256(&weights, t->result.weights_sha256, error);
    if (status == ISB_OK)
        status = write_result(t, &weights, error);
    isb_tensors_free(&weights);
    return status;
}

static isb_status print_result(const isb_training *t, isb_error *error) {
    isb_report report = {
        .experiment = &t->experiment,
        .dataset = &t->dataset,
        .model = &t->model,
        .split = &t->split,
        .plan = &t->plan,
        .result = &t->result,
        .run = t->run.path,
    };
    return t->options->given[ISB_OPTION_JSON] ? isb_report_json(&report, error)
                                              : isb_report_table(&report, error);
}

static isb_status compare_with_target(const isb_training *t, isb_error *error) {
    if (!t->options->given[ISB_OPTION_MIN_ACCURACY])
        return ISB_OK;
    bool tested = t->result.test.present;
    const isb_score *score = tested ? &t->result.test : &t->result.validation;
    if (score->accuracy >= t->options->min_accuracy)
        return ISB_OK;
    return isb_fail(error, ISB_TARGET, "the %s accuracy, %.6g, is below the %g of --min-accuracy",
                    tested ? "test" : "validation", score->accuracy, t->options->min_accuracy);
}

static isb_status train(isb_training *t, isb_error *error) {
    isb_status status = isb_training_prepare(t, error);
    if (status == ISB_OK)
        status = isb_run_begin(&t->run, error);
    if (status != ISB_OK)
        return status;
    say_start(t);
    t->result.params = t->model.parameters;
    t->result.has_accuracy = t->experiment.metric_accuracy;
    t->result.threads = t->plan.threads;
    t->result.isa = isb_trainer_isa(t->trainer);
    t->result.seed = t->experiment.seed;
    status = isb_training_epochs(t, error);
    if (status == ISB_OK)
        status = isb_training_test(t, error);
    if (status == ISB_OK)
        status = finish(t, error);
    return status;
}

/* A run that diverged has no table, but its object. */
static isb_status print(const isb_training *t, isb_status status, isb_error *error) {
    bool json = t->options->given[ISB_OPTION_JSON];
    if (status != ISB_OK && !(status == ISB_DIVERGED && json))
        return status;
    isb_status printed = print_result(t, error);
    if (status != ISB_OK || printed != ISB_OK)
        return printed != ISB_OK ? printed : status;
    isb_training_note(t, "written: %s/ with %s, %s, %s and %s", t->run.path, ISB_RUN_MODEL,
                      ISB_RUN_HISTORY, ISB_RUN_RESULT, ISB_RUN_EXPERIMENT);
    return compare_with_target(t, error);
}

isb_status isb_command_train(const isb_options *options, const char *command_line,
                             isb_error *error) {
    isb_training t = {.options = options, .command_line = command_line, .started = time(NULL)};
    isb_status status = print(&t, train(&t, error), error);
    isb_training_free(&t);
    return status;
}
