#include "cli/trained.h"
#include "io/file.h"
#include "io/run_directory.h"
#include <errno.h>
#include <isobit/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

isb_status isb_model_file_read(isb_model_file *out, const char *path, isb_error *error) {
    *out = (isb_model_file){0};
    isb_status status = isb_safetensors_read(&out->tensors, &out->metadata, path, true, error);
    if (status != ISB_OK)
        return status;
    out->experiment = isb_metadata_find(&out->metadata, "experiment");
    if (out->experiment != NULL)
        return ISB_OK;
    isb_model_file_free(out);
    return isb_fail(error, ISB_CORRUPT, "%s: there is no experiment in its metadata", path);
}

void isb_model_file_free(isb_model_file *file) {
    isb_metadata_free(&file->metadata);
    isb_tensors_free(&file->tensors);
    *file = (isb_model_file){0};
}

bool isb_trained_is_run(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static isb_status check_numerics(const isb_trained *t, isb_error *error) {
    size_t numerics;
    if (!isb_metadata_integer(&t->file.metadata, "numerics", &numerics))
        return isb_fail(error, ISB_CORRUPT, "%s: does not say its numerics version", t->path);
    if (numerics != ISB_NUMERICS)
        return isb_fail(
            error, ISB_CORRUPT,
            "%s: trained under numerics version %zu, this is %d: its outputs would have "
            "other bits; use the isobit that trained it, or train it again",
            t->path, numerics, ISB_NUMERICS);
    return ISB_OK;
}

/* Reads the model file at t->path and checks it. */
static isb_status read_file(isb_trained *t, isb_error *error) {
    if (t->path == NULL)
        return isb_fail_memory(error, "a path");
    isb_status status = isb_model_file_read(&t->file, t->path, error);
    if (status == ISB_OK)
        status = check_numerics(t, error);
    if (status == ISB_OK)
        status = isb_weights_sha256(&t->file.tensors, t->weights_sha256, error);
    return status;
}

static isb_status refuse_unfinished(const char *path, const char *command, isb_error *error) {
    isb_fail(error, ISB_FAILURE,
             "%s: is an unfinished run, which has no model yet; finish it:", path);
    return isb_fail(error, ISB_FAILURE, "  %s --resume", command);
}

/* A model put there from another run would answer for this one. */
static isb_status check_identity(const isb_trained *t, const isb_run_record *record,
                                 isb_error *error) {
    const char *data = isb_metadata_find(&t->file.metadata, "data_sha256");
    char *keys = NULL;
    bool same = data != NULL && strcmp(data, record->data_sha256) == 0;
    if (same) {
        const isb_status status =
            isb_experiment_compare(record->experiment, t->file.experiment, &keys, NULL);
        if (status == ISB_NO_MEMORY)
            return isb_fail_memory(error, t->path);
        same = status == ISB_OK && keys[0] == '\0';
    }
    free(keys);
    return same ? ISB_OK : isb_fail(error, ISB_CORRUPT, "%s: is of another run", t->path);
}

/* The stored experiment by itself; what is wrong with it is damage. */
static isb_status parse_stored(isb_trained *t, const char *text, const char *from,
                               isb_error *error) {
    isb_error reasons = ISB_ERROR_INIT;
    isb_status status =
        isb_experiment_parse(&t->experiment, text, strlen(text), from, NULL, 0, &reasons);
    if (status == ISB_USAGE)
        status = ISB_CORRUPT;
    if (status != ISB_OK)
        isb_fail(error, status, "%s", isb_error_text(&reasons));
    isb_error_clear(&reasons);
    return status;
}

static isb_status parse(isb_trained *t, const char *text, const char *from,
                        const isb_setting *settings, size_t setting_count, isb_error *error) {
    if (from == NULL)
        return isb_fail_memory(error, "a path");
    const isb_status status = parse_stored(t, text, from, error);
    if (status != ISB_OK || setting_count == 0)
        return status;
    isb_experiment_free(&t->experiment);
    return isb_experiment_parse(&t->experiment, text, strlen(text), from, settings, setting_count,
                                error);
}

static isb_status read_run(isb_trained *t, const isb_run_record *record, const char *path,
                           const isb_setting *settings, size_t setting_count, isb_error *error) {
    if (t->path != NULL && access(t->path, F_OK) != 0 && errno == ENOENT)
        return refuse_unfinished(path, record->command, error);
    isb_status status = read_file(t, error);
    if (status == ISB_OK)
        status = check_identity(t, record, error);
    if (status != ISB_OK)
        return status;
    memcpy(t->data_sha256, record->data_sha256, sizeof t->data_sha256);
    char *from = isb_path_join(path, ISB_RUN_EXPERIMENT);
    status = parse(t, record->experiment, from, settings, setting_count, error);
    free(from);
    return status;
}

static isb_status read_any(isb_trained *t, const char *path, const isb_setting *settings,
                           size_t setting_count, isb_error *error) {
    if (!t->run) {
        t->path = strdup(path);
        const isb_status status = read_file(t, error);
        return status != ISB_OK
                   ? status
                   : parse(t, t->file.experiment, path, settings, setting_count, error);
    }
    isb_run_record record;
    isb_status status = isb_run_record_read(&record, path, error);
    if (status != ISB_OK)
        return status;
    t->path = isb_path_join(path, ISB_RUN_MODEL);
    status = read_run(t, &record, path, settings, setting_count, error);
    isb_run_record_free(&record);
    return status;
}

isb_status isb_trained_read(isb_trained *out, const char *path, const isb_setting *settings,
                            size_t setting_count, isb_error *error) {
    *out = (isb_trained){.run = isb_trained_is_run(path)};
    const isb_status status = read_any(out, path, settings, setting_count, error);
    if (status != ISB_OK)
        isb_trained_free(out);
    return status;
}

void isb_trained_free(isb_trained *trained) {
    isb_experiment_free(&trained->experiment);
    isb_model_file_free(&trained->file);
    free(trained->path);
    *trained = (isb_trained){0};
}
