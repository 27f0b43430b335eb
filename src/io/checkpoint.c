#include "io/checkpoint.h"
#include "base/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 64 };

void isb_checkpoint_free(isb_checkpoint *checkpoint) {
    free(checkpoint->trace);
    *checkpoint = (isb_checkpoint){0};
}

const char *isb_callback_prefix(isb_callback_kind kind, char out[ISB_CALLBACK_PREFIX_SIZE]) {
    snprintf(out, ISB_CALLBACK_PREFIX_SIZE, "callback.%s.", isb_callback_name(kind));
    return out;
}

/* "callback.early_stopping.wait" */
static void name_key(char out[KEY_SIZE], isb_callback_kind kind, const char *member) {
    char prefix[ISB_CALLBACK_PREFIX_SIZE];
    snprintf(out, KEY_SIZE, "%s%s", isb_callback_prefix(kind, prefix), member);
}

/* Writing. */

static isb_status put_double(isb_metadata *metadata, const char *key, double value,
                             isb_error *error) {
    char text[ISB_NUMBER_SIZE];
    isb_format_double(text, value);
    return isb_metadata_add(metadata, key, text, error);
}

/* Only what differs from the start. */
static isb_status put_callback(const isb_callback_state *state, isb_callback_kind kind,
                               isb_metadata *metadata, isb_error *error) {
    const struct {
        const char *name;
        size_t value;
    } counts[] = {
        {"best_epoch", state->best_epoch}, {"wait", state->wait}, {"cooldown", state->cooldown}};
    char key[KEY_SIZE];
    isb_status status = ISB_OK;
    name_key(key, kind, "best");
    if (state->has_best)
        status = put_double(metadata, key, state->best, error);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && status == ISB_OK; i++) {
        name_key(key, kind, counts[i].name);
        if (counts[i].value > 0)
            status = isb_metadata_add_integer(metadata, key, counts[i].value, error);
    }
    return status;
}

isb_status isb_checkpoint_describe(const isb_checkpoint *checkpoint, isb_metadata *metadata,
                                   isb_error *error) {
    const isb_position *position = &checkpoint->position;
    isb_status status = isb_metadata_add_integer(metadata, "epochs", position->epochs, error);
    if (status == ISB_OK)
        status = isb_metadata_add_integer(metadata, "step", position->step, error);
    if (status == ISB_OK)
        status = isb_metadata_add_integer(metadata, "steps", checkpoint->steps, error);
    if (status == ISB_OK)
        status = put_double(metadata, "loss_sum", position->loss, error);
    if (status == ISB_OK)
        status = isb_metadata_add_integer(metadata, "hits", position->hits, error);
    if (status == ISB_OK && position->absolute > 0)
        status = put_double(metadata, "absolute_sum", position->absolute, error);
    if (status == ISB_OK && position->squared > 0)
        status = put_double(metadata, "squared_sum", position->squared, error);
    if (status == ISB_OK)
        status = put_double(metadata, "learning_rate", position->learning_rate, error);
    if (status == ISB_OK)
        status = isb_metadata_add(metadata, "trace", checkpoint->trace, error);
    if (status == ISB_OK)
        status = isb_metadata_add_integer(metadata, "events", checkpoint->events, error);
    if (status == ISB_OK && checkpoint->stopped)
        status = isb_metadata_add(metadata, "stopped", "early_stopping", error);
    for (int kind = 0; kind < ISB_CALLBACK_KINDS && status == ISB_OK; kind++)
        status =
            put_callback(&checkpoint->callbacks[kind], (isb_callback_kind)kind, metadata, error);
    return status;
}

/* Reading. */

static bool get_double(const isb_metadata *metadata, const char *key, double *value) {
    const char *text = isb_metadata_find(metadata, key);
    return text != NULL && isb_parse_double(text, value) && isfinite(*value);
}

/* What is not there is 0. */
static bool get_sum(const isb_metadata *metadata, const char *key, double *value) {
    *value = 0;
    return isb_metadata_find(metadata, key) == NULL || get_double(metadata, key, value);
}

static bool get_count(const isb_metadata *metadata, isb_callback_kind kind, const char *member,
                      size_t *value) {
    char key[KEY_SIZE];
    name_key(key, kind, member);
    *value = 0;
    return isb_metadata_find(metadata, key) == NULL || isb_metadata_integer(metadata, key, value);
}

static bool get_callback(const isb_metadata *metadata, isb_callback_kind kind,
                         isb_callback_state *out) {
    char key[KEY_SIZE];
    name_key(key, kind, "best");
    out->has_best = isb_metadata_find(metadata, key) != NULL;
    return (!out->has_best || get_double(metadata, key, &out->best)) &&
           get_count(metadata, kind, "best_epoch", &out->best_epoch) &&
           get_count(metadata, kind, "wait", &out->wait) &&
           get_count(metadata, kind, "cooldown", &out->cooldown);
}

static bool get_position(const isb_metadata *metadata, isb_position *out) {
    size_t hits;
    if (!isb_metadata_integer(metadata, "epochs", &out->epochs) ||
        !isb_metadata_integer(metadata, "step", &out->step) ||
        !isb_metadata_integer(metadata, "hits", &hits) ||
        !get_double(metadata, "loss_sum", &out->loss) ||
        !get_sum(metadata, "absolute_sum", &out->absolute) ||
        !get_sum(metadata, "squared_sum", &out->squared) ||
        !get_double(metadata, "learning_rate", &out->learning_rate))
        return false;
    out->hits = hits;
    return out->epochs > 0 || out->step > 0;
}

bool isb_checkpoint_read(isb_checkpoint *out, const isb_metadata *metadata) {
    *out = (isb_checkpoint){0};
    const char *trace = isb_metadata_find(metadata, "trace");
    const char *stopped = isb_metadata_find(metadata, "stopped");
    bool good = get_position(metadata, &out->position) &&
                isb_metadata_integer(metadata, "steps", &out->steps) &&
                isb_metadata_integer(metadata, "events", &out->events) && trace != NULL &&
                (stopped == NULL || strcmp(stopped, "early_stopping") == 0);
    for (int kind = 0; kind < ISB_CALLBACK_KINDS && good; kind++)
        good = get_callback(metadata, (isb_callback_kind)kind, &out->callbacks[kind]);
    if (!good)
        return false;
    out->stopped = stopped != NULL;
    out->trace = strdup(trace);
    return true;
}
