#include "check.h"
#include "data/split.h"
#include "io/sha256.h"
#include "random/stream.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static isb_dataset with_labels(uint32_t *labels, size_t rows) {
    static char source[] = "made-up";
    isb_dataset dataset = {.source = source, .shape = {1, {1}}};
    dataset.train.rows = rows;
    dataset.train.labels = labels;
    return dataset;
}

static isb_experiment with_validation(isb_validation_kind kind, double fraction, uint64_t seed) {
    static char file[] = "e.yaml";
    return (isb_experiment){
        .file = file, .seed = seed, .validation = kind, .validation_fraction = fraction};
}

static isb_split make(uint32_t *labels, size_t rows, isb_validation_kind kind, double fraction,
                      uint64_t seed) {
    isb_dataset dataset = with_labels(labels, rows);
    isb_experiment experiment = with_validation(kind, fraction, seed);
    isb_error error = ISB_ERROR_INIT;
    isb_split split;
    isb_status status = isb_split_make(&split, &dataset, &experiment, &error);
    CHECKF(status == ISB_OK, "%s", isb_error_text(&error));
    CHECK(split.train_rows + split.validation_rows == rows);
    return split;
}

static void refuse(const isb_dataset *dataset, const isb_experiment *experiment, isb_status status,
                   const char *message) {
    isb_error error = ISB_ERROR_INIT;
    isb_split split;
    CHECK(isb_split_make(&split, dataset, experiment, &error) == status);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    CHECK(split.train == NULL && split.validation == NULL && split.train_rows == 0);
    isb_error_clear(&error);
}

static void check_validation(uint32_t *labels, size_t rows, double fraction, uint64_t seed,
                             const uint32_t *wanted, size_t count) {
    isb_split split = make(labels, rows, ISB_VALIDATION_STRATIFIED, fraction, seed);
    CHECKF(split.validation_rows == count, "%zu rows", split.validation_rows);
    for (size_t i = 0; i < count; i++)
        CHECKF(split.validation[i] == wanted[i], "row %zu: %u", i, split.validation[i]);
    isb_split_free(&split);
    CHECK(split.train == NULL && split.validation_rows == 0);
}

/* From an implementation in Python, generator included. */
CASE(data_split, stratified_examples) {
    static const uint32_t wide[4] = {300, 44, 65580, 44};
    uint32_t thirds[20], uneven[20], rare[20], alike[20];
    for (uint32_t i = 0; i < 20; i++) {
        thirds[i] = i % 3;
        uneven[i] = i < 9 ? 0 : i < 15 ? 2 : 300;
        rare[i] = i < 9 ? 0 : i < 18 ? 2 : 70000;
        alike[i] = wide[i % 4];
    }
    check_validation(thirds, 20, 0.3, 1, (const uint32_t[]){0, 2, 4, 12, 14, 19}, 6);
    check_validation(thirds, 20, 0.3, 2, (const uint32_t[]){0, 4, 10, 14, 17, 18}, 6);
    /* Sorted labels, classes 1 and 3 to 299 missing. */
    check_validation(uneven, 20, 0.25, 1, (const uint32_t[]){3, 8, 9, 13, 18}, 5);
    /* The rare class is left without a held-out row. */
    check_validation(rare, 20, 0.1, 1, (const uint32_t[]){8, 10}, 2);
    /* Labels that agree in their low bits. */
    check_validation(alike, 20, 0.25, 3, (const uint32_t[]){3, 6, 7, 8, 17}, 5);
}

/* Rows of class `label` that are held out by definition: quadratic, and straight from split.h. */
static uint64_t quota(const uint32_t *labels, uint64_t n, uint64_t h, uint32_t label) {
    uint64_t size[8] = {0}, left = h;
    for (uint64_t i = 0; i < n; i++)
        size[labels[i]]++;
    for (size_t c = 0; c < 8; c++)
        left -= size[c] * h / n;
    uint64_t before = 0, mine = size[label] * h % n;
    for (size_t c = 0; c < 8; c++)
        before += size[c] * h % n > mine || (size[c] * h % n == mine && c < label);
    return size[label] * h / n + (before < left);
}

