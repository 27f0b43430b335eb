#include "io/events.h"
#include "io/sha256.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "2026-01-31T12:00:00.123Z" */
static void put_time(isb_json *json) {
    struct timespec now;
    struct tm utc;
    char date[40], text[64];
    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc) == NULL || strftime(date, sizeof date, "%FT%T", &utc) == 0) {
        isb_json_null(json, "time");
        return;
    }
    snprintf(text, sizeof text, "%s.%03ldZ", date, now.tv_nsec / 1000000);
    isb_json_string(json, "time", text);
}

void isb_event_begin(isb_json *json, const char *event) {
    *json = (isb_json)ISB_JSON_INIT;
    isb_json_object(json, NULL);
    isb_json_string(json, "event", event);
    put_time(json);
}

isb_status isb_event_end(isb_json *json, isb_text *lines, isb_error *error) {
    char *text;
    isb_json_end_object(json);
    isb_status status = isb_json_finish(json, &text, error);
    if (status != ISB_OK)
        return status;
    isb_text_add(lines, text);
    isb_text_add(lines, "\n");
    free(text);
    return lines->failed ? isb_fail_memory(error, "the events of the run") : ISB_OK;
}

static void put_score(isb_json *json, const char *prefix, const isb_score *score,
                      isb_measure_set measures) {
    char key[40];
    for (int m = 0; score->present && m < ISB_MEASURES; m++) {
        const isb_measure measure = (isb_measure)m;
        snprintf(key, sizeof key, "%s%s", prefix, isb_measure_name(measure));
        if (isb_measures_have(measures, measure))
            isb_json_double(json, key, isb_score_value(score, measure));
    }
}

static isb_status put_digests(isb_json *json, const isb_tensors *state, isb_error *error) {
    char hex[ISB_SHA256_SIZE];
    isb_sha256 hash;
    isb_sha256_open(&hash);
    isb_json_object(json, "tensors");
    for (size_t i = 0; i < state->count; i++) {
        const isb_tensor *tensor = &state->items[i];
        if (!isb_tensor_is_weights(tensor->name))
            continue;
        isb_sha256_add(&hash, tensor->data, isb_shape_size(tensor->shape) * sizeof(float));
        isb_sha256_peek(&hash, hex);
        isb_json_string(json, tensor->name, hex);
    }
    isb_json_end_object(json);
    isb_status status = isb_sha256_close(&hash, hex, error);
    isb_json_string(json, "weights_sha256", hex);
    return status;
}

isb_status isb_event_epoch(const isb_epoch_event *epoch, const isb_tensors *state, isb_text *lines,
                           isb_error *error) {
    const isb_epoch_result *result = epoch->result;
    isb_json json;
    isb_event_begin(&json, "epoch");
    isb_json_unsigned(&json, "epoch", result->epoch);
    isb_json_unsigned(&json, "steps", result->steps);
    put_score(&json, "", &result->train, epoch->measures);
    put_score(&json, "train_eval_", &result->train_eval, epoch->measures);
    put_score(&json, "val_", &result->validation, epoch->measures);
    isb_json_double(&json, "learning_rate", result->learning_rate);
    isb_json_double(&json, "seconds", epoch->seconds);
    isb_status status = put_digests(&json, state, error);
    isb_json_object(&json, "losses");
    isb_json_unsigned(&json, "stretch", epoch->stretch);
    isb_json_string(&json, "crc32", epoch->trace);
    isb_json_end_object(&json);
    if (status == ISB_OK)
        return isb_event_end(&json, lines, error);
    free(json.text.data);
    return status;
}
