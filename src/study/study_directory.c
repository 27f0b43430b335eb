#include "study/study_directory.h"
#include "io/directory.h"
#include "io/file.h"
#include "io/json.h"
#include "io/json_file.h"
#include "io/sha256.h"
#include <errno.h>
#include <isobit/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMAT "isobit study"
static const size_t MOST_FILE = (size_t)4 << 20;

/* --- study.json --- */

static char *copy(const json_t *value) {
    const char *text = json_string_value(value);
    return text == NULL ? NULL : strdup(text);
}

/* Lists of texts in lists, as many as there are; false where one is missing. */
static bool read_settings(isb_study_origin *out, const json_t *list) {
    out->settings = calloc(json_array_size(list) + 1, sizeof *out->settings);
    for (size_t i = 0; out->settings != NULL && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        isb_setting *setting = &out->settings[out->setting_count++];
        setting->option = copy(json_array_get(item, 0));
        setting->key = copy(json_array_get(item, 1));
        setting->value = copy(json_array_get(item, 2));
        if (setting->option == NULL || setting->key == NULL || setting->value == NULL)
            return false;
    }
    return out->settings != NULL;
}

static bool take_digest(const json_t *item, char sha256[ISB_SHA256_SIZE]) {
    const char *text = json_string_value(json_object_get(item, "sha256"));
    if (text == NULL || !isb_sha256_valid(text))
        return false;
    memcpy(sha256, text, ISB_SHA256_SIZE);
    return true;
}

static bool read_data(isb_study_data *out, const json_t *list) {
    const size_t count = json_array_size(list);
    out->sets = calloc(count + 1, sizeof *out->sets);
    bool good = out->sets != NULL;
    for (size_t i = 0; good && i < count; i++) {
        const json_t *item = json_array_get(list, i);
        isb_study_set *set = &out->sets[out->count++];
        set->dataset.source = copy(json_object_get(item, "source"));
        const json_t *form = json_object_get(item, "form");
        set->form = form == NULL ? strdup("") : copy(form);
        good = set->dataset.source != NULL && set->form != NULL &&
               take_digest(item, set->dataset.sha256);
    }
    return good;
}

static bool read_weights(isb_study_data *out, const json_t *list) {
    const size_t count = json_array_size(list);
    out->weights = calloc(count + 1, sizeof *out->weights);
    bool good = out->weights != NULL;
    for (size_t i = 0; good && i < count; i++) {
        const json_t *item = json_array_get(list, i);
        isb_study_weights *weights = &out->weights[out->weights_count++];
        weights->path = copy(json_object_get(item, "file"));
        good = weights->path != NULL && take_digest(item, weights->sha256);
    }
    return good;
}

static isb_status take_record(void *context, const json_t *object, bool *good, isb_error *error) {
    isb_study_origin *out = context;
    (void)error;
    out->file = copy(json_object_get(object, "file"));
    out->folder = copy(json_object_get(object, "folder"));
    out->command = copy(json_object_get(object, "command"));
    out->seconds = json_number_value(json_object_get(object, "time"));
    *good = out->file != NULL && out->command != NULL &&
            read_settings(out, json_object_get(object, "settings")) &&
            read_data(&out->data, json_object_get(object, "data")) &&
            read_weights(&out->data, json_object_get(object, "weights"));
    return ISB_OK;
}

isb_status isb_study_origin_read(isb_study_origin *out, const char *directory, isb_error *error) {
    *out = (isb_study_origin){0};
    char *path = isb_path_join(directory, ISB_STUDY_RECORD);
    if (path == NULL)
        return isb_fail_memory(error, directory);
    const isb_json_file file = {
        .most_bytes = MOST_FILE, .format = FORMAT, .take = take_record, .context = out};
    isb_status status = ISB_OK;
    if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        status =
            isb_fail(error, ISB_CORRUPT,
                     "%s: is not the directory of a study: it has no " ISB_STUDY_RECORD, directory);
    else
        status = isb_json_file_read(&file, path, error);
    free(path);
    if (status != ISB_OK)
        isb_study_origin_free(out);
    return status;
}

void isb_study_origin_free(isb_study_origin *origin) {
    for (size_t i = 0; i < origin->setting_count; i++) {
        free((char *)(uintptr_t)origin->settings[i].option);
        free((char *)(uintptr_t)origin->settings[i].key);
        free((char *)(uintptr_t)origin->settings[i].value);
    }
    isb_study_data_free(&origin->data);
    free(origin->settings);
    free(origin->file);
    free(origin->folder);
    free(origin->command);
    *origin = (isb_study_origin){0};
}

static void put_settings(isb_json *json, const isb_study_origin *origin) {
    isb_json_array(json, "settings");
    for (size_t i = 0; i < origin->setting_count; i++) {
        isb_json_array(json, NULL);
        isb_json_string(json, NULL, origin->settings[i].option);
        isb_json_string(json, NULL, origin->settings[i].key);
        isb_json_string(json, NULL, origin->settings[i].value);
        isb_json_end_array(json);
    }
    isb_json_end_array(json);
}

static void put_data(isb_json *json, const isb_study_data *data) {
    isb_json_array(json, "data");
    for (size_t i = 0; i < data->count; i++) {
        isb_json_object(json, NULL);
        isb_json_string(json, "source", data->sets[i].dataset.source);
        isb_json_string(json, "form", data->sets[i].form);
        isb_json_string(json, "sha256", data->sets[i].dataset.sha256);
        isb_json_end_object(json);
    }
    isb_json_end_array(json);
    isb_json_array(json, "weights");
    for (size_t i = 0; i < data->weights_count; i++) {
        isb_json_object(json, NULL);
        isb_json_string(json, "file", data->weights[i].path);
        isb_json_string(json, "sha256", data->weights[i].sha256);
        isb_json_end_object(json);
    }
    isb_json_end_array(json);
}

