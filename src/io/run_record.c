/* run.json and experiment.yaml: what a run directory says of itself. */
#include "io/file.h"
#include "io/json_file.h"
#include "io/run_directory.h"
#include "io/run_parts.h"
#include "io/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <isobit/version.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t MOST_FILE = (size_t)1 << 20;

isb_status isb_run_has(const char *directory, const char *name, bool *there, isb_error *error) {
    char *path = isb_path_join(directory, name);
    if (path == NULL)
        return isb_fail_memory(error, directory);
    /* A link that leads nowhere is there: what has this name is not ours to pass over. */
    *there = faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    const int code = *there ? 0 : errno;
    isb_status status = ISB_OK;
    if (code != 0 && code != ENOENT && code != ENOTDIR && code != ELOOP)
        status = isb_fail(error, ISB_FAILURE, "%s: cannot be looked at: %s", path, strerror(code));
    free(path);
    return status;
}

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static bool well_formed(const json_t *object) {
    const char *data = text_of(object, "data_sha256");
    return json_integer_value(json_object_get(object, "numerics")) >= 1 &&
           text_of(object, "version") != NULL && text_of(object, "command") != NULL &&
           data != NULL && isb_sha256_valid(data);
}

static isb_status take_record(void *context, const json_t *object, bool *good, isb_error *error) {
    isb_run_record *out = context;
    *good = well_formed(object);
    if (!*good)
        return ISB_OK;
    out->numerics = (size_t)json_integer_value(json_object_get(object, "numerics"));
    out->version = strdup(text_of(object, "version"));
    out->data_sha256 = strdup(text_of(object, "data_sha256"));
    out->command = strdup(text_of(object, "command"));
    return out->version != NULL && out->data_sha256 != NULL && out->command != NULL
               ? ISB_OK
               : isb_fail_memory(error, "the record of the run");
}

isb_status isb_run_identify(isb_run_record *out, const char *directory, isb_error *error) {
    *out = (isb_run_record){0};
    char *path = isb_path_join(directory, ISB_RUN_RECORD);
    if (path == NULL)
        return isb_fail_memory(error, directory);
    const isb_json_file file = {
        .most_bytes = MOST_FILE, .format = ISB_RUN_FORMAT, .take = take_record, .context = out};
    isb_status status = isb_json_file_read(&file, path, error);
    free(path);
    if (status == ISB_OK)
        status = isb_run_has(directory, ISB_RUN_DONE, &out->finished, error);
    if (status != ISB_OK)
        isb_run_record_free(out);
    return status;
}

static isb_status read_experiment(isb_run_record *out, const char *directory, isb_error *error) {
    char *path = isb_path_join(directory, ISB_RUN_EXPERIMENT);
    if (path == NULL)
        return isb_fail_memory(error, directory);
    size_t length;
    isb_status status =
        isb_file_read(path, MOST_FILE, &out->experiment, &length, ISB_CORRUPT, error);
    free(path);
    return status;
}

isb_status isb_run_record_read(isb_run_record *out, const char *path, isb_error *error) {
    *out = (isb_run_record){0};
    bool there;
    isb_status status = isb_run_has(path, ISB_RUN_RECORD, &there, error);
    if (status != ISB_OK)
        return status;
    if (!there)
        return isb_fail(error, ISB_CORRUPT, "%s: %s", path,
                        access(path, F_OK) == 0
                            ? "is not the directory of a run: it has no " ISB_RUN_RECORD
                            : "does not exist");
    status = isb_run_identify(out, path, error);
    if (status == ISB_OK)
        status = read_experiment(out, path, error);
    if (status != ISB_OK)
        isb_run_record_free(out);
    return status;
}

void isb_run_record_free(isb_run_record *record) {
    free(record->experiment);
    free(record->data_sha256);
    free(record->command);
    free(record->version);
    *record = (isb_run_record){0};
}

isb_status isb_run_record_experiment(const isb_run_record *record, const char *path,
                                     isb_experiment *out, isb_error *error) {
    isb_error reasons = ISB_ERROR_INIT;
    isb_status status = isb_experiment_parse(out, record->experiment, strlen(record->experiment),
                                             path, NULL, 0, &reasons);
    if (status == ISB_USAGE)
        status = isb_fail(error, ISB_CORRUPT, "%s/%s: damaged: %s", path, ISB_RUN_EXPERIMENT,
                          isb_error_text(&reasons));
    else if (status != ISB_OK)
        isb_fail(error, status, "%s", isb_error_text(&reasons));
    isb_error_clear(&reasons);
    return status;
}
