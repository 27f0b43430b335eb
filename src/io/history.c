#include "io/history.h"
#include "base/number.h"
#include "io/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t MOST_FILE = (size_t)64 << 20;

/* Longer than the header and than any row: epoch, metrics and learning rate, with commas. */
enum { ROW_SIZE = (ISB_METRICS + 2) * (ISB_NUMBER_SIZE + 1) };

isb_history isb_history_of(const isb_experiment *experiment) {
    return (isb_history){.measures = isb_measures_of(experiment),
                         .train_eval = experiment->metric_train_eval,
                         .validation = experiment->validation != ISB_VALIDATION_NONE};
}

void isb_history_free(isb_history *history) {
    free(history->text.data);
    history->text = (isb_text){0};
    history->epochs = 0;
    history->last = (isb_epoch_result){0};
}

/* Writing. */

static size_t put_names(const isb_history *history, const char *prefix, char *out) {
    size_t length = 0;
    for (int m = 0; m < ISB_MEASURES; m++)
        if (isb_measures_have(history->measures, (isb_measure)m))
            length +=
                (size_t)sprintf(out + length, ",%s%s", prefix, isb_measure_name((isb_measure)m));
    return length;
}

static size_t put_header(const isb_history *history, char out[ROW_SIZE]) {
    size_t length = (size_t)sprintf(out, "epoch");
    length += put_names(history, "", out + length);
    if (history->train_eval)
        length += put_names(history, "train_eval_", out + length);
    if (history->validation)
        length += put_names(history, "val_", out + length);
    return length + (size_t)sprintf(out + length, ",learning_rate\n");
}

static size_t put_number(char *out, double value) {
    out[0] = ',';
    return 1 + isb_format_double(out + 1, value);
}

/* An absent score leaves its fields empty. */
static size_t put_score(const isb_history *history, char *out, const isb_score *score) {
    size_t length = 0;
    for (int m = 0; m < ISB_MEASURES; m++) {
        if (!isb_measures_have(history->measures, (isb_measure)m))
            continue;
        if (score->present)
            length += put_number(out + length, isb_score_value(score, (isb_measure)m));
        else
            out[length++] = ',';
    }
    return length;
}

static size_t put_row(const isb_history *history, const isb_epoch_result *result,
                      char out[ROW_SIZE]) {
    size_t length = (size_t)snprintf(out, ROW_SIZE, "%zu", history->epochs + 1);
    length += put_score(history, out + length, &result->train);
    if (history->train_eval)
        length += put_score(history, out + length, &result->train_eval);
    if (history->validation)
        length += put_score(history, out + length, &result->validation);
    length += put_number(out + length, result->learning_rate);
    out[length++] = '\n';
    return length;
}

static isb_status append(isb_history *history, const char *text, size_t length, isb_error *error) {
    isb_text_add_bytes(&history->text, text, length);
    return history->text.failed ? isb_fail_memory(error, "the history of the epochs") : ISB_OK;
}

isb_status isb_history_add(isb_history *history, const isb_epoch_result *result, isb_error *error) {
    char row[ROW_SIZE];
    isb_status status = ISB_OK;
    if (history->text.length == 0)
        status = append(history, row, put_header(history, row), error);
    if (status == ISB_OK)
        status = append(history, row, put_row(history, result, row), error);
    if (status != ISB_OK)
        return status;
    history->epochs++;
    history->last = (isb_epoch_result){.epoch = history->epochs,
                                       .train = result->train,
                                       .train_eval = result->train_eval,
                                       .validation = result->validation,
                                       .learning_rate = result->learning_rate};
    return ISB_OK;
}

isb_status isb_history_write(const isb_history *history, const char *path, isb_error *error) {
    char header[ROW_SIZE];
    isb_bytes all = {history->text.data, history->text.length};
    if (history->text.length == 0)
        all = (isb_bytes){header, put_header(history, header)};
    return isb_file_write(path, &all, 1, error);
}

/* Reading. */

/* Takes what stands before `end` off *text; false where there is no `end` in this line. */
static bool take_field(char **text, char end, const char **field) {
    size_t length = strcspn(*text, ",\n");
    if ((*text)[length] != end)
        return false;
    (*text)[length] = '\0';
    *field = *text;
    *text += length + 1;
    return true;
}

static bool take_number(char **text, char end, double *value) {
    const char *field;
    if (!take_field(text, end, &field))
        return false;
    if (strcmp(field, "nan") == 0)
        *value = NAN;
    else if (strcmp(field, "inf") == 0)
        *value = INFINITY;
    else if (strcmp(field, "-inf") == 0)
        *value = -INFINITY;
    else
        return isb_parse_double(field, value);
    return true;
}

