/* A tenth of the built-in digits as a directory of IDX files: enough for what is not about data, at
 * a tenth of the time, which counts under valgrind. */
#ifndef ISB_TESTS_FEW_DIGITS_H
#define ISB_TESTS_FEW_DIGITS_H

#include "program.h"
#include <isobit/dataset.h>

enum { FEW_TRAIN = 1200, FEW_TEST = 200 };

/* Makes the directory "few" in the place. */
void few_digits_write(const place *p);
isb_dataset few_digits_open(const place *p);

#endif