isb_status isb_study_directory_record(const isb_study_directory *directory,
                                      const isb_study_origin *origin, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "format", FORMAT);
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_unsigned(&json, "numerics", ISB_NUMERICS);
    isb_json_string(&json, "file", origin->file);
    isb_json_string(&json, "folder", origin->folder);
    isb_json_string(&json, "command", origin->command);
    isb_json_double(&json, "time", origin->seconds);
    put_settings(&json, origin);
    put_data(&json, &origin->data);
    isb_json_end_object(&json);
    char *text;
    isb_status status = isb_json_finish(&json, &text, error);
    if (status == ISB_OK)
        status = isb_study_directory_write(directory, ISB_STUDY_RECORD, text, error);
    free(text);
    return status;
}

/* --- the directory --- */

static isb_status refuse(const char *path, isb_error *error) {
    return isb_fail(error, ISB_USAGE,
                    "%s: is not empty and not the directory of a study, so nothing is written "
                    "there; choose another directory with --run DIR",
                    path);
}

static isb_status check_own(isb_study_directory *directory, isb_error *error) {
    isb_study_origin origin;
    isb_error reasons = ISB_ERROR_INIT;
    isb_status status = isb_study_origin_read(&origin, directory->path, &reasons);
    directory->before = origin.file;
    origin.file = NULL;
    isb_study_origin_free(&origin);
    if (status == ISB_CORRUPT)
        status = refuse(directory->path, error);
    else if (status != ISB_OK)
        isb_fail(error, status, "%s", isb_error_text(&reasons));
    isb_error_clear(&reasons);
    return status;
}

/* "007.yaml" */
static bool is_variant(const char *name) {
    const size_t digits = strspn(name, "0123456789");
    return digits >= 3 && strcmp(name + digits, ".yaml") == 0;
}

/* study.json stays until the next one takes its place: the directory is known for what it is. */
static isb_status clear(const isb_study_directory *directory, isb_error *error) {
    static const char *const names[] = {ISB_STUDY_REPORT,  ISB_STUDY_PLOT,    ISB_STUDY_RESULT,
                                        ISB_STUDY_SUMMARY, ISB_STUDY_RESULTS, ISB_STUDY_JOURNAL};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (unlinkat(directory->lock, names[i], 0) != 0 && errno != ENOENT)
            return isb_fail(error, ISB_FAILURE, "%s/%s: cannot be removed: %s", directory->path,
                            names[i], strerror(errno));
    fsync(directory->lock);
    isb_directory_clear(directory->path, ISB_STUDY_VARIANTS, is_variant);
    return ISB_OK;
}

static isb_status open_locked(isb_study_directory *out, bool force, isb_error *error) {
    bool empty;
    isb_status status = isb_directory_create(out->path, error);
    if (status == ISB_OK)
        status = isb_directory_lock(out->path, &out->lock, error);
    if (status == ISB_OK && out->lock < 0)
        status = isb_fail(error, ISB_FAILURE, "%s: was removed by another process", out->path);
    if (status == ISB_OK)
        status = isb_directory_all(out->path, isb_file_is_temporary, &empty, error);
    if (status == ISB_OK && !empty)
        status = check_own(out, error);
    if (status == ISB_OK && force)
        status = clear(out, error);
    if (status == ISB_OK)
        isb_directory_sweep(out->path);
    return status;
}

isb_status isb_study_directory_open(isb_study_directory *out, const char *path, bool force,
                                    isb_error *error) {
    *out = (isb_study_directory){.path = strdup(path), .lock = -1};
    isb_status status =
        out->path == NULL ? isb_fail_memory(error, path) : open_locked(out, force, error);
    if (status != ISB_OK)
        isb_study_directory_close(out);
    return status;
}

void isb_study_directory_close(isb_study_directory *directory) {
    if (directory->lock >= 0)
        close(directory->lock);
    free(directory->path);
    free(directory->before);
    *directory = (isb_study_directory){.lock = -1};
}

isb_status isb_study_directory_write(const isb_study_directory *directory, const char *name,
                                     const char *text, isb_error *error) {
    char *path = isb_path_join(directory->path, name);
    if (path == NULL)
        return isb_fail_memory(error, directory->path);
    const isb_bytes pieces[] = {{text, strlen(text)},
                                {"\n", text[0] != '\0' && text[strlen(text) - 1] == '\n' ? 0 : 1}};
    isb_status status = isb_file_write(path, pieces, 2, error);
    free(path);
    return status;
}

char *isb_study_variant_file(const isb_study_directory *directory, size_t variant) {
    char *path;
    const int length =
        asprintf(&path, "%s/%s/%03zu.yaml", directory->path, ISB_STUDY_VARIANTS, variant);
    return length < 0 ? NULL : path;
}

isb_status isb_study_directory_variants(const isb_study_directory *directory,
                                        const isb_study *study, isb_error *error) {
    isb_directory_clear(directory->path, ISB_STUDY_VARIANTS, is_variant); /* there may be fewer */
    char *folder = isb_path_join(directory->path, ISB_STUDY_VARIANTS);
    isb_status status = folder == NULL ? isb_fail_memory(error, directory->path)
                                       : isb_directory_create(folder, error);
    free(folder);
    for (size_t v = 0; v < study->variant_count && status == ISB_OK; v++) {
        const isb_bytes text = {study->variants[v].experiment,
                                strlen(study->variants[v].experiment)};
        char *path = isb_study_variant_file(directory, v);
        status = path == NULL ? isb_fail_memory(error, directory->path)
                              : isb_file_write(path, &text, 1, error);
        free(path);
    }
    return status;
}
