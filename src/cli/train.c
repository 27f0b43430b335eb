#include "cli/commands.h"
#include "cli/note.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/target.h"
#include "cli/training.h"
#include "io/sha256.h"
#include <isobit/version.h>
#include <stdio.h>
#include <stdlib.h>

static void say_start(const isb_training *t) {
    if (t->options->given[ISB_OPTION_VERBOSE]) {
        isb_note(t->options, "data sha256:%s", t->dataset.sha256);
        isb_note(t->options, "%s; %s", t->plan.reason, isb_trainer_isa(t->trainer));
        isb_note(t->options, "run directory %s", t->run.path);
    }
    const isb_position *position = &t->run.checkpoint.position;
    if (position->step > 0)
        isb_note(t->options, "going on after step %zu of %zu of epoch %zu of %zu", position->step,
                 isb_trainer_steps_an_epoch(t->trainer), position->epochs + 1,
                 t->experiment.epochs);
    else if (position->epochs > 0)
        isb_note(t->options, "going on after epoch %zu of %zu", position->epochs,
                 t->experiment.epochs);
    else if (t->options->given[ISB_OPTION_RESUME])
        isb_note(t->options, "nothing was saved yet in %s; starting from the beginning",
                 t->run.path);
}

static void put_circumstances(const isb_training *t, isb_json *json) {
    isb_json_string(json, "version", ISB_VERSION);
    isb_json_unsigned(json, "numerics", ISB_NUMERICS);
    isb_json_string(json, "isa", isb_trainer_isa(t->trainer));
    isb_json_unsigned(json, "threads", t->plan.threads);
    isb_json_unsigned(json, "epochs", t->experiment.epochs);
}

/* The first event of a run has the digest of the weights that it starts from. */
static isb_status put_start(const isb_training *t, isb_json *json, isb_error *error) {
    char digest[ISB_SHA256_SIZE];
    isb_tensors weights;
    isb_status status = isb_trainer_export(t->trainer, false, &weights, error);
    if (status != ISB_OK)
        return status;
    status = isb_weights_sha256(&weights, digest, error);
    isb_tensors_free(&weights);
    isb_json_string(json, "data_sha256", t->dataset.sha256);
    isb_json_unsigned(json, "steps_an_epoch", isb_trainer_steps_an_epoch(t->trainer));
    isb_json_string(json, "weights_sha256", digest);
    return status;
}

static isb_status tell_start(isb_training *t, isb_error *error) {
    const bool resumed = t->run.state.count > 0;
    isb_text lines = {0};
    isb_json json;
    isb_event_begin(&json, resumed ? "resume" : "start");
    put_circumstances(t, &json);
    isb_status status = ISB_OK;
    if (resumed)
        isb_json_unsigned(&json, "steps", t->run.checkpoint.steps);
    else
        status = put_start(t, &json, error);
    if (status == ISB_OK)
        status = isb_event_end(&json, &lines, error);
    else
        free(json.text.data);
    if (status == ISB_OK)
        status = isb_run_tell(&t->run, &lines, error);
    free(lines.data);
    return status;
}

static isb_status tell_finish(const isb_training *t, isb_text *lines, isb_error *error) {
    isb_json json;
    isb_event_begin(&json, "finish");
    isb_json_unsigned(&json, "epochs", t->result.epochs);
    isb_json_string(&json, "stopped", t->result.stopped);
    if (t->result.restored > 0)
        isb_json_unsigned(&json, "restored", t->result.restored);
    isb_json_string(&json, "weights_sha256", t->result.weights_sha256);
    return isb_event_end(&json, lines, error);
}

static isb_status write_result(isb_training *t, const isb_tensors *weights, isb_error *error) {
    isb_result_details details = {
        .name = t->experiment.name,
        .data_sha256 = t->dataset.sha256,
        .started = t->started,
        .finished = time(NULL),
    };
    const size_t epochs = t->result.restored > 0 ? t->result.restored : t->result.epochs;
    isb_text events = {0};
    isb_ending ending = {.weights = weights,
                         .epochs = epochs,
                         .steps = epochs * isb_trainer_steps_an_epoch(t->trainer),
                         .weights_sha256 = t->result.weights_sha256,
                         .events = &events};
    char *json = NULL;
    isb_status status = isb_result_json(&t->result, &details, &json, error);
    if (status == ISB_OK)
        status = tell_finish(t, &events, error);
    ending.result_json = json;
    if (status == ISB_OK)
        status = isb_run_finish(&t->run, &ending, error);
    free(json);
    free(events.data);
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
    const bool tested = t->result.test.present;
    const isb_score *score = tested ? &t->result.test : &t->result.validation;
    return isb_target_met(t->options, tested ? "test" : "validation", score->accuracy, error);
}

/* Nothing that was saved is lost where saving more fails. */
static isb_status add_way_out(const isb_training *t, isb_status status, isb_error *error) {
    if (t->saved && (status == ISB_FAILURE || status == ISB_NO_MEMORY))
        isb_fail(error, status, "what was saved before is intact; go on with: %s --resume",
                 t->command_line);
    return status;
}

static isb_status train_and_finish(isb_training *t, isb_error *error) {
    t->result.params = t->model.parameters;
    t->result.measures = isb_measures_of(&t->experiment);
    t->result.threads = t->plan.threads;
    t->result.isa = isb_trainer_isa(t->trainer);
    t->result.seed = t->experiment.seed;
    isb_status status = tell_start(t, error);
    if (status == ISB_OK)
        status = isb_training_epochs(t, error);
    if (status == ISB_OK)
        status = isb_training_end(t, error);
    if (status == ISB_OK)
        status = isb_training_test(t, error);
    if (status == ISB_OK)
        status = finish(t, error);
    return status;
}

static isb_status train(isb_training *t, isb_error *error) {
    isb_signals_catch(t->command_line,
                      t->options->given[ISB_OPTION_FORCE] ? " --force" : " --resume");
    isb_status status = isb_training_prepare(t, error);
    if (status != ISB_OK)
        return status;
    isb_signals_hold();
    status = isb_run_begin(&t->run, &t->history, error);
    if (status != ISB_OK)
        return add_way_out(t, status, error);
    say_start(t);
    return add_way_out(t, train_and_finish(t, error), error);
}

/* A run that diverged has no table, but its object. */
static isb_status print(const isb_training *t, isb_status status, isb_error *error) {
    bool json = t->options->given[ISB_OPTION_JSON];
    if (status != ISB_OK && !(status == ISB_DIVERGED && json))
        return status;
    isb_status printed = print_result(t, error);
    if (status != ISB_OK || printed != ISB_OK)
        return printed != ISB_OK ? printed : status;
    isb_note(t->options, "written: %s/ with %s, %s, %s and %s", t->run.path, ISB_RUN_MODEL,
             ISB_RUN_HISTORY, ISB_RUN_RESULT, ISB_RUN_EXPERIMENT);
    isb_note(t->options, "next: isobit evaluate %s", t->run.path);
    return compare_with_target(t, error);
}

isb_status isb_command_train(const isb_options *options, const char *command_line,
                             isb_error *error) {
    isb_training t = {.options = options, .command_line = command_line, .started = time(NULL)};
    isb_status status = print(&t, train(&t, error), error);
    isb_training_free(&t);
    return status;
}