static void check_by_definition(const uint32_t *labels, uint32_t n, double fraction, uint64_t seed,
                                const isb_split *split) {
    uint64_t h = (uint64_t)floor(n * fraction + 0.5);
    bool held[512] = {false};
    for (uint32_t c = 0; c < 8; c++) {
        uint32_t rows[512], count = 0;
        for (uint32_t i = 0; i < n; i++)
            if (labels[i] == c)
                rows[count++] = i;
        isb_stream stream;
        isb_stream_open(&stream, seed, ISB_PURPOSE_VALIDATION, c, 0, 0, 0);
        isb_stream_shuffle(&stream, rows, count);
        for (uint64_t i = 0; i < quota(labels, n, h, c); i++)
            held[rows[i]] = true;
    }
    size_t train = 0, validation = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (held[i])
            CHECK(validation < split->validation_rows && split->validation[validation++] == i);
        else
            CHECK(train < split->train_rows && split->train[train++] == i);
    }
    CHECK(validation == h && train == n - h && split->validation_rows == h);
}

CASE(data_split, stratified_follows_its_definition) {
    static const double fractions[] = {0.01, 0.1, 1.0 / 3, 0.5, 0.77, 0.99};
    isb_stream random;
    isb_stream_open(&random, 7, ISB_PURPOSE_SHUFFLE, 0, 0, 0, 0);
    for (size_t trial = 0; trial < 300; trial++) {
        uint32_t labels[512];
        uint32_t n = 60 + isb_stream_below(&random, 450);
        uint32_t classes = 1 + isb_stream_below(&random, 8);
        for (uint32_t i = 0; i < n; i++)
            labels[i] = isb_stream_below(&random, 1 + isb_stream_below(&random, classes));
        double fraction = fractions[trial % 6];
        isb_split split = make(labels, n, ISB_VALIDATION_STRATIFIED, fraction, trial);
        check_by_definition(labels, n, fraction, trial, &split);
        isb_split_free(&split);
    }
}

/* Sixty thousand rows; the digest of the held-out ones is that of the implementation in Python. */
CASE(data_split, stratified_at_full_size) {
    uint32_t n = 60000, *labels = malloc(n * sizeof *labels), total[10] = {0}, held[10] = {0};
    CHECK(labels != NULL);
    for (uint32_t i = 0; i < n; i++) {
        labels[i] = (uint32_t)(((uint64_t)i * i + i / 7) % 10);
        total[labels[i]]++;
    }
    isb_split split = make(labels, n, ISB_VALIDATION_STRATIFIED, 0.1, 9);
    CHECK(split.validation_rows == 6000);
    for (size_t i = 0; i < split.validation_rows; i++)
        held[labels[split.validation[i]]]++;
    for (size_t c = 0; c < 10; c++)
        CHECK(held[c] == total[c] / 10 || held[c] == total[c] / 10 + 1);
    char digest[ISB_SHA256_SIZE];
    CHECK(isb_sha256_of(split.validation, 6000 * sizeof(uint32_t), digest, NULL) == ISB_OK);
    CHECK(strcmp(digest, "127a92406b12ef2b423c2f62e00deb162a889ef8b9af374b57f5c47ff514ce2c") == 0);
    isb_split_free(&split);
    free(labels);
}

/* floor(n * (1.0 - fraction)) in double: 10 * (1.0 - 0.9) is just below 1, so nothing would be
 * left. */
CASE(data_split, tail_is_keras_s) {
    static const struct {
        size_t rows;
        double fraction;
        size_t train;
    } known[] = {{10, 0.1, 9}, {10, 0.25, 7}, {10, 0.8, 1}, {100, 0.9, 9}, {60000, 0.1, 54000}};
    uint32_t *labels = calloc(60000, sizeof *labels);
    CHECK(labels != NULL);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        isb_split split = make(labels, known[k].rows, ISB_VALIDATION_TAIL, known[k].fraction, 1);
        CHECKF(split.train_rows == known[k].train, "%zu: %zu", k, split.train_rows);
        for (uint32_t i = 0; i < known[k].rows; i++)
            CHECK(i < known[k].train ? split.train[i] == i
                                     : split.validation[i - known[k].train] == i);
        isb_split_free(&split);
    }
    isb_dataset dataset = with_labels(labels, 10);
    isb_experiment experiment = with_validation(ISB_VALIDATION_TAIL, 0.9, 1);
    refuse(
        &dataset, &experiment, ISB_USAGE,
        "e.yaml: data.validation: the fraction 0.9 of 10 rows holds out 10 and leaves 0 to train "
        "on; neither may be 0, so choose another fraction, or none");
    free(labels);
}

