/* What a run recorded of itself, as far as it went. */
#include "io/file.h"
#include "io/recorded.h"
#include "io/run_parts.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes of events.jsonl had reached the disk when the newest state that is whole was
 * saved; 0 where there is none. */
static isb_status find_sure(const isb_run_record *record, const char *directory, size_t *bytes,
                            isb_error *error) {
    isb_error reasons = ISB_ERROR_INIT;
    isb_run run = {.path = strdup(directory),
                   .experiment = record->experiment,
                   .data_sha256 = record->data_sha256,
                   .command = record->command};
    isb_status status =
        run.path == NULL ? isb_fail_memory(&reasons, directory) : isb_run_load(&run, &reasons);
    *bytes = status == ISB_OK ? run.checkpoint.events : 0;
    if (status == ISB_CORRUPT)
        status = ISB_OK;
    else if (status != ISB_OK)
        isb_fail(error, status, "%s", isb_error_text(&reasons));
    isb_error_clear(&reasons);
    isb_tensors_free(&run.state);
    isb_checkpoint_free(&run.checkpoint);
    free(run.path);
    free(run.state_file);
    free(run.note);
    return status;
}

/* Whether there is anything to compare with where no state was saved: a run that is being replaced
 * may lack the one or the other. */
static isb_status find_files(const char *directory, bool *there, isb_error *error) {
    isb_status status = isb_run_has(directory, ISB_RUN_EVENTS, there, error);
    return status == ISB_OK && *there ? isb_run_has(directory, ISB_RUN_HISTORY, there, error)
                                      : status;
}

isb_status isb_run_recorded(isb_recorded *out, const isb_run_record *record, const char *directory,
                            isb_error *error) {
    *out = (isb_recorded){0};
    size_t sure = SIZE_MAX;
    bool there = true;
    isb_status status = record->finished ? ISB_OK : find_sure(record, directory, &sure, error);
    if (status == ISB_OK && sure == 0)
        status = find_files(directory, &there, error);
    if (status != ISB_OK || !there)
        return status;
    char *path = isb_path_join(directory, ISB_RUN_EVENTS);
    if (path == NULL)
        return isb_fail_memory(error, directory);
    status = isb_recorded_read(out, path, sure, error);
    free(path);
    return status;
}
