/* isobit verify: trains a run again from its own record and compares everything on the way. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/note.h"
#include "cli/page.h"
#include "cli/training.h"
#include "io/file.h"
#include "io/safetensors.h"
#include <isobit/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHERE_SIZE = 256 };

typedef struct verification {
    isb_training training; /* its trainer trains again; nothing is saved */
    isb_options options;   /* of the training: the run's experiment is its file */
    const char *run;
    char *experiment_path;
    isb_run_record record;
    isb_recorded recorded;
    isb_trace trace;        /* as recorded, of the epoch under way */
    char *history;          /* the file */
    size_t epochs;          /* compared */
    char where[WHERE_SIZE]; /* the first difference; "": none */
    char tensor[64];        /* the first that differs there */
    char weights_sha256[ISB_SHA256_SIZE];
} verification;

static bool same_so_far(const verification *v) { return v->where[0] == '\0'; }

/* --- what the run recorded --- */

static isb_status read_history(verification *v, isb_error *error) {
    char *path = isb_path_join(v->run, ISB_RUN_HISTORY);
    size_t length;
    if (path == NULL)
        return isb_fail_memory(error, v->run);
    isb_status status =
        isb_file_read(path, (size_t)64 << 20, &v->history, &length, ISB_CORRUPT, error);
    free(path);
    return status;
}

static isb_status read_events(verification *v, isb_error *error) {
    const isb_recorded *recorded = &v->recorded;
    isb_status status = isb_run_recorded(&v->recorded, &v->record, v->run, error);
    if (status != ISB_OK)
        return status;
    if (recorded->count == 0) {
        isb_fail(error, ISB_FAILURE,
                 "%s: no finished epoch is recorded; there is nothing to compare with yet; go on "
                 "with the run:",
                 v->run);
        return isb_fail(error, ISB_FAILURE, "  %s --resume", v->record.command);
    }
    if (recorded->cut > 0)
        isb_note(
            &v->options,
            "note: %s/%s:%zu: the record was cut short here by a kill or a power failure; it is "
            "compared up to epoch %zu; to mend it, go on with the run:\n  %s --resume",
            v->run, ISB_RUN_EVENTS, recorded->cut, recorded->count, v->record.command);
    return ISB_OK;
}

static isb_status read_run(verification *v, isb_error *error) {
    isb_experiment experiment = {0}; /* read once more with the settings of the command line */
    isb_status status = isb_run_record_read(&v->record, v->run, error);
    if (status == ISB_OK && v->record.numerics != ISB_NUMERICS)
        status =
            isb_fail(error, ISB_CORRUPT,
                     "%s: trained under numerics version %zu, this is %d: other bits are to be "
                     "expected; verify it with the isobit that trained it",
                     v->run, v->record.numerics, ISB_NUMERICS);
    if (status == ISB_OK)
        status = read_events(v, error);
    if (status == ISB_OK)
        status = isb_run_record_experiment(&v->record, v->run, &experiment, error);
    isb_experiment_free(&experiment);
    return status == ISB_OK ? read_history(v, error) : status;
}

static isb_status prepare(verification *v, isb_error *error) {
    isb_training *t = &v->training;
    isb_status status = read_run(v, error);
    if (status != ISB_OK)
        return status;
    v->experiment_path = isb_path_join(v->run, ISB_RUN_EXPERIMENT);
    if (v->experiment_path == NULL)
        return isb_fail_memory(error, v->run);
    v->options.file = v->experiment_path;
    t->options = &v->options;
    status = isb_training_load(t, error);
    if (status == ISB_OK && strcmp(t->dataset.sha256, v->record.data_sha256) != 0)
        status =
            isb_fail(error, ISB_DATA,
                     "%s: not the data of this run: SHA-256 %s, the run had %s; give the right "
                     "ones with --data SOURCE",
                     t->dataset.source, t->dataset.sha256, v->record.data_sha256);
    if (status == ISB_OK)
        status = isb_training_create(t, error);
    if (status != ISB_OK)
        return status;
    t->history = isb_history_of(&t->experiment);
    isb_callbacks_start(&t->callbacks, &t->experiment);
    status = isb_trace_open(&t->trace, isb_trainer_steps_an_epoch(t->trainer), error);
    if (status == ISB_OK)
        status = isb_trace_open(&v->trace, isb_trainer_steps_an_epoch(t->trainer), error);
    t->experiment.epochs = v->recorded.count;
    isb_display_open(&t->display, &v->options, &t->experiment);
    return status;
}

