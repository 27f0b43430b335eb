#include "io/json_lines.h"
#include "io/file.h"
#include "io/json_bounds.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static isb_status take_line(const isb_json_lines *lines, const char *line, size_t length,
                            const char *path, bool *good, isb_error *error) {
    json_error_t problem = {0};
    *good = false;
    if (isb_json_excess(line, length, lines->most_depth, SIZE_MAX) != NULL)
        return ISB_OK;
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
    if (object == NULL)
        return json_error_code(&problem) == json_error_out_of_memory ? isb_fail_memory(error, path)
                                                                     : ISB_OK;
    const isb_status status = lines->take(lines->context, object, good, error);
    json_decref(object);
    return status;
}

static isb_status take_lines(const isb_json_lines *lines, const char *text, const char *path,
                             isb_error *error) {
    size_t number = 0;
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        bool good;
        number++;
        isb_status status = take_line(lines, text, (size_t)(end - text), path, &good, error);
        if (status != ISB_OK)
            return status;
        if (!good)
            return isb_fail(error, ISB_CORRUPT, "%s:%zu: damaged: not %s", path, number,
                            lines->what);
    }
    return ISB_OK;
}

isb_status isb_json_lines_read(const isb_json_lines *lines, const char *path, isb_error *error) {
    char *text;
    size_t length;
    isb_status status = isb_file_read(path, lines->most_bytes, &text, &length, ISB_CORRUPT, error);
    if (status != ISB_OK)
        return status;
    if (strlen(text) != length)
        status = isb_fail(error, ISB_CORRUPT, "%s: damaged: holds a NUL byte", path);
    else
        status = take_lines(lines, text, path, error);
    free(text);
    return status;
}