CASE(data_split, none_and_test) {
    uint32_t labels[5] = {0};
    isb_split split = make(labels, 5, ISB_VALIDATION_NONE, 0, 1);
    CHECK(split.train_rows == 5 && split.train[0] == 0 && split.train[4] == 4);
    CHECK(split.validation == NULL && split.validation_rows == 0);
    isb_split_free(&split);

    isb_dataset dataset = with_labels(labels, 5);
    isb_experiment experiment = with_validation(ISB_VALIDATION_TEST, 0, 1);
    refuse(&dataset, &experiment, ISB_USAGE,
           "e.yaml: data.validation: test needs a test part, and made-up brings none; choose a "
           "fraction such as 0.1, or none");
    dataset.test.rows = 3;
    CHECK(isb_split_make(&split, &dataset, &experiment, NULL) == ISB_OK);
    CHECK(split.train_rows == 5 && split.train[4] == 4);
    CHECK(split.validation_rows == 3 && split.validation[0] == 0 && split.validation[2] == 2);
    isb_split_free(&split);
}

CASE(data_split, names_what_cannot_be_split) {
    uint32_t labels[4] = {0, 1, 0, 1};
    isb_dataset dataset = with_labels(labels, 4);
    isb_experiment experiment = with_validation(ISB_VALIDATION_STRATIFIED, 0.1, 1);
    refuse(&dataset, &experiment, ISB_USAGE,
           "e.yaml: data.validation: the fraction 0.1 of 4 rows holds out 0 and leaves 4 to train "
           "on; neither may be 0, so choose another fraction, or none");
    experiment.validation_fraction = 0.9;
    refuse(&dataset, &experiment, ISB_USAGE,
           "e.yaml: data.validation: the fraction 0.9 of 4 rows holds out 4 and leaves 0 to train "
           "on; neither may be 0, so choose another fraction, or none");
    experiment.validation_fraction = (double)NAN;
    refuse(&dataset, &experiment, ISB_USAGE,
           "e.yaml: data.validation: the fraction nan is not between 0 and 1, both excluded; 0.1 "
           "holds out a tenth");
    experiment.validation_fraction = 1;
    refuse(&dataset, &experiment, ISB_USAGE,
           "e.yaml: data.validation: the fraction 1 is not between 0 and 1, both excluded; 0.1 "
           "holds out a tenth");
    dataset.train.rows = (size_t)1 << 32;
    refuse(
        &dataset, &experiment, ISB_DATA,
        "the train part has 4294967296 rows, and at most 4294967295 can be used; take some away");
    dataset.train.rows = 0;
    refuse(&dataset, &experiment, ISB_USAGE,
           "e.yaml: data.source: made-up has no rows to train on");
}

/* Nothing but seed, labels and fraction has a say. */
CASE(data_split, depends_on_seed_and_labels_alone) {
    uint32_t labels[100];
    for (uint32_t i = 0; i < 100; i++)
        labels[i] = i % 10;
    isb_split one = make(labels, 100, ISB_VALIDATION_STRATIFIED, 0.2, 5);
    isb_dataset dataset = with_labels(labels, 100);
    isb_experiment other = with_validation(ISB_VALIDATION_STRATIFIED, 0.2, 5);
    dataset.shape = (isb_shape){2, {3, 4}};
    dataset.test.rows = 7;
    other.batch_size = 17;
    other.epochs = 3;
    other.shuffle = true;
    isb_split same, different;
    CHECK(isb_split_make(&same, &dataset, &other, NULL) == ISB_OK);
    CHECK(memcmp(one.validation, same.validation, 20 * sizeof(uint32_t)) == 0);
    CHECK(memcmp(one.train, same.train, 80 * sizeof(uint32_t)) == 0);
    other.seed = 6;
    CHECK(isb_split_make(&different, &dataset, &other, NULL) == ISB_OK);
    CHECK(memcmp(one.validation, different.validation, 20 * sizeof(uint32_t)) != 0);
    isb_split_free(&one);
    isb_split_free(&same);
    isb_split_free(&different);
}
