#include "io/history.h"
#include "base/number.h"
#include "io/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t MOST_FILE = (size_t)64 << 20;

/* Longer than the header and than any row: at most 8 numbers and commas. */
enum { ROW_SIZE = 8 * (ISB_NUMBER_SIZE + 1) };

isb_history isb_history_of(const isb_experiment *experiment) {
    return (isb_history){.accuracy = experiment->metric_accuracy,
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

static size_t put_header(const isb_history *history, char out[ROW_SIZE]) {
    const char *accuracy = history->accuracy ? ",accuracy" : "";
    const char *train_eval = history->train_eval ? ",train_eval_loss" : "";
    const char *train_eval_accuracy =
        history->train_eval && history->accuracy ? ",train_eval_accuracy" : "";
    const char *validation = history->validation ? ",val_loss" : "";
    const char *validation_accuracy =
        history->validation && history->accuracy ? ",val_accuracy" : "";
    int length = snprintf(out, ROW_SIZE, "epoch,loss%s%s%s%s%s,learning_rate\n", accuracy,
                          train_eval, train_eval_accuracy, validation, validation_accuracy);
    return (size_t)length;
}

static size_t put_number(char *out, double value) {
    out[0] = ',';
    return 1 + isb_format_double(out + 1, value);
}

/* An absent score leaves its fields empty. */
static size_t put_score(char *out, isb_score score, bool accuracy) {
    size_t length = 0;
    if (score.present)
        length += put_number(out, score.loss);
    else
        out[length++] = ',';
    if (accuracy && score.present)
        length += put_number(out + length, score.accuracy);
    else if (accuracy)
        out[length++] = ',';
    return length;
}

static size_t put_row(const isb_history *history, const isb_epoch_result *result,
                      char out[ROW_SIZE]) {
    size_t length = (size_t)snprintf(out, ROW_SIZE, "%zu", history->epochs + 1);
    length += put_score(out + length, result->train, history->accuracy);
    if (history->train_eval)
        length += put_score(out + length, result->train_eval, history->accuracy);
    if (history->validation)
        length += put_score(out + length, result->validation, history->accuracy);
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

static bool take_score(char **text, bool accuracy, isb_score *score) {
    const char *field;
    score->present = **text != ',';
    if (!score->present)
        return take_field(text, ',', &field) &&
               (!accuracy || (take_field(text, ',', &field) && field[0] == '\0'));
    return take_number(text, ',', &score->loss) &&
           (!accuracy || take_number(text, ',', &score->accuracy));
}

/* Takes one row off *text and writes over its separators. */
static bool take_row(const isb_history *history, char **text, size_t epoch,
                     isb_epoch_result *result) {
    const char *field;
    uint64_t number;
    *result = (isb_epoch_result){.epoch = epoch};
    return take_field(text, ',', &field) && isb_parse_unsigned(field, &number) && number == epoch &&
           take_score(text, history->accuracy, &result->train) &&
           (!history->train_eval || take_score(text, history->accuracy, &result->train_eval)) &&
           (!history->validation || take_score(text, history->accuracy, &result->validation)) &&
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
