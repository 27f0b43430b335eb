/* Whether and how a run may start. */
#include "io/run_directory.h"
#include "io/directory.h"
#include "io/file.h"
#include "io/run_parts.h"
#include "io/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *isb_run_file(const isb_run *run, const char *name) { return isb_path_join(run->path, name); }

bool isb_run_is_litter(const char *name) { return isb_file_is_temporary(name); }

/* A run that was stopped between writing run.json and experiment.yaml holds nothing of worth. */
static bool is_stub(const char *name) {
    return isb_run_is_litter(name) || strcmp(name, ISB_RUN_RECORD) == 0;
}

static isb_status refuse_foreign(const char *path, isb_error *error) {
    return isb_fail(error, ISB_USAGE,
                    "%s: is not empty and not the directory of a run, so nothing is written "
                    "there; choose another directory with --run DIR",
                    path);
}

static isb_status refuse_unfinished(const isb_run *run, isb_error *error) {
    isb_fail(
        error, ISB_USAGE,
        "%s: holds an unfinished run of this experiment; go on with it or start again:", run->path);
    isb_fail(error, ISB_USAGE, "  %s --resume", run->command);
    return isb_fail(error, ISB_USAGE, "  %s --force", run->command);
}

/* The keys, one a line, and the data as a list with commas. */
static isb_text list_differences(const char *keys, bool data) {
    isb_text list = {0};
    isb_text_add(&list, "");
    for (size_t length; keys[0] != '\0'; keys += length + (keys[length] == '\n')) {
        length = strcspn(keys, "\n");
        isb_text_add(&list, list.length > 0 ? ", " : "");
        isb_text_add_bytes(&list, keys, length);
    }
    if (data)
        isb_text_add(&list, list.length > 0 ? ", data (SHA-256)" : "data (SHA-256)");
    return list;
}

static isb_status refuse_different(const isb_run *run, const char *keys, bool data,
                                   isb_error *error) {
    isb_text list = list_differences(keys, data);
    if (list.failed) {
        free(list.data);
        return isb_fail_memory(error, run->path);
    }
    isb_fail(error, ISB_USAGE, "%s: holds a run of another experiment; these differ: %s", run->path,
             list.data);
    free(list.data);
    isb_fail(error, ISB_USAGE, "choose another directory with --run DIR, or replace that run:");
    return isb_fail(error, ISB_USAGE, "  %s --force", run->command);
}

/* Whether the run went beyond the epochs that are asked for. */
static bool beyond(const isb_position *position, size_t asked) {
    return position->epochs > asked || (position->epochs == asked && position->step > 0);
}

static isb_status refuse_fewer(const isb_run *run, size_t asked, isb_error *error) {
    const isb_position *position = &run->checkpoint.position;
    char steps[48] = "";
    if (position->step > 0)
        snprintf(steps, sizeof steps, " and %zu steps", position->step);
    return isb_fail(error, ISB_USAGE,
                    "%s: %zu epochs%s are done already and %zu are asked for; ask for more with "
                    "--set fit.epochs=N, or choose another directory with --run DIR",
                    run->path, position->epochs, steps, asked);
}

static isb_status fail_damaged(const isb_run *run, const char *what, isb_error *error) {
    isb_fail(error, ISB_CORRUPT,
             "%s/%s: %s; choose another directory with --run DIR, or replace "
             "that run:",
             run->path, ISB_RUN_EXPERIMENT, what);
    return isb_fail(error, ISB_CORRUPT, "  %s --force", run->command);
}

/* Goes on with a run of the same identity. */
static isb_status decide_resume(isb_run *run, const isb_run_record *record, size_t asked,
                                isb_error *error) {
    run->start = ISB_RUN_CONTINUE;
    bool last, previous;
    isb_status status = isb_run_has(run->path, ISB_RUN_LAST, &last, error);
    if (status == ISB_OK)
        status = isb_run_has(run->path, ISB_RUN_PREVIOUS, &previous, error);
    if (status != ISB_OK || (!last && !previous && !record->finished))
        return status;
    status = isb_run_load(run, error);
    if (status == ISB_OK && beyond(&run->checkpoint.position, asked))
        status = refuse_fewer(run, asked, error);
    return status;
}

