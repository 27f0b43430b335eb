#include "few_digits.h"
#include "check.h"
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

void put_idx(const place *p, const char *path, const void *header, size_t size, const uint8_t *data,
             size_t length) {
    char full[512];
    snprintf(full, sizeof full, "%s/%s", p->path, path);
    FILE *file = fopen(full, "wb");
    CHECK(file != NULL && fwrite(header, 1, size, file) == size);
    CHECK(fwrite(data, 1, length, file) == length && fclose(file) == 0);
}

void put_idx_part(const place *p, const char *directory, const char *part, const uint8_t *images,
                  const uint8_t *labels, size_t rows) {
    const uint8_t high = (uint8_t)(rows >> 8), low = (uint8_t)rows;
    char path[256];
    snprintf(path, sizeof path, "%s/%s-images-idx3-ubyte", directory, part);
    put_idx(p, path, (const uint8_t[]){0, 0, 8, 3, 0, 0, high, low, 0, 0, 0, 28, 0, 0, 0, 28}, 16,
            images, rows * 28 * 28);
    snprintf(path, sizeof path, "%s/%s-labels-idx1-ubyte", directory, part);
    put_idx(p, path, (const uint8_t[]){0, 0, 8, 1, 0, 0, high, low}, 8, labels, rows);
}

static void put_part(const place *p, const char *part, const isb_table *table, size_t rows) {
    uint8_t classes[FEW_TRAIN];
    CHECK(rows <= FEW_TRAIN && rows <= table->rows && table->dtype == ISB_U8);
    for (size_t i = 0; i < rows; i++)
        classes[i] = (uint8_t)table->labels[i];
    put_idx_part(p, "few", part, table->features, classes, rows);
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
