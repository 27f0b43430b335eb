/* `digits`: handwritten-looking digits, 28 x 28 pixels of 8 bits, drawn by the program. */
#ifndef ISB_DATA_DIGITS_H
#define ISB_DATA_DIGITS_H

#include <isobit/dataset.h>

enum {
    ISB_DIGITS_SIDE = 28,
    ISB_DIGITS_PIXELS = ISB_DIGITS_SIDE * ISB_DIGITS_SIDE,
    ISB_DIGITS_CLASSES = 10,
    ISB_DIGITS_TRAIN = 12000,
    ISB_DIGITS_TEST = 2000,
};

/* The pens that digits are drawn with: stamps of discs, at eighths of a pixel. */
typedef struct isb_pens isb_pens;
isb_pens *isb_pens_create(void); /* NULL without memory; released by free() */

/* Image `row` of part 0 (train) or 1 (test), showing `label`. It depends on these three alone:
 * integer arithmetic on the streams (seed 0, ISB_PURPOSE_DIGITS, part, row). */
void isb_digits_draw(const isb_pens *pens, uint32_t part, uint32_t row, uint32_t label,
                     uint8_t pixels[ISB_DIGITS_PIXELS]);

/* Both parts; every class has the same number of rows, in random order. Fills shape, train and test
 * of an empty data set, which isb_dataset_free releases, also after ISB_NO_MEMORY. */
isb_status isb_digits_make(isb_dataset *out, isb_error *error);

#endif
