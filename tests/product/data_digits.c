#include "check.h"
#include "data/digits.h"
#include <stdlib.h>
#include <string.h>

static isb_dataset make_digits(void) {
    isb_dataset digits = {.source = NULL};
    CHECK(isb_digits_make(&digits, NULL) == ISB_OK);
    CHECK(digits.train.rows == ISB_DIGITS_TRAIN && digits.test.rows == ISB_DIGITS_TEST);
    CHECK(digits.train.dtype == ISB_U8 && digits.test.dtype == ISB_U8);
    return digits;
}

static const uint8_t *image(const isb_table *table, size_t row) {
    return (const uint8_t *)table->features + row * ISB_DIGITS_PIXELS;
}

/* The set is part of the program's promise: another digest is another data set. */
CASE(data_digits, content_is_pinned) {
    isb_dataset digits;
    CHECK(isb_dataset_open(&digits, "digits", NULL) == ISB_OK);
    CHECKF(strcmp(digits.sha256,
                  "c76f4cf5c0c0f7ed3d222087d70c2d3c27346a87b39ea00282229e6776942d9e") == 0,
           "%s", digits.sha256);
    CHECK(digits.shape.rank == 2 && digits.shape.sizes[0] == 28 && digits.shape.sizes[1] == 28);
    CHECK(strcmp(digits.train.labels_from, "digits") == 0);
    isb_dataset_free(&digits);
    CHECK(digits.train.features == NULL && digits.source == NULL && digits.train.rows == 0);
}

static void check_balance(const isb_table *table) {
    size_t count[ISB_DIGITS_CLASSES] = {0}, runs = 1;
    for (size_t i = 0; i < table->rows; i++) {
        CHECK(table->labels[i] < ISB_DIGITS_CLASSES);
        count[table->labels[i]]++;
        runs += i > 0 && table->labels[i] != table->labels[i - 1];
    }
    for (size_t c = 0; c < ISB_DIGITS_CLASSES; c++)
        CHECK(count[c] == table->rows / ISB_DIGITS_CLASSES);
    /* In random order nine neighbours in ten differ. */
    CHECK(runs > table->rows * 88 / 100 && runs < table->rows * 92 / 100);
}

CASE(data_digits, classes_are_balanced_and_mixed) {
    isb_dataset digits = make_digits();
    check_balance(&digits.train);
    check_balance(&digits.test);
    isb_dataset_free(&digits);
}

CASE(data_digits, a_row_stands_alone) {
    isb_dataset digits = make_digits();
    isb_pens *pens = isb_pens_create();
    CHECK(pens != NULL);
    uint8_t pixels[ISB_DIGITS_PIXELS];
    for (uint32_t row = ISB_DIGITS_TEST; row-- > 0;) {
        isb_digits_draw(pens, 1, row, digits.test.labels[row], pixels);
        CHECK(memcmp(pixels, image(&digits.test, row), sizeof pixels) == 0);
    }
    isb_digits_draw(pens, 0, 11999, digits.train.labels[11999], pixels);
    CHECK(memcmp(pixels, image(&digits.train, 11999), sizeof pixels) == 0);
    isb_digits_draw(pens, 1, 7, digits.test.labels[7], pixels);
    CHECK(memcmp(pixels, image(&digits.train, 7), sizeof pixels) != 0);
    free(pens);
    isb_dataset_free(&digits);
}

/* Enough ink to be a digit, and no more than a digit needs. */
CASE(data_digits, every_image_shows_something) {
    isb_dataset digits = make_digits();
    for (size_t row = 0; row < digits.train.rows; row++) {
        size_t bright = 0;
        for (size_t i = 0; i < ISB_DIGITS_PIXELS; i++)
            bright += image(&digits.train, row)[i] >= 100;
        CHECKF(bright >= 15 && bright <= 350, "row %zu has %zu bright pixels", row, bright);
    }
    isb_dataset_free(&digits);
}

static int compare_images(const void *left, const void *right) {
    return memcmp(*(const uint8_t *const *)left, *(const uint8_t *const *)right, ISB_DIGITS_PIXELS);
}

CASE(data_digits, no_image_comes_twice) {
    isb_dataset digits = make_digits();
    size_t count = ISB_DIGITS_TRAIN + ISB_DIGITS_TEST;
    const uint8_t **images = malloc(count * sizeof *images);
    CHECK(images != NULL);
    for (size_t i = 0; i < count; i++)
        images[i] = i < ISB_DIGITS_TRAIN ? image(&digits.train, i)
                                         : image(&digits.test, i - ISB_DIGITS_TRAIN);
    qsort(images, count, sizeof *images, compare_images);
    for (size_t i = 1; i < count; i++)
        CHECK(compare_images(&images[i - 1], &images[i]) != 0);
    free(images);
    isb_dataset_free(&digits);
}
