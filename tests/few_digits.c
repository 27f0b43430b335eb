#include "few_digits.h"
#include "check.h"
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

static void put(const place *p, const char *name, const uint8_t *header, size_t header_length,
                const uint8_t *data, size_t length) {
    char path[128];
    snprintf(path, sizeof path, "%s/few/%s", p->path, name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(header, 1, header_length, file) == header_length);
    CHECK(fwrite(data, 1, length, file) == length && fclose(file) == 0);
}

static void put_part(const place *p, const char *part, const isb_table *table, size_t rows) {
    const uint8_t high = (uint8_t)(rows >> 8), low = (uint8_t)rows;
    const uint8_t images[] = {0, 0, 8, 3, 0, 0, high, low, 0, 0, 0, 28, 0, 0, 0, 28};
    const uint8_t labels[] = {0, 0, 8, 1, 0, 0, high, low};
    uint8_t classes[FEW_TRAIN];
    char name[64];
    CHECK(rows <= FEW_TRAIN && rows <= table->rows && table->dtype == ISB_U8);
    for (size_t i = 0; i < rows; i++)
        classes[i] = (uint8_t)table->labels[i];
    snprintf(name, sizeof name, "%s-images-idx3-ubyte", part);
    put(p, name, images, sizeof images, table->features, rows * 28 * 28);
    snprintf(name, sizeof name, "%s-labels-idx1-ubyte", part);
    put(p, name, labels, sizeof labels, classes, rows);
}

void few_digits_write(const place *p) {
    static isb_dataset digits; /* stays: under valgrind they take seconds to draw */
    char path[128];
    if (digits.train.rows == 0)
        CHECK(isb_dataset_open(&digits, "digits", NULL) == ISB_OK);
    snprintf(path, sizeof path, "%s/few", p->path);
    CHECK(mkdir(path, 0777) == 0);
    put_part(p, "train", &digits.train, FEW_TRAIN);
    put_part(p, "t10k", &digits.test, FEW_TEST);
}

isb_dataset few_digits_open(const place *p) {
    char path[128];
    isb_dataset few;
    snprintf(path, sizeof path, "%s/few", p->path);
    CHECK(isb_dataset_open(&few, path, NULL) == ISB_OK);
    return few;
}
