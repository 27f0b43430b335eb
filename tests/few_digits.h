/* A tenth of the built-in digits as a directory of IDX files: enough for what is not about data, at
 * a tenth of the time, which counts under valgrind. */
#ifndef ISB_TESTS_FEW_DIGITS_H
#define ISB_TESTS_FEW_DIGITS_H

#include "program.h"
#include <isobit/dataset.h>

enum { FEW_TRAIN = 1200, FEW_TEST = 200 };

/* Writes a file of the place: an IDX header, then its data. */
void put_idx(const place *p, const char *path, const void *header, size_t size, const uint8_t *data,
             size_t length);

/* Writes images of 28 x 28 and their labels as the part "train" or "t10k" of the data set in
 * `directory`. */
void put_idx_part(const place *p, const char *directory, const char *part, const uint8_t *images,
                  const uint8_t *labels, size_t rows);

/* Makes the directory "few" in the place. */
void few_digits_write(const place *p);
isb_dataset few_digits_open(const place *p);

#endif