/* --- comparing --- */

static isb_status compare_start(verification *v, isb_error *error) {
    isb_tensors weights;
    isb_status status = isb_trainer_export(v->training.trainer, false, &weights, error);
    if (status != ISB_OK)
        return status;
    status = isb_weights_sha256(&weights, v->weights_sha256, error);
    if (status == ISB_OK && strcmp(v->weights_sha256, v->recorded.start_sha256) != 0)
        snprintf(v->where, sizeof v->where, "before the first step: other weights to start from%s",
                 v->training.experiment.model_weights != NULL
                     ? "; has the file of model_weights changed?"
                     : "");
    isb_tensors_free(&weights);
    return status;
}

/* Compares the mark that a step has completed. */
static bool observe(void *context, const isb_progress *progress) {
    verification *v = context;
    isb_training *t = &v->training;
    const size_t mark = isb_trace_add(&t->trace, progress->batch_loss);
    const bool complete =
        progress->step % t->trace.stretch == 0 || progress->step == progress->steps;
    isb_display_step(&t->display, progress);
    if (!same_so_far(v) || !complete || t->trace.marks[mark] == v->trace.marks[mark])
        return false;
    const size_t first = mark * t->trace.stretch + 1;
    if (first == progress->step)
        snprintf(v->where, sizeof v->where, "epoch %zu, step %zu: another loss", progress->epoch,
                 progress->step);
    else
        snprintf(v->where, sizeof v->where, "epoch %zu, steps %zu to %zu: another loss",
                 progress->epoch, first, progress->step);
    return false;
}

/* The recorded digests are of everything up to and with a tensor: the first to differ is named. */
static isb_status compare_tensors(verification *v, const isb_tensors *weights,
                                  const isb_recorded_epoch *recorded, isb_error *error) {
    char hex[ISB_SHA256_SIZE];
    isb_sha256 hash;
    isb_sha256_open(&hash);
    for (size_t i = 0; i < weights->count && v->tensor[0] == '\0'; i++) {
        const isb_tensor *tensor = &weights->items[i];
        if (!isb_tensor_is_weights(tensor->name))
            continue;
        isb_sha256_add(&hash, tensor->data, isb_shape_size(tensor->shape) * sizeof(float));
        isb_sha256_peek(&hash, hex);
        bool same = false;
        for (size_t k = 0; k < recorded->tensor_count; k++)
            if (strcmp(recorded->tensors[k].name, tensor->name) == 0)
                same = strcmp(recorded->tensors[k].sha256, hex) == 0;
        if (!same)
            memcpy(v->tensor, tensor->name, sizeof v->tensor);
    }
    return isb_sha256_close(&hash, hex, error);
}

/* The row of the epoch just added is the last one of the text. */
static bool same_row(const verification *v) {
    const isb_text *text = &v->training.history.text;
    return strncmp(text->data, v->history, text->length) == 0;
}

static isb_status compare_epoch(verification *v, size_t epoch, isb_error *error) {
    const isb_recorded_epoch *recorded = &v->recorded.epochs[epoch - 1];
    isb_tensors weights;
    isb_status status = isb_trainer_export(v->training.trainer, false, &weights, error);
    if (status != ISB_OK)
        return status;
    status = isb_weights_sha256(&weights, v->weights_sha256, error);
    if (status == ISB_OK &&
        (strcmp(v->weights_sha256, recorded->weights_sha256) != 0 || !same_so_far(v)))
        status = compare_tensors(v, &weights, recorded, error);
    isb_tensors_free(&weights);
    if (status != ISB_OK || !same_so_far(v))
        return status;
    if (strcmp(v->weights_sha256, recorded->weights_sha256) != 0)
        snprintf(v->where, sizeof v->where, "epoch %zu, step %zu (its last): other weights", epoch,
                 isb_trainer_steps_an_epoch(v->training.trainer));
    else if (!same_row(v))
        snprintf(v->where, sizeof v->where, "epoch %zu: another row in %s", epoch, ISB_RUN_HISTORY);
    return ISB_OK;
}

