#include "io/history.h"
#include "temporary.h"
#include <math.h>

static isb_epoch_result epoch(double loss) {
    return (isb_epoch_result){.train = {.present = true, .loss = loss, .accuracy = 0.5},
                              .train_eval = {.present = true, .loss = loss / 2, .accuracy = 0.75},
                              .validation = {.present = true, .loss = loss * 2, .accuracy = 0.25},
                              .learning_rate = 0.001};
}

enum { ACCURACY = 1 << ISB_MEASURE_ACCURACY };

static const isb_history full = {.measures = ACCURACY, .train_eval = true, .validation = true};

#define FULL_HEADER                                                                                \
    "epoch,loss,accuracy,train_eval_loss,train_eval_accuracy,val_loss,val_accuracy,"               \
    "learning_rate\n"

/* What the history of `count` epochs has with the columns of `history`. */
static void check_written(isb_history history, size_t count, const char *expected) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "history.csv");
    for (size_t i = 0; i < count; i++) {
        isb_epoch_result result = epoch(1 / (double)(i + 1));
        CHECK(isb_history_add(&history, &result, NULL) == ISB_OK);
    }
    CHECK(isb_history_write(&history, path, NULL) == ISB_OK);
    char *text = temporary_get(path, NULL);
    CHECKF(text != NULL && strcmp(text, expected) == 0, "got %s", text);
    free(text);
    isb_history_free(&history);
    temporary_remove(&directory);
}

CASE(history, columns_are_those_computed) {
    check_written(full, 2,
                  FULL_HEADER "1,1,0.5,0.5,0.75,2,0.25,0.001\n"
                              "2,0.5,0.5,0.25,0.75,1,0.25,0.001\n");
    check_written((isb_history){.measures = ACCURACY}, 1,
                  "epoch,loss,accuracy,learning_rate\n1,1,0.5,0.001\n");
    check_written((isb_history){.validation = true}, 1,
                  "epoch,loss,val_loss,learning_rate\n1,1,2,0.001\n");
    check_written((isb_history){.train_eval = true}, 1,
                  "epoch,loss,train_eval_loss,learning_rate\n1,1,0.5,0.001\n");
    check_written((isb_history){0}, 0, "epoch,loss,learning_rate\n");
}

CASE(history, columns_follow_the_experiment) {
    isb_experiment experiment = {.metric_accuracy = true, .validation = ISB_VALIDATION_TAIL};
    isb_history history = isb_history_of(&experiment);
    CHECK(history.measures == ACCURACY && !history.train_eval && history.validation);
    experiment = (isb_experiment){.metric_train_eval = true};
    history = isb_history_of(&experiment);
    CHECK(history.measures == 0 && history.train_eval && !history.validation);
}

CASE(history, of_a_regression) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "history.csv");
    const isb_experiment experiment = {.loss = ISB_SQUARED_ERROR,
                                       .metric_mae = true,
                                       .metric_r2 = true,
                                       .validation = ISB_VALIDATION_TAIL};
    const char *text = "epoch,loss,mean_absolute_error,r2_score,val_loss,val_mean_absolute_error,"
                       "val_r2_score,learning_rate\n"
                       "1,4,1.5,-0.25,8,2.5,0.75,0.5\n"
                       "2,4,1.5,-0.25,,,,0.5\n";
    isb_history history = isb_history_of(&experiment);
    isb_epoch_result result = {
        .train = {.present = true, .loss = 4, .mae = 1.5, .mse = 99, .r2 = -0.25},
        .validation = {.present = true, .loss = 8, .mae = 2.5, .mse = 99, .r2 = 0.75},
        .learning_rate = 0.5};
    CHECK(isb_history_add(&history, &result, NULL) == ISB_OK);
    result.validation.present = false;
    CHECK(isb_history_add(&history, &result, NULL) == ISB_OK);
    CHECKF(strcmp(history.text.data, text) == 0, "%s", history.text.data);
    CHECK(isb_history_write(&history, path, NULL) == ISB_OK);
    CHECK(isb_history_read(&history, path, 1, NULL) == ISB_OK);
    const isb_score *validation = &history.last.validation;
    CHECK(validation->loss == 8 && validation->mae == 2.5 && validation->r2 == 0.75);
    CHECK(validation->mse == 0 && validation->accuracy == 0);
    temporary_put(path, text, strlen(text) - strlen(",,0.5\n"));
    CHECK(isb_history_read(&history, path, 2, NULL) == ISB_CORRUPT);
    isb_history_free(&history);
    temporary_remove(&directory);
}

