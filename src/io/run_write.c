/* What a run writes into its directory. */
#include "io/best_weights.h"
#include "io/directory.h"
#include "io/file.h"
#include "io/json.h"
#include "io/run_parts.h"
#include "io/safetensors.h"
#include <errno.h>
#include <isobit/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static isb_status write_text(const isb_run *run, const char *name, const char *text,
                             const char *end, isb_error *error) {
    char *path = isb_run_file(run, name);
    if (path == NULL)
        return isb_fail_memory(error, run->path);
    isb_bytes pieces[] = {{text, strlen(text)}, {end, strlen(end)}};
    isb_status status = isb_file_write(path, pieces, 2, error);
    free(path);
    return status;
}

static isb_status remove_file(const isb_run *run, const char *name, isb_error *error) {
    if (unlinkat(run->lock, name, 0) == 0 || errno == ENOENT)
        return ISB_OK;
    return isb_fail(error, ISB_FAILURE, "%s/%s: cannot be removed: %s", run->path, name,
                    strerror(errno));
}

/* What a run writes, less run.json and experiment.yaml, which are replaced. A directory that was
 * half cleared never passes for a finished run, and a state in it has its history: each row is gone
 * from the disk before the next one goes. */
static const char *const results[][4] = {
    {ISB_RUN_DONE},
    {ISB_RUN_RESULT, ISB_RUN_MODEL},
    {ISB_RUN_LAST, ISB_RUN_PREVIOUS},
    {ISB_RUN_HISTORY, ISB_RUN_EVENTS, ISB_RUN_BEST},
};
enum { RESULTS = sizeof results / sizeof results[0], RESULTS_OF_END = 2 };

static bool goes_on(const isb_run *run) { return run->state.count > 0; }

static isb_status remove_files(const isb_run *run, const char *const names[4], isb_error *error) {
    isb_status status = ISB_OK;
    for (size_t i = 0; i < 4 && names[i] != NULL && status == ISB_OK; i++)
        status = remove_file(run, names[i], error);
    fsync(run->lock);
    return status;
}

/* Where a run goes on, the results of its end alone are out of date. */
static isb_status clear(const isb_run *run, isb_error *error) {
    static const char *const damaged[4] = {ISB_RUN_LAST};
    const size_t count = goes_on(run) ? RESULTS_OF_END : RESULTS;
    isb_status status = ISB_OK;
    isb_directory_sweep(run->path);
    for (size_t i = 0; i < count && status == ISB_OK; i++)
        status = remove_files(run, results[i], error);
    /* A damaged file must not take the place of the good one when states are next rotated. */
    if (status == ISB_OK && run->note != NULL)
        status = remove_files(run, damaged, error);
    return status;
}

static isb_status write_record(const isb_run *run, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "format", ISB_RUN_FORMAT);
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_unsigned(&json, "numerics", ISB_NUMERICS);
    isb_json_string(&json, "data_sha256", run->data_sha256);
    isb_json_string(&json, "command", run->command);
    isb_json_end_object(&json);
    char *text;
    isb_status status = isb_json_finish(&json, &text, error);
    if (status == ISB_OK)
        status = write_text(run, ISB_RUN_RECORD, text, "\n", error);
    free(text);
    return status;
}

/* Makes and locks a directory that was not there when the decision was taken. */
static isb_status create(isb_run *run, isb_error *error) {
    isb_status status = isb_directory_create(run->path, error);
    if (status == ISB_OK)
        status = isb_directory_lock(run->path, &run->lock, error);
    if (status != ISB_OK)
        return status;
    bool empty = false;
    if (run->lock >= 0)
        status = isb_directory_all(run->path, isb_run_is_litter, &empty, error);
    if (status == ISB_OK && !empty)
        status = isb_fail(error, ISB_FAILURE,
                          "%s: another process has written there meanwhile; choose another "
                          "directory with --run DIR",
                          run->path);
    return status;
}

/* What the files of weights say of themselves, so that each also serves alone. */
static isb_status describe(const isb_run *run, const char *state, isb_metadata *metadata,
                           isb_error *error) {
    isb_status status = isb_metadata_add(metadata, "format", "isobit", error);
    if (status == ISB_OK)
        status = isb_metadata_add(metadata, "version", ISB_VERSION, error);
    if (status == ISB_OK)
        status = isb_metadata_add_integer(metadata, "numerics", ISB_NUMERICS, error);
    if (status == ISB_OK)
        status = isb_metadata_add(metadata, "state", state, error);
    if (status == ISB_OK)
        status = isb_metadata_add(metadata, "data_sha256", run->data_sha256, error);
    if (status == ISB_OK)
        status = isb_metadata_add(metadata, "experiment", run->experiment, error);
    if (status == ISB_OK && run->preprocessing != NULL)
        status = isb_metadata_add(metadata, "preprocessing", run->preprocessing, error);
    return status;
}

static isb_status write_model(const isb_run *run, const char *name, const isb_tensors *weights,
                              size_t epochs, size_t steps, isb_error *error) {
    char *path = isb_run_file(run, name);
    if (path == NULL)
        return isb_fail_memory(error, run->path);
    isb_metadata metadata = ISB_METADATA_INIT;
    isb_status status = describe(run, "weights", &metadata, error);
    if (status == ISB_OK)
        status = isb_metadata_add_integer(&metadata, "epochs", epochs, error);
    if (status == ISB_OK)
        status = isb_metadata_add_integer(&metadata, "steps", steps, error);
    if (status == ISB_OK)
        status = isb_safetensors_write(path, weights, &metadata, error);
    isb_metadata_free(&metadata);
    free(path);
    return status;
}

