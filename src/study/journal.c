#include "study/journal.h"
#include "base/room.h"
#include "io/events.h"
#include "io/file.h"
#include "io/json_lines.h"
#include <errno.h>
#include <isobit/version.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_EPOCHS = 1 << 20 };

static const char *const states[] = {
    [ISB_OUTCOME_MISSING] = "missing",
    [ISB_OUTCOME_DONE] = "done",
    [ISB_OUTCOME_DIVERGED] = "diverged",
    [ISB_OUTCOME_FAILED] = "failed",
};

isb_status isb_run_key_of(isb_run_key *out, const isb_study_task *task, isb_error *error) {
    const isb_study_weights *weights = task->input->weights;
    char rest[160];
    const int length = snprintf(rest, sizeof rest, "\nseed %llu, epochs %zu, data %s, numerics %d",
                                (unsigned long long)task->seed, task->epochs,
                                task->input->set->dataset.sha256, ISB_NUMERICS);
    isb_sha256 hash;
    isb_sha256_open(&hash);
    isb_sha256_add(&hash, task->experiment, strlen(task->experiment));
    isb_sha256_add(&hash, rest, (size_t)length);
    if (weights != NULL)
        isb_sha256_add(&hash, weights->sha256, strlen(weights->sha256));
    return isb_sha256_close(&hash, out->text, error);
}

/* --- writing --- */

static void put_metrics(isb_json *json, const char *key, const double *metrics) {
    isb_json_object(json, key);
    for (int metric = 0; metric < ISB_METRICS; metric++)
        if (!isnan(metrics[metric]))
            isb_json_double(json, isb_metric_name((isb_metric)metric), metrics[metric]);
    isb_json_end_object(json);
}

static void put_outcome(isb_json *json, const isb_outcome *outcome) {
    isb_json_string(json, "state", states[outcome->state]);
    isb_json_unsigned(json, "epochs", outcome->epochs);
    isb_json_unsigned(json, "best_epoch", outcome->best_epoch);
    isb_json_double(json, "seconds", outcome->seconds);
    if (outcome->message != NULL)
        isb_json_string(json, "message", outcome->message);
    if (outcome->weights_sha256[0] != '\0')
        isb_json_string(json, "weights_sha256", outcome->weights_sha256);
    isb_json_double(json, "test_loss", outcome->test_loss);
    isb_json_double(json, "test_accuracy", outcome->test_accuracy);
    put_metrics(json, "metrics", outcome->metrics);
    isb_json_array(json, "curve");
    for (size_t e = 0; e < outcome->epochs; e++)
        put_metrics(json, NULL, outcome->curve[e].metrics);
    isb_json_end_array(json);
}

isb_status isb_journal_append(const char *path, const isb_run_key *key, const char *label,
                              uint64_t seed, const isb_outcome *outcome, isb_error *error) {
    isb_text lines = {0};
    size_t length;
    isb_json json;
    isb_event_begin(&json, "run");
    isb_json_string(&json, "key", key->text);
    isb_json_string(&json, "variant", label);
    isb_json_unsigned(&json, "seed", seed);
    put_outcome(&json, outcome);
    isb_status status = isb_event_end(&json, &lines, error);
    if (status == ISB_OK)
        status = isb_file_append(path, (isb_bytes){lines.data, lines.length}, &length, error);
    free(lines.data);
    return status;
}

/* --- reading --- */

