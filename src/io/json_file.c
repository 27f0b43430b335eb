#include "io/json_file.h"
#include "io/file.h"
#include "io/json_bounds.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 16 };

static bool of_format(const json_t *object, const char *format) {
    const char *found = json_string_value(json_object_get(object, "format"));
    return found != NULL && strcmp(found, format) == 0;
}

static isb_status take(const isb_json_file *file, const char *text, size_t length, const char *path,
                       isb_error *error) {
    json_error_t problem = {0};
    bool good = false;
    isb_status status = ISB_OK;
    json_t *object = NULL;
    if (isb_json_excess(text, length, MOST_DEPTH, SIZE_MAX) == NULL)
        object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
    if (object == NULL && json_error_code(&problem) == json_error_out_of_memory)
        return isb_fail_memory(error, path);
    if (of_format(object, file->format))
        status = file->take(file->context, object, &good, error);
    json_decref(object);
    if (status != ISB_OK || good)
        return status;
    return isb_fail(error, ISB_CORRUPT, "%s: damaged, or not written by isobit", path);
}

isb_status isb_json_file_read(const isb_json_file *file, const char *path, isb_error *error) {
    char *text;
    size_t length;
    isb_status status = isb_file_read(path, file->most_bytes, &text, &length, ISB_CORRUPT, error);
    if (status != ISB_OK)
        return status;
    status = take(file, text, length, path, error);
    free(text);
    return status;
}
