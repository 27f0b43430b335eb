#include "io/recorded.h"
#include "base/room.h"
#include "io/json_lines.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    isb_recorded_epoch *epochs = isb_room_for_more(out->epochs, out->count, sizeof *epochs);
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

static isb_status take_event(void *context, json_t *object, bool *good, isb_error *error) {
    isb_recorded *out = context;
    const char *event = json_string_value(json_object_get(object, "event"));
    *good = event != NULL;
    if (*good && strcmp(event, "start") == 0)
        *good = copy_sha256(out->start_sha256, json_object_get(object, "weights_sha256"));
    else if (*good && strcmp(event, "epoch") == 0)
        return read_epoch(out, object, good, error);
    out->finished = *good && strcmp(event, "finish") == 0;
    return ISB_OK;
}

isb_status isb_recorded_read(isb_recorded *out, const char *path, size_t sure, isb_error *error) {
    *out = (isb_recorded){0};
    const isb_json_lines lines = {.most_bytes = (size_t)1 << 30,
                                  .most_depth = 4,
                                  .most_parts = (size_t)1 << 20,
                                  .sure = sure,
                                  .what = "the event that belongs here",
                                  .take = take_event,
                                  .context = out};
    isb_json_extent extent;
    const isb_status status = isb_json_lines_read(&lines, path, &extent, error);
    out->cut = extent.cut;
    if (status != ISB_OK)
        return status;
    if (sure == SIZE_MAX ? out->cut > 0 || !out->finished : extent.length < sure)
        return isb_fail(error, ISB_CORRUPT, "%s: damaged: its end is missing", path);
    if (out->start_sha256[0] == '\0' && (sure > 0 || out->count > 0))
        return isb_fail(error, ISB_CORRUPT, "%s: damaged: it has no start", path);
    return ISB_OK;
}

void isb_recorded_free(isb_recorded *recorded) {
    for (size_t i = 0; i < recorded->count; i++) {
        free(recorded->epochs[i].tensors);
        free(recorded->epochs[i].trace);
    }
    free(recorded->epochs);
    *recorded = (isb_recorded){0};
}