static isb_status run_callbacks(verification *v, const isb_epoch_result *epoch, isb_error *error) {
    isb_training *t = &v->training;
    isb_callback_actions actions;
    isb_callbacks_epoch(&t->callbacks, epoch, &actions);
    if (actions.reduced)
        isb_trainer_set_learning_rate(t->trainer, actions.learning_rate);
    return actions.improved[ISB_EARLY_STOPPING]
               ? isb_training_keep_best(t, ISB_EARLY_STOPPING, error)
               : ISB_OK;
}

static isb_status verify_epoch(verification *v, isb_error *error) {
    isb_training *t = &v->training;
    const isb_recorded_epoch *recorded = &v->recorded.epochs[v->epochs];
    const size_t steps = isb_trainer_steps_an_epoch(t->trainer);
    const double start = isb_clock_seconds();
    isb_epoch_result epoch;
    isb_trace_restart(&t->trace);
    if (recorded->stretch != t->trace.stretch || !isb_trace_read(&v->trace, recorded->trace, steps))
        return isb_fail(error, ISB_CORRUPT, "%s/%s: damaged: epoch %zu has no trace of its losses",
                        v->run, ISB_RUN_EVENTS, v->epochs + 1);
    isb_status status = isb_trainer_epoch(t->trainer, observe, v, &epoch, error);
    if (status == ISB_OK && epoch.diverged) {
        snprintf(v->where, sizeof v->where, "epoch %zu, step %zu: the loss is not finite here",
                 epoch.epoch, epoch.divergence.step);
        return ISB_OK;
    }
    if (status == ISB_OK)
        status = isb_history_add(&t->history, &epoch, error);
    if (status == ISB_OK)
        status = compare_epoch(v, epoch.epoch, error);
    if (status == ISB_OK)
        status = run_callbacks(v, &epoch, error);
    if (status == ISB_OK)
        isb_display_epoch(&t->display, &epoch, isb_clock_seconds() - start);
    v->epochs = epoch.epoch;
    return status;
}

/* The files of the end hold what was computed: the weights and the digest in DONE. */
static isb_status compare_model(verification *v, isb_error *error) {
    char *path = isb_path_join(v->run, ISB_RUN_MODEL);
    char hex[ISB_SHA256_SIZE];
    isb_tensors weights = {0};
    isb_status status = path == NULL ? isb_fail_memory(error, v->run) : ISB_OK;
    if (status == ISB_OK)
        status = isb_safetensors_read(&weights, NULL, path, true, error);
    if (status == ISB_OK)
        status = isb_weights_sha256(&weights, hex, error);
    if (status == ISB_OK && strcmp(hex, v->weights_sha256) != 0)
        snprintf(v->where, sizeof v->where, "%s holds other weights", ISB_RUN_MODEL);
    isb_tensors_free(&weights);
    free(path);
    return status;
}

static isb_status compare_done(verification *v, isb_error *error) {
    char *path = isb_path_join(v->run, ISB_RUN_DONE), *text = NULL;
    size_t length;
    isb_status status = path == NULL
                            ? isb_fail_memory(error, v->run)
                            : isb_file_read(path, 4096, &text, &length, ISB_CORRUPT, error);
    if (status == ISB_OK && strncmp(text, v->weights_sha256, ISB_SHA256_SIZE - 1) != 0)
        snprintf(v->where, sizeof v->where, "%s holds another digest", ISB_RUN_DONE);
    free(path);
    free(text);
    return status;
}

