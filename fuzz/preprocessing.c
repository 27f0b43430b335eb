/* What a model file says of the columns of its table: read, written, read again, and applied to a
 * table.
 *
 * Input: the JSON; behind a NUL a table. */
#include "data/preprocessing.h"
#include "data/csv.h"
#include "data/table_dataset.h"
#include "data/table_reading.h"
#include "pieces.h"
#include <isobit/dataset.h>

static const char EXPERIMENT[] =
    "data: {source: t.csv, label: a}\n"
    "model: [dense: {units: 2, activation: softmax}]\n"
    "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n";

static isb_experiment experiment;

static void check_round_trip(const isb_preprocessing *p) {
    isb_preprocessing again;
    char *first, *second;
    REQUIRE(isb_preprocessing_write(p, &first, NULL) == ISB_OK);
    REQUIRE(isb_preprocessing_read(&again, first, "again", NULL) == ISB_OK);
    REQUIRE(isb_preprocessing_write(&again, &second, NULL) == ISB_OK);
    REQUIRE(strcmp(first, second) == 0 && again.width == p->width);
    isb_preprocessing_free(&again);
    free(first);
    free(second);
}

static void use(const isb_dataset *data) {
    static volatile float sink;
    const size_t count = data->train.rows * isb_shape_size(data->shape);
    for (size_t i = 0; i < count; i++)
        sink = ((const float *)data->train.features)[i];
    (void)sink;
}

/* Takes the preprocessing over. */
static void apply(isb_preprocessing *p, const char *table, size_t length, bool labels) {
    const isb_table_use how = {.labels = labels, .whole = true, .rows_may_go = labels};
    isb_error error = ISB_ERROR_INIT;
    isb_table_reading reading;
    isb_frame frame = {0};
    isb_dataset data = {.source = NULL};
    REQUIRE(isb_table_reading_make(&reading, &experiment, p, 1, &error) == ISB_OK);
    isb_status status = isb_csv_parse(&frame, "table", table, length, &reading.options, &error);
    if (status == ISB_OK)
        status = isb_table_dataset(&data, &frame, &experiment, p, &how, &error);
    REQUIRE(status == ISB_OK || status == ISB_DATA || status == ISB_USAGE || status == ISB_CORRUPT);
    REQUIRE((status == ISB_OK) == (error.count == 0));
    if (status == ISB_OK)
        use(&data);
    isb_dataset_free(&data);
    isb_frame_free(&frame);
    isb_table_reading_free(&reading);
    isb_preprocessing_free(p);
    isb_error_clear(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (experiment.layer_count == 0)
        REQUIRE(isb_experiment_parse(&experiment, EXPERIMENT, sizeof EXPERIMENT - 1, "/e.yaml",
                                     NULL, 0, NULL) == ISB_OK);
    pieces all = pieces_of(data, size);
    const char *text = pieces_next(&all);
    size_t length;
    const char *table = pieces_rest(&all, &length);
    for (int labels = 0; labels < 2; labels++) {
        isb_preprocessing p;
        isb_error error = ISB_ERROR_INIT;
        const isb_status status = isb_preprocessing_read(&p, text, "file", &error);
        REQUIRE(status == ISB_OK || (status == ISB_CORRUPT && error.count == 1));
        REQUIRE(status == ISB_OK || (p.features == NULL && p.classes == NULL));
        isb_error_clear(&error);
        if (status != ISB_OK)
            break;
        check_round_trip(&p);
        apply(&p, table, length, labels == 1);
    }
    free(all.copy);
    return 0;
}