CASE(history, is_cut_back_and_goes_on) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "history.csv");
    const char *text = FULL_HEADER "1,0.1,0.5,0.5,0.75,2,0.25,0.001\n"
                                   "2,nan,0.5,,,inf,0.25,0.001\n"
                                   "3,0.5,0.5,0.25,0.75,1,0.25,0.001\n";
    temporary_put(path, text, strlen(text));
    isb_history history = full;
    CHECK(isb_history_read(&history, path, 1, NULL) == ISB_OK);
    CHECK(history.epochs == 1 && history.last.epoch == 1);
    CHECK(history.last.train.loss == 0.1 && history.last.validation.loss == 2);
    CHECK(history.last.train_eval.accuracy == 0.75 && history.last.learning_rate == 0.001);
    isb_epoch_result next = epoch(4);
    CHECK(isb_history_add(&history, &next, NULL) == ISB_OK);
    CHECK(strcmp(history.text.data, FULL_HEADER "1,0.1,0.5,0.5,0.75,2,0.25,0.001\n"
                                                "2,4,0.5,2,0.75,8,0.25,0.001\n") == 0);
    CHECK(history.epochs == 2 && history.last.epoch == 2 && history.last.train.loss == 4);

    CHECK(isb_history_read(&history, path, 2, NULL) == ISB_OK);
    CHECK(isnan(history.last.train.loss) && isinf(history.last.validation.loss));
    CHECK(history.last.train.present && !history.last.train_eval.present);
    CHECK(isb_history_read(&history, path, 0, NULL) == ISB_OK);
    CHECK(history.epochs == 0 && history.text.length == 0);
    isb_history_free(&history);
    temporary_remove(&directory);
}

static void check_refused(const char *text, size_t length, size_t epochs, const char *message) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "history.csv");
    if (text != NULL)
        temporary_put(path, text, length);
    isb_history history = full;
    isb_error error = ISB_ERROR_INIT;
    char expected[700];
    CHECK(isb_history_read(&history, path, epochs, &error) == ISB_CORRUPT);
    snprintf(expected, sizeof expected, "%s%s", path, message);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    CHECK(history.text.data == NULL && history.epochs == 0);
    isb_error_clear(&error);
    temporary_remove(&directory);
}

CASE(history, a_damaged_file_is_refused) {
#define ROW "1,0.1,0.5,0.5,0.75,2,0.25,0.001\n"
    check_refused(NULL, 0, 1, ": does not exist");
    const char *columns = ":1: damaged: the columns are not epoch,loss,accuracy,train_eval_loss,"
                          "train_eval_accuracy,val_loss,val_accuracy,learning_rate";
    check_refused("", 0, 1, columns);
    check_refused("epoch,loss\n1,2\n", 15, 1, columns);
    check_refused(FULL_HEADER, strlen(FULL_HEADER), 1, ": has 0 epochs; 1 were trained");
    check_refused(FULL_HEADER ROW, strlen(FULL_HEADER ROW), 2, ": has 1 epochs; 2 were trained");
    const char *wrong[] = {
        "2,0.1,0.5,0.5,0.75,2,0.25,0.001\n",
        "1,0.1,0.5,0.5,0.75,2,0.25,0.001",
        "1,0.1,0.5,0.5,0.75,2,0.25\n",
        "1,0.1,0.5,0.5,0.75,2,0.25,0.001,7\n",
        "1,0.1,0.5,0.5,0.75,2,0.25,0.001\r\n",
        "1,0.1,0.5,0.5,0.75,,0.25,0.001\n",
        "1,x,0.5,0.5,0.75,2,0.25,0.001\n",
        "01,0.1,0.5,0.5,0.75,2,0.25,0.001\n",
        "\n",
        "1,0.1,0.5,0.5,0.75,2,0.25,\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[400];
        snprintf(text, sizeof text, FULL_HEADER "%s", wrong[i]);
        check_refused(text, strlen(text), 0, ":2: damaged: not the row of epoch 1");
    }
    check_refused(FULL_HEADER ROW "3", strlen(FULL_HEADER ROW "3"), 1,
                  ":3: damaged: not the row of epoch 2");
    check_refused(FULL_HEADER "1\0", sizeof FULL_HEADER "1\0" - 1, 0,
                  ": damaged: holds a NUL byte");
}

/* Whatever the file holds, reading ends with success or ISB_CORRUPT. */
CASE(history, every_cut_is_refused_or_shorter) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "history.csv");
    const char *text = FULL_HEADER ROW;
    for (size_t length = 0; length < strlen(text); length++) {
        temporary_put(path, text, length);
        isb_history history = full;
        CHECKF(isb_history_read(&history, path, 1, NULL) == ISB_CORRUPT, "length %zu", length);
    }
    temporary_remove(&directory);
}
