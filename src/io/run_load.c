/* The state that a run goes on from. */
#include "io/file.h"
#include "io/run_parts.h"
#include "io/safetensors.h"
#include <isobit/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static isb_status check_numerics(const isb_metadata *metadata, const char *path, isb_error *error) {
    size_t numerics;
    if (!isb_metadata_integer(metadata, "numerics", &numerics))
        return isb_fail(error, ISB_CORRUPT, "%s: does not say its numerics version", path);
    if (numerics != ISB_NUMERICS)
        return isb_fail(error, ISB_CORRUPT,
                        "%s: trained under numerics version %zu, this is %d: going on would give "
                        "other bits; go on with the isobit that began it, or train it again",
                        path, numerics, ISB_NUMERICS);
    return ISB_OK;
}

/* A state put there from another run would go on to a result that no command gives. */
static isb_status check_identity(const isb_run *run, const isb_metadata *metadata, const char *path,
                                 isb_error *error) {
    const char *experiment = isb_metadata_find(metadata, "experiment");
    const char *data = isb_metadata_find(metadata, "data_sha256");
    char *keys = NULL;
    bool same = experiment != NULL && data != NULL && strcmp(data, run->data_sha256) == 0;
    if (same) {
        isb_status status = isb_experiment_compare(run->experiment, experiment, &keys, NULL);
        if (status == ISB_NO_MEMORY)
            return isb_fail_memory(error, path);
        same = status == ISB_OK && keys[0] == '\0';
    }
    free(keys);
    if (!same)
        return isb_fail(error, ISB_CORRUPT, "%s: is of another run", path);
    return ISB_OK;
}

static isb_status check_state(isb_run *run, const isb_metadata *metadata, const char *path,
                              isb_error *error) {
    isb_status status = check_numerics(metadata, path, error);
    if (status == ISB_OK)
        status = check_identity(run, metadata, path, error);
    if (status != ISB_OK)
        return status;
    const char *state = isb_metadata_find(metadata, "state");
    if (state == NULL || strcmp(state, "training") != 0 || run->state.count == 0 ||
        !isb_checkpoint_read(&run->checkpoint, metadata))
        return isb_fail(error, ISB_CORRUPT, "%s: does not say where training stood", path);
    return run->checkpoint.trace != NULL ? ISB_OK : isb_fail_memory(error, path);
}

static isb_status load(isb_run *run, const char *name, isb_error *error) {
    char *path = isb_run_file(run, name);
    if (path == NULL)
        return isb_fail_memory(error, run->path);
    isb_metadata metadata;
    isb_status status = isb_safetensors_read(&run->state, &metadata, path, true, error);
    if (status == ISB_OK)
        status = check_state(run, &metadata, path, error);
    isb_metadata_free(&metadata);
    if (status == ISB_OK) {
        run->state_file = path;
        return ISB_OK;
    }
    free(path);
    isb_tensors_free(&run->state);
    isb_checkpoint_free(&run->checkpoint);
    return status;
}

/* Says in run->note why the newer state was not taken. */
static isb_status note(isb_run *run, const char *reason, isb_error *error) {
    if (asprintf(&run->note, "%s; going on from %s", reason, ISB_RUN_PREVIOUS) < 0) {
        run->note = NULL;
        return isb_fail_memory(error, run->path);
    }
    return ISB_OK;
}

/* ISB_CORRUPT, and no message, where there is none. */
static isb_status load_previous(isb_run *run, const char *reason, isb_error *error) {
    bool there;
    isb_status status = isb_run_has(run->path, ISB_RUN_PREVIOUS, &there, error);
    if (status == ISB_OK && !there)
        return ISB_CORRUPT;
    if (status == ISB_OK)
        status = load(run, ISB_RUN_PREVIOUS, error);
    return status == ISB_OK ? note(run, reason, error) : status;
}

isb_status isb_run_load(isb_run *run, isb_error *error) {
    isb_error first = ISB_ERROR_INIT, second = ISB_ERROR_INIT;
    isb_status status = load(run, ISB_RUN_LAST, &first);
    if (status == ISB_CORRUPT)
        status = load_previous(run, isb_error_text(&first), &second);
    if (status != ISB_OK) {
        isb_fail(error, status, "%s", isb_error_text(&first));
        if (second.count > 0)
            isb_fail(error, status, "%s", isb_error_text(&second));
        if (status == ISB_CORRUPT)
            isb_fail(error, status, "nothing to go on from; start again: %s --force", run->command);
    }
    isb_error_clear(&first);
    isb_error_clear(&second);
    return status;
}