static isb_status write_state(const isb_run *run, const isb_save *save, isb_error *error) {
    char *path = isb_run_file(run, ISB_RUN_LAST);
    if (path == NULL)
        return isb_fail_memory(error, run->path);
    isb_metadata metadata = ISB_METADATA_INIT;
    isb_status status = describe(run, "training", &metadata, error);
    if (status == ISB_OK)
        status = isb_checkpoint_describe(&save->checkpoint, &metadata, error);
    if (status == ISB_OK)
        status = isb_safetensors_rotate(path, ISB_RUN_PREVIOUS, &save->state, &metadata, error);
    isb_metadata_free(&metadata);
    free(path);
    return status;
}

/* Those of model_checkpoint where it keeps the best, else those of early_stopping. */
static isb_status take_best(const isb_tensors *state, isb_callback_kind *kind, isb_tensors *best,
                            isb_error *error) {
    *kind = ISB_MODEL_CHECKPOINT;
    isb_status status = isb_best_weights_take(best, *kind, state, error);
    if (status != ISB_OK || best->count > 0)
        return status;
    *kind = ISB_EARLY_STOPPING;
    return isb_best_weights_take(best, *kind, state, error);
}

/* Makes best.safetensors what the state says; a state within the first epoch has none. */
static isb_status put_best(const isb_run *run, const isb_checkpoint *checkpoint,
                           const isb_tensors *state, isb_error *error) {
    isb_callback_kind kind;
    isb_tensors best;
    isb_status status = take_best(state, &kind, &best, error);
    if (status != ISB_OK)
        return status;
    const size_t epochs = checkpoint->position.epochs,
                 epoch = checkpoint->callbacks[kind].best_epoch;
    if (best.count > 0 && epochs > 0)
        status =
            write_model(run, ISB_RUN_BEST, &best, epoch,
                        epoch * ((checkpoint->steps - checkpoint->position.step) / epochs), error);
    else
        status = remove_file(run, ISB_RUN_BEST, error);
    isb_tensors_free(&best);
    return status;
}

/* Files that may be ahead of the checkpoint. */
static isb_status cut_back(const isb_run *run, const isb_history *history, isb_error *error) {
    char *events = isb_run_file(run, ISB_RUN_EVENTS), *rows = isb_run_file(run, ISB_RUN_HISTORY);
    isb_status status = ISB_OK;
    if (events == NULL || rows == NULL)
        status = isb_fail_memory(error, run->path);
    if (status == ISB_OK)
        status = isb_file_cut(events, run->checkpoint.events, error);
    if (status == ISB_OK && history->epochs > 0)
        status = isb_history_write(history, rows, error);
    else if (status == ISB_OK)
        status = remove_file(run, ISB_RUN_HISTORY, error);
    if (status == ISB_OK)
        status = put_best(run, &run->checkpoint, &run->state, error);
    free(events);
    free(rows);
    return status;
}

isb_status isb_run_begin(isb_run *run, const isb_history *history, isb_error *error) {
    isb_status status = run->lock < 0 ? create(run, error) : ISB_OK;
    if (status == ISB_OK)
        status = clear(run, error);
    if (status == ISB_OK && goes_on(run))
        status = cut_back(run, history, error);
    if (status == ISB_OK)
        status = write_record(run, error);
    if (status == ISB_OK)
        status = write_text(run, ISB_RUN_EXPERIMENT, run->experiment, "", error);
    return status;
}

void isb_save_free(isb_save *save) {
    isb_checkpoint_free(&save->checkpoint);
    isb_tensors_free(&save->state);
    free(save->history.data);
    free(save->events.data);
    *save = (isb_save){0};
}

static isb_status append_events(const isb_run *run, const isb_text *lines, size_t *length,
                                isb_error *error) {
    char *path = isb_run_file(run, ISB_RUN_EVENTS);
    if (path == NULL)
        return isb_fail_memory(error, run->path);
    const isb_bytes bytes = {lines->data, lines->length};
    isb_status status = isb_file_append(path, bytes, length, error);
    free(path);
    return status;
}

isb_status isb_run_tell(const isb_run *run, const isb_text *lines, isb_error *error) {
    size_t length;
    return append_events(run, lines, &length, error);
}

static isb_status save_history(const isb_run *run, const isb_save *save, isb_error *error) {
    if (save->history.length == 0)
        return ISB_OK;
    return write_text(run, ISB_RUN_HISTORY, save->history.data, "", error);
}

isb_status isb_run_save(const isb_run *run, isb_save *save, isb_error *error) {
    isb_status status = save_history(run, save, error);
    if (status == ISB_OK)
        status = append_events(run, &save->events, &save->checkpoint.events, error);
    if (status == ISB_OK && save->best)
        status = put_best(run, &save->checkpoint, &save->state, error);
    return status == ISB_OK ? write_state(run, save, error) : status;
}

isb_status isb_run_finish(const isb_run *run, const isb_ending *ending, isb_error *error) {
    isb_status status =
        write_model(run, ISB_RUN_MODEL, ending->weights, ending->epochs, ending->steps, error);
    if (status == ISB_OK)
        status = write_text(run, ISB_RUN_RESULT, ending->result_json, "\n", error);
    if (status == ISB_OK)
        status = isb_run_tell(run, ending->events, error);
    if (status == ISB_OK)
        status = write_text(run, ISB_RUN_DONE, ending->weights_sha256, "\n", error);
    return status;
}