static double *place_of(isb_score *score, isb_measure measure) {
    double *const places[ISB_MEASURES] = {
        [ISB_MEASURE_LOSS] = &score->loss, [ISB_MEASURE_ACCURACY] = &score->accuracy,
        [ISB_MEASURE_MAE] = &score->mae,   [ISB_MEASURE_MSE] = &score->mse,
        [ISB_MEASURE_R2] = &score->r2,
    };
    return places[measure];
}

static bool take_score(const isb_history *history, char **text, isb_score *score) {
    const char *field;
    score->present = **text != ',';
    for (int m = 0; m < ISB_MEASURES; m++) {
        if (!isb_measures_have(history->measures, (isb_measure)m))
            continue;
        const bool good = score->present ? take_number(text, ',', place_of(score, (isb_measure)m))
                                         : take_field(text, ',', &field) && field[0] == '\0';
        if (!good)
            return false;
    }
    return true;
}

/* Takes one row off *text and writes over its separators. */
static bool take_row(const isb_history *history, char **text, size_t epoch,
                     isb_epoch_result *result) {
    const char *field;
    uint64_t number;
    *result = (isb_epoch_result){.epoch = epoch};
    return take_field(text, ',', &field) && isb_parse_unsigned(field, &number) && number == epoch &&
           take_score(history, text, &result->train) &&
           (!history->train_eval || take_score(history, text, &result->train_eval)) &&
           (!history->validation || take_score(history, text, &result->validation)) &&
           take_number(text, '\n', &result->learning_rate);
}

isb_status isb_history_find(const isb_history *history, size_t epoch, isb_epoch_result *result,
                            isb_error *error) {
    char *copy = strdup(history->text.data == NULL ? "" : history->text.data);
    *result = (isb_epoch_result){0};
    if (copy == NULL)
        return isb_fail_memory(error, "the history of the epochs");
    char *place = copy + strcspn(copy, "\n");
    place += *place == '\n';
    for (size_t e = 1; e <= epoch && e <= history->epochs; e++)
        if (!take_row(history, &place, e, result))
            break;
    free(copy);
    return ISB_OK;
}

/* Checks every row of `text`, and finds the end of row `epochs` and its values. */
static isb_status read_rows(isb_history *history, char *text, size_t length, const char *path,
                            size_t epochs, size_t *kept, isb_error *error) {
    char *place = text;
    size_t rows = 0;
    while (place < text + length) {
        isb_epoch_result result;
        if (!take_row(history, &place, rows + 1, &result))
            return isb_fail(error, ISB_CORRUPT, "%s:%zu: damaged: not the row of epoch %zu", path,
                            rows + 2, rows + 1);
        if (++rows == epochs) {
            history->last = result;
            *kept = (size_t)(place - text);
        }
    }
    if (rows < epochs)
        return isb_fail(error, ISB_CORRUPT, "%s: has %zu epochs; %zu were trained", path, rows,
                        epochs);
    return ISB_OK;
}

static isb_status read_text(isb_history *history, const char *text, size_t length, const char *path,
                            size_t epochs, isb_error *error) {
    char header[ROW_SIZE];
    size_t header_length = put_header(history, header), kept = 0;
    if (length < header_length || memcmp(text, header, header_length) != 0)
        return isb_fail(error, ISB_CORRUPT, "%s:1: damaged: the columns are not %.*s", path,
                        (int)header_length - 1, header);
    char *copy = strdup(text + header_length); /* reading cuts it into fields */
    if (copy == NULL)
        return isb_fail_memory(error, path);
    isb_status status =
        read_rows(history, copy, length - header_length, path, epochs, &kept, error);
    free(copy);
    if (status == ISB_OK && epochs > 0)
        status = append(history, text, header_length + kept, error);
    if (status == ISB_OK)
        history->epochs = epochs;
    return status;
}

isb_status isb_history_read(isb_history *history, const char *path, size_t epochs,
                            isb_error *error) {
    char *text;
    size_t length;
    isb_history_free(history);
    isb_status status = isb_file_read(path, MOST_FILE, &text, &length, ISB_CORRUPT, error);
    if (status != ISB_OK)
        return status;
    if (strlen(text) != length)
        status = isb_fail(error, ISB_CORRUPT, "%s: damaged: holds a NUL byte", path);
    else
        status = read_text(history, text, length, path, epochs, error);
    free(text);
    if (status != ISB_OK)
        isb_history_free(history);
    return status;
}
