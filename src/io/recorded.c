#include "io/recorded.h"
#include "io/file.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t MOST_FILE = (size_t)1 << 30;
enum { MOST_DEPTH = 4 };

static bool copy_sha256(char out[ISB_SHA256_SIZE], const json_t *value) {
    const char *text = json_string_value(value);
    if (text == NULL || !isb_sha256_valid(text))
        return false;
    memcpy(out, text, ISB_SHA256_SIZE);
    return true;
}

static isb_status read_tensors(isb_recorded_epoch *out, json_t *object, bool *good,
                               isb_error *error) {
    *good = json_object_size(object) > 0;
    if (!*good)
        return ISB_OK;
    out->tensors = calloc(json_object_size(object), sizeof *out->tensors);
    if (out->tensors == NULL)
        return isb_fail_memory(error, "the recorded digests");
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        isb_recorded_tensor *tensor = &out->tensors[out->tensor_count++];
        *good = *good && strlen(name) < sizeof tensor->name && copy_sha256(tensor->sha256, value);
        if (*good)
            memcpy(tensor->name, name, strlen(name) + 1);
    }
    return ISB_OK;
}

static isb_status read_epoch(isb_recorded *out, json_t *line, bool *good, isb_error *error) {
    isb_recorded_epoch *epochs = realloc(out->epochs, (out->count + 1) * sizeof *epochs);
    if (epochs == NULL)
        return isb_fail_memory(error, "the recorded epochs");
    out->epochs = epochs;
    isb_recorded_epoch *epoch = &epochs[out->count++];
    *epoch = (isb_recorded_epoch){0};
    json_t *losses = json_object_get(line, "losses");
    const json_int_t number = json_integer_value(json_object_get(line, "epoch"));
    const json_int_t stretch = json_integer_value(json_object_get(losses, "stretch"));
    const char *trace = json_string_value(json_object_get(losses, "crc32"));
    *good = number > 0 && (size_t)number == out->count && stretch > 0 && trace != NULL &&
            copy_sha256(epoch->weights_sha256, json_object_get(line, "weights_sha256"));
    if (!*good)
        return ISB_OK;
    epoch->stretch = (size_t)stretch;
    epoch->trace = strdup(trace);
    if (epoch->trace == NULL)
        return isb_fail_memory(error, "the recorded losses");
    return read_tensors(epoch, json_object_get(line, "tensors"), good, error);
}

/* jansson recurses: deep nesting, which no event has, is refused before. */
static bool too_deep(const char *line, size_t length) {
    int depth = 0;
    for (size_t i = 0; i < length; i++) {
        depth += (line[i] == '{' || line[i] == '[') - (line[i] == '}' || line[i] == ']');
        if (depth > MOST_DEPTH)
            return true;
    }
    return false;
}

static isb_status read_line(isb_recorded *out, const char *line, size_t length, bool *good,
                            isb_error *error) {
    json_error_t problem = {0};
    *good = !too_deep(line, length);
    json_t *object = *good ? json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem) : NULL;
    if (*good && object == NULL && json_error_code(&problem) == json_error_out_of_memory)
        return isb_fail_memory(error, "the recorded events");
    const char *event = json_string_value(json_object_get(object, "event"));
    isb_status status = ISB_OK;
    *good = event != NULL;
    if (*good && strcmp(event, "start") == 0)
        *good = copy_sha256(out->start_sha256, json_object_get(object, "weights_sha256"));
    else if (*good && strcmp(event, "epoch") == 0)
        status = read_epoch(out, object, good, error);
    json_decref(object);
    return status;
}

static isb_status read_lines(isb_recorded *out, const char *text, const char *path,
                             isb_error *error) {
    size_t number = 0;
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        bool good;
        number++;
        isb_status status = read_line(out, text, (size_t)(end - text), &good, error);
        if (status != ISB_OK)
            return status;
        if (!good)
            return isb_fail(error, ISB_CORRUPT, "%s:%zu: damaged: not the event that belongs here",
                            path, number);
    }
    if (out->start_sha256[0] == '\0')
        return isb_fail(error, ISB_CORRUPT, "%s: damaged: it has no start", path);
    return ISB_OK;
}

isb_status isb_recorded_read(isb_recorded *out, const char *path, isb_error *error) {
    char *text;
    size_t length;
    *out = (isb_recorded){0};
    isb_status status = isb_file_read(path, MOST_FILE, &text, &length, ISB_CORRUPT, error);
    if (status != ISB_OK)
        return status;
    if (strlen(text) != length)
        status = isb_fail(error, ISB_CORRUPT, "%s: damaged: holds a NUL byte", path);
    else
        status = read_lines(out, text, path, error);
    free(text);
    return status;
}

void isb_recorded_free(isb_recorded *recorded) {
    for (size_t i = 0; i < recorded->count; i++) {
        free(recorded->epochs[i].tensors);
        free(recorded->epochs[i].trace);
    }
    free(recorded->epochs);
    *recorded = (isb_recorded){0};
}
