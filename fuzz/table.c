/* A table as a data set, by what an experiment says of it: features, missing cells, parts. What was
 * fitted must give the same features again when it is read back from a model file.
 *
 * Input: keys of `data`, such as `label: a, missing_policy: mean`; behind a NUL the table. */
#include "data/csv.h"
#include "data/preprocessing.h"
#include "data/table_dataset.h"
#include "data/table_file.h"
#include "data/table_reading.h"
#include "pieces.h"
#include <isobit/dataset.h>

static isb_status make(isb_dataset *out, const isb_experiment *experiment, const char *table,
                       size_t length, isb_preprocessing *fitted, isb_error *error) {
    isb_table_reading reading;
    isb_frame frame = {0};
    const isb_table_use how = {.labels = true,
                               .whole = fitted != NULL,
                               .rows_may_go = true,
                               .spent = fitted != NULL ? &frame : NULL};
    *out = (isb_dataset){.source = NULL};
    isb_status status = isb_table_reading_make(&reading, experiment, fitted, 1, error);
    if (status == ISB_OK)
        status = isb_csv_parse(&frame, "table", table, length, &reading.options, error);
    if (status == ISB_OK)
        status = isb_frame_digest(&frame, out->sha256, error);
    if (status == ISB_OK)
        status = isb_table_dataset(out, &frame, experiment, fitted, &how, error);
    isb_table_reading_free(&reading);
    isb_frame_free(&frame);
    return status;
}

static void check_again(const isb_dataset *data, const isb_experiment *experiment,
                        const char *table, size_t length) {
    isb_preprocessing fitted;
    isb_dataset again;
    char *text;
    REQUIRE(isb_preprocessing_write(data->preprocessing, &text, NULL) == ISB_OK);
    REQUIRE(isb_preprocessing_read(&fitted, text, "file", NULL) == ISB_OK);
    REQUIRE(make(&again, experiment, table, length, &fitted, NULL) == ISB_OK);
    const size_t width = isb_shape_size(data->shape);
    REQUIRE(isb_shape_equal(again.shape, data->shape));
    REQUIRE(again.train.rows == data->train.rows + data->test.rows && again.test.rows == 0);
    if (data->test.rows == 0)
        REQUIRE(memcmp(again.train.features, data->train.features,
                       data->train.rows * width * sizeof(float)) == 0);
    isb_preprocessing_free(&fitted);
    isb_dataset_free(&again);
    free(text);
}

static void read_table(const isb_experiment *experiment, const char *table, size_t length) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset data;
    const isb_status status = make(&data, experiment, table, length, NULL, &error);
    REQUIRE(status == ISB_OK || status == ISB_DATA || status == ISB_USAGE);
    REQUIRE((status == ISB_OK) == (error.count == 0));
    if (status == ISB_OK)
        check_again(&data, experiment, table, length);
    isb_dataset_free(&data);
    isb_error_clear(&error);
}

static void read_with(const char *keys, const char *model, const char *table, size_t length) {
    const size_t room = strlen(keys) + 512;
    char *text = malloc(room);
    REQUIRE(text != NULL);
    const int used = snprintf(text, room, "data: {source: t.csv, %s}\n%s", keys, model);
    isb_experiment experiment;
    if (isb_experiment_parse(&experiment, text, (size_t)used, "/e.yaml", NULL, 0, NULL) == ISB_OK)
        read_table(&experiment, table, length);
    isb_experiment_free(&experiment);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pieces all = pieces_of(data, size);
    const char *keys = pieces_next(&all);
    size_t length;
    const char *table = pieces_rest(&all, &length);
    read_with(keys,
              "model: [dense: {units: 2, activation: softmax}]\n"
              "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n",
              table, length);
    read_with(keys,
              "model: [dense: {units: 1}]\n"
              "compile: {optimizer: sgd, loss: mean_squared_error}\n",
              table, length);
    free(all.copy);
    return 0;
}
