#include "io/json_lines.h"
#include "io/file.h"
#include "io/json_bounds.h"
#include <stdlib.h>
#include <string.h>

typedef enum verdict { GOOD, WRONG, NO_JSON } verdict;

static isb_status take_line(const isb_json_lines *lines, const char *line, size_t length,
                            const char *path, verdict *found, isb_error *error) {
    json_error_t problem = {0};
    bool good;
    *found = NO_JSON;
    if (isb_json_excess(line, length, lines->most_depth, lines->most_parts) != NULL)
        return ISB_OK;
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
    if (object == NULL)
        return json_error_code(&problem) == json_error_out_of_memory ? isb_fail_memory(error, path)
                                                                     : ISB_OK;
    const isb_status status = lines->take(lines->context, object, &good, error);
    *found = good ? GOOD : WRONG;
    json_decref(object);
    return status;
}

static isb_status take_lines(const isb_json_lines *lines, const char *text, size_t length,
                             const char *path, isb_json_extent *extent, isb_error *error) {
    const char *end;
    size_t number = 1;
    for (; (end = memchr(text + extent->length, '\n', length - extent->length)) != NULL; number++) {
        const char *line = text + extent->length;
        verdict found;
        isb_status status = take_line(lines, line, (size_t)(end - line), path, &found, error);
        if (status != ISB_OK)
            return status;
        if (found == NO_JSON && (end + 1 == text + length || extent->length >= lines->sure))
            break;
        if (found != GOOD)
            return isb_fail(error, ISB_CORRUPT, "%s:%zu: damaged: not %s", path, number,
                            lines->what);
        extent->length = (size_t)(end + 1 - text);
    }
    extent->cut = extent->length < length ? number : 0;
    return ISB_OK;
}

isb_status isb_json_lines_read(const isb_json_lines *lines, const char *path,
                               isb_json_extent *extent, isb_error *error) {
    char *text;
    size_t size;
    *extent = (isb_json_extent){0};
    isb_status status = isb_file_read(path, lines->most_bytes, &text, &size, ISB_CORRUPT, error);
    if (status != ISB_OK)
        return status;
    status = take_lines(lines, text, size, path, extent, error);
    free(text);
    return status;
}