/* What is not there is NaN. */
static double number_of(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void get_metrics(const json_t *object, double *metrics) {
    for (int metric = 0; metric < ISB_METRICS; metric++)
        metrics[metric] = number_of(object, isb_metric_name((isb_metric)metric));
}

static bool get_state(const json_t *line, isb_outcome_state *state) {
    const char *text = json_string_value(json_object_get(line, "state"));
    for (int i = ISB_OUTCOME_DONE; i <= ISB_OUTCOME_FAILED; i++)
        if (text != NULL && strcmp(text, states[i]) == 0) {
            *state = (isb_outcome_state)i;
            return true;
        }
    return false;
}

static bool get_count(const json_t *line, const char *key, size_t *count) {
    const json_t *value = json_object_get(line, key);
    const json_int_t number = json_integer_value(value);
    *count = (size_t)number;
    return json_is_integer(value) && number >= 0 && number <= MOST_EPOCHS;
}

static isb_status get_curve(const json_t *line, isb_outcome *out, bool *good, isb_error *error) {
    const json_t *curve = json_object_get(line, "curve");
    *good = json_array_size(curve) == out->epochs;
    if (!*good || out->epochs == 0)
        return ISB_OK;
    out->curve = calloc(out->epochs, sizeof *out->curve);
    if (out->curve == NULL)
        return isb_fail_memory(error, "the outcome of a run");
    for (size_t e = 0; e < out->epochs; e++)
        get_metrics(json_array_get(curve, e), out->curve[e].metrics);
    return ISB_OK;
}

static isb_status get_texts(const json_t *line, isb_outcome *out, bool *good, isb_error *error) {
    const char *digest = json_string_value(json_object_get(line, "weights_sha256"));
    const char *message = json_string_value(json_object_get(line, "message"));
    *good = out->state == ISB_OUTCOME_DONE ? digest != NULL && isb_sha256_valid(digest)
                                           : digest == NULL;
    if (!*good)
        return ISB_OK;
    if (digest != NULL)
        memcpy(out->weights_sha256, digest, sizeof out->weights_sha256);
    out->message = message == NULL ? NULL : strdup(message);
    return message != NULL && out->message == NULL ? isb_fail_memory(error, "a message") : ISB_OK;
}

static isb_status get_entry(const json_t *line, isb_journal_entry *out, bool *good,
                            isb_error *error) {
    const char *key = json_string_value(json_object_get(line, "key"));
    isb_outcome *outcome = &out->outcome;
    *out = (isb_journal_entry){0};
    *good = key != NULL && isb_sha256_valid(key) && get_state(line, &outcome->state) &&
            get_count(line, "epochs", &outcome->epochs) &&
            get_count(line, "best_epoch", &outcome->best_epoch) &&
            outcome->best_epoch <= outcome->epochs;
    if (!*good)
        return ISB_OK;
    memcpy(out->key.text, key, sizeof out->key.text);
    outcome->seconds = number_of(line, "seconds");
    outcome->test_loss = number_of(line, "test_loss");
    outcome->test_accuracy = number_of(line, "test_accuracy");
    get_metrics(json_object_get(line, "metrics"), outcome->metrics);
    isb_status status = get_texts(line, outcome, good, error);
    if (status == ISB_OK && *good)
        status = get_curve(line, outcome, good, error);
    return status;
}

static isb_status take_entry(void *context, json_t *object, bool *good, isb_error *error) {
    isb_journal *out = context;
    isb_journal_entry *entries = isb_room_for_more(out->entries, out->count, sizeof *entries);
    if (entries == NULL)
        return isb_fail_memory(error, "the journal of the study");
    out->entries = entries;
    return get_entry(object, &entries[out->count++], good, error);
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const isb_journal_entry *)a)->key.text,
                  ((const isb_journal_entry *)b)->key.text);
}

/* Of several of a key those that failed come last. */
static int by_key_and_state(const void *a, const void *b) {
    const isb_journal_entry *x = a, *y = b;
    const int order = by_key(a, b);
    return order != 0 ? order
                      : (x->outcome.state == ISB_OUTCOME_FAILED) -
                            (y->outcome.state == ISB_OUTCOME_FAILED);
}

isb_status isb_journal_read(isb_journal *out, const char *path, isb_error *error) {
    *out = (isb_journal){0};
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return ISB_OK;
    const isb_json_lines lines = {
        .most_bytes = (size_t)4 << 30,
        .most_depth = 4,
        .most_parts = (size_t)MOST_EPOCHS * (ISB_METRICS + 2),
        .sure = SIZE_MAX, /* each line is synced before the next one is written */
        .what = "the outcome of a run; remove the line and that run is done again",
        .take = take_entry,
        .context = out};
    isb_json_extent extent;
    const isb_status status = isb_json_lines_read(&lines, path, &extent, error);
    out->length = extent.length;
    if (status != ISB_OK)
        isb_journal_free(out);
    else if (out->count > 0)
        qsort(out->entries, out->count, sizeof *out->entries, by_key_and_state);
    return status;
}

void isb_journal_free(isb_journal *journal) {
    for (size_t i = 0; i < journal->count; i++)
        isb_outcome_free(&journal->entries[i].outcome);
    free(journal->entries);
    *journal = (isb_journal){0};
}

const isb_outcome *isb_journal_find(const isb_journal *journal, const isb_run_key *key) {
    isb_journal_entry wanted = {.key = *key};
    const isb_journal_entry *found =
        journal->count == 0
            ? NULL
            : bsearch(&wanted, journal->entries, journal->count, sizeof wanted, by_key);
    while (found != NULL && found > journal->entries && by_key(found - 1, &wanted) == 0)
        found--;
    return found == NULL ? NULL : &found->outcome;
}

bool isb_outcome_copy(isb_outcome *to, const isb_outcome *from) {
    *to = *from;
    to->message = from->message == NULL ? NULL : strdup(from->message);
    to->curve = NULL;
    if (from->curve != NULL && from->epochs > 0) {
        to->curve = malloc(from->epochs * sizeof *to->curve);
        if (to->curve != NULL)
            memcpy(to->curve, from->curve, from->epochs * sizeof *to->curve);
    }
    return (from->message == NULL || to->message != NULL) &&
           (from->curve == NULL || from->epochs == 0 || to->curve != NULL);
}