static isb_status decide_same(isb_run *run, const isb_run_record *record,
                              const isb_run_request *request, isb_error *error) {
    if (request->mode == ISB_RUN_RESUME)
        return decide_resume(run, record, request->epochs, error);
    if (!record->finished)
        return refuse_unfinished(run, error);
    run->start = ISB_RUN_REPLACE;
    return ISB_OK;
}

static isb_status compare(isb_run *run, const isb_run_record *record,
                          const isb_run_request *request, isb_error *error) {
    char *keys = NULL;
    isb_status status =
        isb_experiment_compare(record->experiment, request->experiment, &keys, NULL);
    if (status == ISB_NO_MEMORY)
        return isb_fail_memory(error, run->path);
    if (status != ISB_OK)
        return fail_damaged(run, "damaged", error);
    bool data = strcmp(record->data_sha256, request->data_sha256) != 0;
    if (data || keys[0] != '\0')
        status = refuse_different(run, keys, data, error);
    else
        status = decide_same(run, record, request, error);
    free(keys);
    return status;
}

/* A run.json that can be read but is none of ours makes the directory a foreign one. */
static isb_status identify_own(const isb_run *run, isb_error *error) {
    isb_error reasons = ISB_ERROR_INIT;
    isb_run_record record;
    isb_status status = isb_run_identify(&record, run->path, &reasons);
    if (status == ISB_CORRUPT)
        refuse_foreign(run->path, error);
    else if (status != ISB_OK)
        isb_fail(error, status, "%s", isb_error_text(&reasons));
    isb_run_record_free(&record);
    isb_error_clear(&reasons);
    return status == ISB_CORRUPT ? ISB_USAGE : status;
}

/* The directory has the mark of a run. */
static isb_status decide_own(isb_run *run, const isb_run_request *request, isb_error *error) {
    isb_run_record record;
    bool stub, there;
    isb_status status = identify_own(run, error);
    if (status == ISB_OK)
        status = isb_directory_all(run->path, is_stub, &stub, error);
    if (status != ISB_OK)
        return status;
    run->start = ISB_RUN_REPLACE;
    if (stub || request->mode == ISB_RUN_FORCE)
        return ISB_OK;
    status = isb_run_has(run->path, ISB_RUN_EXPERIMENT, &there, error);
    if (status != ISB_OK)
        return status;
    if (!there)
        return fail_damaged(run, "does not exist", error);
    status = isb_run_record_read(&record, run->path, error);
    if (status == ISB_OK)
        status = compare(run, &record, request, error);
    isb_run_record_free(&record);
    return status;
}

static isb_status decide(isb_run *run, const isb_run_request *request, isb_error *error) {
    isb_status status = isb_directory_lock(run->path, &run->lock, error);
    if (status != ISB_OK || run->lock < 0)
        return status;
    bool empty, there;
    status = isb_directory_all(run->path, isb_run_is_litter, &empty, error);
    if (status != ISB_OK || empty)
        return status;
    status = isb_run_has(run->path, ISB_RUN_RECORD, &there, error);
    if (status != ISB_OK)
        return status;
    if (!there)
        return refuse_foreign(run->path, error);
    return decide_own(run, request, error);
}

isb_status isb_run_open(isb_run *run, const isb_run_request *request, isb_error *error) {
    *run = (isb_run){.start = ISB_RUN_NEW,
                     .path = strdup(request->path),
                     .experiment = strdup(request->experiment),
                     .preprocessing = request->preprocessing != NULL
                                          ? strdup(request->preprocessing)
                                          : NULL,
                     .data_sha256 = strdup(request->data_sha256),
                     .command = strdup(request->command),
                     .lock = -1};
    isb_status status;
    if (run->path == NULL || run->experiment == NULL || run->data_sha256 == NULL ||
        run->command == NULL || (request->preprocessing != NULL && run->preprocessing == NULL))
        status = isb_fail_memory(error, request->path);
    else
        status = decide(run, request, error);
    if (status != ISB_OK)
        isb_run_close(run);
    return status;
}

void isb_run_close(isb_run *run) {
    if (run->lock >= 0)
        close(run->lock);
    isb_tensors_free(&run->state);
    isb_checkpoint_free(&run->checkpoint);
    free(run->path);
    free(run->state_file);
    free(run->note);
    free(run->experiment);
    free(run->preprocessing);
    free(run->data_sha256);
    free(run->command);
    *run = (isb_run){.lock = -1};
}