static isb_status compare_end(verification *v, isb_error *error) {
    isb_training *t = &v->training;
    t->result.epochs = v->epochs;
    isb_tensors weights;
    isb_status status = isb_training_end(t, error);
    if (status == ISB_OK)
        status = isb_trainer_export(t->trainer, false, &weights, error);
    if (status != ISB_OK)
        return status;
    status = isb_weights_sha256(&weights, v->weights_sha256, error);
    isb_tensors_free(&weights);
    if (status == ISB_OK)
        status = compare_model(v, error);
    if (status == ISB_OK && same_so_far(v))
        status = compare_done(v, error);
    return status;
}

static isb_status verify(verification *v, isb_error *error) {
    isb_status status = prepare(v, error);
    if (status == ISB_OK)
        status = compare_start(v, error);
    while (status == ISB_OK && same_so_far(v) && v->epochs < v->recorded.count)
        status = verify_epoch(v, error);
    isb_display_clear(&v->training.display);
    if (status == ISB_OK && same_so_far(v) && v->record.finished)
        status = compare_end(v, error);
    return status;
}

/* --- the verdict --- */

static isb_status print_json(const verification *v, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    char *text;
    isb_json_object(&json, NULL);
    isb_json_boolean(&json, "same", same_so_far(v));
    isb_json_string(&json, "difference", same_so_far(v) ? NULL : v->where);
    isb_json_string(&json, "tensor", v->tensor[0] == '\0' ? NULL : v->tensor);
    isb_json_unsigned(&json, "epochs", v->epochs);
    isb_json_boolean(&json, "finished", v->record.finished);
    isb_json_boolean(&json, "cut_short", v->recorded.cut > 0);
    isb_json_string(&json, "weights_sha256", v->weights_sha256);
    isb_json_unsigned(&json, "threads", v->training.plan.threads);
    isb_json_string(&json, "isa", isb_trainer_isa(v->training.trainer));
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_end_object(&json);
    isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}

static isb_status print_table(const verification *v, isb_error *error) {
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    isb_page_row(&page, "run", "%s%s", v->run,
                 v->record.finished     ? ""
                 : v->recorded.cut == 0 ? " (unfinished)"
                                        : " (unfinished, its record cut short)");
    isb_page_row(&page, "compared", "%zu of %zu recorded epochs, every loss%s", v->epochs,
                 v->recorded.count,
                 v->record.finished && same_so_far(v) ? ", and the final weights" : "");
    isb_page_row(&page, "threads", "%s; %s", v->training.plan.reason,
                 isb_trainer_isa(v->training.trainer));
    if (!same_so_far(v))
        isb_page_row(&page, "difference", "%s", v->where);
    if (v->tensor[0] != '\0')
        isb_page_row(&page, "tensor", "%s", v->tensor);
    isb_page_row(&page, "verdict", "%s", same_so_far(v) ? "the same bits" : "NOT the same bits");
    fprintf(page.out, "weights sha256:%s\n", v->weights_sha256);
    return isb_page_print(&page, error);
}

static isb_status report(const verification *v, isb_error *error) {
    isb_status status =
        v->options.given[ISB_OPTION_JSON] ? print_json(v, error) : print_table(v, error);
    if (status != ISB_OK || same_so_far(v))
        return status;
    return isb_fail(error, ISB_FAILURE, "%s: trained again, it differs: %s%s%s", v->run, v->where,
                    v->tensor[0] != '\0' ? "; other weights from " : "", v->tensor);
}

isb_status isb_command_verify(const isb_options *options, isb_error *error) {
    verification v = {.options = *options, .run = options->file};
    isb_status status = verify(&v, error);
    if (status == ISB_OK)
        status = report(&v, error);
    isb_training_free(&v.training);
    isb_trace_free(&v.trace);
    isb_recorded_free(&v.recorded);
    isb_run_record_free(&v.record);
    free(v.experiment_path);
    free(v.history);
    return status;
}
