/* The elements of a NumPy array, block by block, in the order in which they lie in the file. */
#ifndef ISB_DATA_NPY_ELEMENTS_H
#define ISB_DATA_NPY_ELEMENTS_H

#include "base/number.h"
#include "data/npy.h"

enum { ISB_NPY_BLOCK = 8192 };

/* A block, while it is looked at. */
typedef struct isb_npy_elements {
    const isb_npy *array;
    const isb_feed *feed;
    size_t width;        /* elements of a row */
    size_t index, count; /* of the block's first element in the file, and how many they are */
    void *context;       /* of who looks */
    _Alignas(8) uint8_t block[ISB_NPY_BLOCK * 8]; /* in this machine's order of bytes */
} isb_npy_elements;

/* Calls `take` for every block; of the fields only `context` is the caller's. ISB_DATA where there
 * are fewer or more bytes than the header announces. */
isb_status isb_npy_elements_read(isb_npy_elements *elements, const isb_npy *array,
                                 const isb_feed *feed, void (*take)(isb_npy_elements *),
                                 isb_error *error);

/* Elements of a block that lie in one column, or all of them where rows come first. */
typedef struct isb_npy_run {
    size_t place; /* of the first one, rows first; the others lie `step` apart */
    size_t step, count;
} isb_npy_run;

/* The run that begins behind the first `done` elements of the block. */
isb_npy_run isb_npy_next_run(const isb_npy_elements *elements, size_t done);

/* An element in the widest type of its kind: double, int64_t or uint64_t, as bits. Every NaN is the
 * same one. */
typedef uint64_t isb_npy_wide;

isb_npy_wide isb_npy_widen(const isb_npy *array, const uint8_t *element);
double isb_npy_double(isb_npy_wide value); /* of a float */

const char *isb_npy_value_text(const isb_npy *array, isb_npy_wide value,
                               char text[ISB_NUMBER_SIZE]);

/* "17", or "[3, 4]" where a row has several axes. */
const char *isb_npy_column_text(const isb_npy *array, size_t column, char text[ISB_NPY_SHAPE_SIZE]);

#endif
