/* What a run writes into its directory. */
#include "io/directory.h"
#include "io/file.h"
#include "io/json.h"
#include "io/run_parts.h"
#include "io/safetensors.h"
#include <errno.h>
#include <isobit/version.h>
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

/* What a run writes, less run.json and experiment.yaml, which are replaced; DONE first, so that a
 * directory that was half cleared never passes for a finished run. */
static const char *const results[] = {
    ISB_RUN_DONE, ISB_RUN_RESULT,   ISB_RUN_MODEL,   "best.safetensors",
    ISB_RUN_LAST, ISB_RUN_PREVIOUS, ISB_RUN_HISTORY, "events.jsonl",
};
enum { RESULTS = sizeof results / sizeof results[0], RESULTS_OF_END = 3 };

/* Where a run goes on, the results of its end alone are out of date. */
static isb_status clear(const isb_run *run, isb_error *error) {
    size_t count = run->start == ISB_RUN_CONTINUE && run->epochs > 0 ? RESULTS_OF_END : RESULTS;
    for (size_t i = 0; i < count; i++) {
        isb_status status = remove_file(run, results[i], error);
        if (status != ISB_OK)
            return status;
    }
    /* A damaged file must not take the place of the good one when states are next rotated. */
    if (run->note != NULL) {
        isb_status status = remove_file(run, ISB_RUN_LAST, error);
        if (status != ISB_OK)
            return status;
    }
    isb_directory_sweep(run->path);
    fsync(run->lock);
    return ISB_OK;
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

isb_status isb_run_begin(isb_run *run, isb_error *error) {
    isb_status status = run->lock < 0 ? create(run, error) : ISB_OK;
    if (status == ISB_OK)
        status = clear(run, error);
    if (status == ISB_OK)
        status = write_record(run, error);
    if (status == ISB_OK)
        status = write_text(run, ISB_RUN_EXPERIMENT, run->experiment, "", error);
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
        status = isb_metadata_add_integer(metadata, "epochs", run->epochs, error);
    if (status == ISB_OK)
        status = isb_metadata_add_integer(metadata, "steps", run->steps, error);
    if (status == ISB_OK)
        status = isb_metadata_add(metadata, "data_sha256", run->data_sha256, error);
    if (status == ISB_OK)
        status = isb_metadata_add(metadata, "experiment", run->experiment, error);
    return status;
}

static isb_status write_tensors(const isb_run *run, const char *name, const char *keep,
                                const isb_tensors *tensors, const char *state, isb_error *error) {
    char *path = isb_run_file(run, name);
    if (path == NULL)
        return isb_fail_memory(error, run->path);
    isb_metadata metadata = ISB_METADATA_INIT;
    isb_status status = describe(run, state, &metadata, error);
    if (status == ISB_OK)
        status = isb_safetensors_rotate(path, keep, tensors, &metadata, error);
    isb_metadata_free(&metadata);
    free(path);
    return status;
}

isb_status isb_run_save(isb_run *run, const isb_history *history, const isb_tensors *state,
                        size_t epochs, size_t steps, isb_error *error) {
    char *path = isb_run_file(run, ISB_RUN_HISTORY);
    if (path == NULL)
        return isb_fail_memory(error, run->path);
    isb_status status = isb_history_write(history, path, error);
    free(path);
    if (status != ISB_OK)
        return status;
    run->epochs = epochs;
    run->steps = steps;
    return write_tensors(run, ISB_RUN_LAST, ISB_RUN_PREVIOUS, state, "training", error);
}

isb_status isb_run_finish(isb_run *run, const isb_tensors *weights, const char *weights_sha256,
                          const char *result_json, isb_error *error) {
    isb_status status = write_tensors(run, ISB_RUN_MODEL, NULL, weights, "weights", error);
    if (status == ISB_OK)
        status = write_text(run, ISB_RUN_RESULT, result_json, "\n", error);
    if (status == ISB_OK)
        status = write_text(run, ISB_RUN_DONE, weights_sha256, "\n", error);
    return status;
}
