/* Regression on NumPy arrays: any finite numbers as targets, several a row. */
#include "npy_files.h"
#include "temporary.h"
#include "trained.h"
#include <isobit/dataset.h>
#include <math.h>

enum { ARRAY_ROWS = 40 };

/* Targets (rows, width) of float32 beside features of bytes. */
static void put_arrays(const place *p, const float *targets, const char *shape, size_t width) {
    temporary directory;
    uint8_t features[ARRAY_ROWS * 3];
    npy_bytes x, y;
    for (size_t i = 0; i < sizeof features; i++)
        features[i] = (uint8_t)(i * 37);
    x = npy_make("|u1", "False", "(40, 3)", features, sizeof features);
    y = npy_make("<f4", "False", shape, targets, ARRAY_ROWS * width * sizeof *targets);
    memcpy(directory.path, p->path, sizeof directory.path);
    npy_put(temporary_path(&directory, "x.npy"), x);
    npy_put(temporary_path(&directory, "y.npy"), y);
}

static const char arrays_text[] = "data: {source: {x: x.npy, y: y.npy}, validation: 0.25}\n"
                                  "model: [dense: {units: 2}]\n"
                                  "compile: {optimizer: adam, loss: mean_absolute_error}\n"
                                  "fit: {epochs: 2}\n";

CASE(regression_arrays, several_targets_a_row) {
    float targets[ARRAY_ROWS * 2];
    for (size_t i = 0; i < ARRAY_ROWS * 2; i++)
        targets[i] = (float)i * 0.25f - 3.0f;
    place p = place_open();
    place_write(&p, "a.yaml", arrays_text);
    put_arrays(&p, targets, "(40, 2)", 2);
    json_t *result = run_json(&p, ARGS("train", "a.yaml", "-q", "--json"));
    json_t *held = run_json(&p, ARGS("evaluate", "runs/a", "--json"));
    CHECK(number(held, "loss") == number(result, "val_loss"));
    CHECK(number(held, "loss") == number(held, "mean_absolute_error"));
    output o = RUN(&p, "predict", "runs/a", "--split", "validation");
    CHECKF(o.status == 0 && strncmp(o.out, "row,prediction_0,prediction_1\n", 30) == 0, "%s%s",
           o.err, o.out);
    double sum = 0;
    for (size_t i = 0; i < 10; i++) {
        char *end;
        const size_t row = strtoul(csv_line(o.out, i + 1), &end, 10);
        for (size_t k = 0; k < 2; k++)
            sum += fabs((double)strtof(end + 1, &end) - (double)targets[row * 2 + k]);
    }
    CHECKF(fabs(sum / 20 - number(held, "loss")) < 1e-6, "%.9g", sum / 20);
    output_free(&o);
    char expected[512];
    snprintf(expected, sizeof expected,
             "the output layer has 1 unit, but {x: %s/x.npy, y: %s/y.npy} has 2 targets a row; "
             "give it units: 2",
             p.path, p.path);
    check_fails(&p, 2, expected,
                ARGS("train", "a.yaml", "--run", "other", "--set", "model.0.dense.units=1"));
    json_decref(result);
    json_decref(held);
    place_close(&p);
}

/* The content has one digest, whatever it is used for. */
CASE(regression_arrays, whole_numbers_stay_labels) {
    float targets[ARRAY_ROWS];
    for (size_t i = 0; i < ARRAY_ROWS; i++)
        targets[i] = (float)(i % 3);
    place p = place_open();
    put_arrays(&p, targets, "(40,)", 1);
    char source[256];
    snprintf(source, sizeof source, "{x: %s/x.npy, y: %s/y.npy}", p.path, p.path);
    isb_dataset classes, numbers;
    CHECK(isb_dataset_open(&classes, source, NULL) == ISB_OK);
    CHECK(isb_dataset_open_for(&numbers, source, true, NULL) == ISB_OK);
    CHECK(numbers.train.targets == NULL && numbers.train.target_width == 0);
    CHECK(memcmp(numbers.train.labels, classes.train.labels, ARRAY_ROWS * sizeof(uint32_t)) == 0);
    CHECK(strcmp(numbers.sha256, classes.sha256) == 0);
    isb_dataset_free(&classes);
    isb_dataset_free(&numbers);
    targets[7] = -0.5f;
    put_arrays(&p, targets, "(40,)", 1);
    CHECK(isb_dataset_open(&classes, source, NULL) == ISB_DATA);
    CHECK(isb_dataset_open_for(&numbers, source, true, NULL) == ISB_OK);
    CHECK(numbers.train.labels == NULL && numbers.train.target_width == 1);
    CHECK(memcmp(numbers.train.targets, targets, sizeof targets) == 0);
    isb_dataset_free(&numbers);
    place_close(&p);
}

CASE(regression_arrays, targets_are_finite) {
    float targets[ARRAY_ROWS] = {[7] = NAN};
    place p = place_open();
    put_arrays(&p, targets, "(40, 1)", 1);
    char source[256], expected[512];
    snprintf(source, sizeof source, "{x: %s/x.npy, y: %s/y.npy}", p.path, p.path);
    snprintf(expected, sizeof expected,
             "%s/y.npy: row 7, column 0 (counted from 0) is nan; targets are finite numbers of "
             "single precision (up to 3.4e38)",
             p.path);
    isb_dataset data;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_dataset_open_for(&data, source, true, &error) == ISB_DATA);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "%s", isb_error_text(&error));
    isb_error_clear(&error);
    place_close(&p);
}
