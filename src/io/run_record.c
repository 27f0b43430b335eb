/* run.json and experiment.yaml: what a run directory says of itself. */
#include "io/file.h"
#include "io/run_directory.h"
#include "io/run_parts.h"
#include "io/sha256.h"
#include <errno.h>
#include <isobit/version.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t MOST_FILE = (size_t)1 << 20;

bool isb_run_has(const char *directory, const char *name) {
    char *path = isb_path_join(directory, name);
    bool there = path != NULL && access(path, F_OK) == 0;
    free(path);
    return there;
}

/* A copy of the string member `key`; NULL where it is missing. */
static char *copy_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? NULL : strdup(text);
}

static bool fill(isb_run_record *out, const json_t *object) {
    const char *format = json_string_value(json_object_get(object, "format"));
    json_int_t numerics = json_integer_value(json_object_get(object, "numerics"));
    if (format == NULL || strcmp(format, ISB_RUN_FORMAT) != 0 || numerics < 1)
        return false;
    out->numerics = (size_t)numerics;
    out->version = copy_text(object, "version");
    out->data_sha256 = copy_text(object, "data_sha256");
    out->command = copy_text(object, "command");
    return out->version != NULL && out->command != NULL && out->data_sha256 != NULL &&
           isb_sha256_valid(out->data_sha256);
}

static isb_status read_json(isb_run_record *out, const char *path, isb_error *error) {
    char *text;
    size_t length;
    isb_status status = isb_file_read(path, MOST_FILE, &text, &length, ISB_CORRUPT, error);
    if (status != ISB_OK)
        return status;
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    bool good = json_is_object(object) && fill(out, object);
    json_decref(object);
    if (!good)
        return isb_fail(error, ISB_CORRUPT, "%s: damaged, or not written by isobit", path);
    return ISB_OK;
}

isb_status isb_run_identify(isb_run_record *out, const char *directory, isb_error *error) {
    *out = (isb_run_record){0};
    char *path = isb_path_join(directory, ISB_RUN_RECORD);
    if (path == NULL)
        return isb_fail_memory(error, directory);
    isb_status status = read_json(out, path, error);
    free(path);
    if (status != ISB_OK)
        isb_run_record_free(out);
    else
        out->finished = isb_run_has(directory, ISB_RUN_DONE);
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
    if (!isb_run_has(path, ISB_RUN_RECORD))
        return isb_fail(error, ISB_CORRUPT, "%s: %s", path,
                        access(path, F_OK) == 0
                            ? "is not the directory of a run: it has no " ISB_RUN_RECORD
                            : "does not exist");
    isb_status status = isb_run_identify(out, path, error);
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
