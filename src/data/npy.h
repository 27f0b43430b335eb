/* NumPy arrays in the .npy format, versions 1 to 3 (numpy.lib.format): the magic bytes, a header in
 * Python's notation with type, order and shape, then the elements. */
#ifndef ISB_DATA_NPY_H
#define ISB_DATA_NPY_H

#include "data/feed.h"
#include <isobit/dataset.h>

#define ISB_NPY_MAGIC "\x93NUMPY"

enum { ISB_NPY_MAX_RANK = ISB_MAX_RANK + 1, ISB_NPY_MAGIC_SIZE = 6 };

typedef enum isb_npy_kind {
    ISB_NPY_BOOL,
    ISB_NPY_SIGNED,
    ISB_NPY_UNSIGNED,
    ISB_NPY_FLOAT
} isb_npy_kind;

typedef struct isb_npy {
    isb_npy_kind kind;
    size_t size;  /* bytes of an element: 1, 2, 4 or 8 */
    bool swapped; /* big-endian */
    bool fortran; /* the first axis runs fastest */
    size_t rank;
    size_t sizes[ISB_NPY_MAX_RANK];
    size_t count;  /* elements */
    size_t header; /* bytes before them */
} isb_npy;

/* Reads and checks the header. What is announced and cannot be there is refused here, before
 * anything is allocated. Every damage is ISB_DATA. */
isb_status isb_npy_open(isb_npy *out, const isb_feed *feed, isb_error *error);

/* "(60000, 28, 28)" */
#define ISB_NPY_SHAPE_SIZE (ISB_NPY_MAX_RANK * 22 + 4)
const char *isb_npy_shape(const isb_npy *array, char text[ISB_NPY_SHAPE_SIZE]);

/* The array as features, rows first: 8-bit unsigned integers and truth values as ISB_U8 (a truth
 * value is 0 or 1), everything else rounded to float32. *features is released by free(), NULL after
 * a failure. What float32 cannot hold finitely is ISB_DATA; up to 10 such problems, a column and
 * value each, are named in one go. */
isb_status isb_npy_features(const isb_npy *array, const isb_feed *feed, isb_dtype *dtype,
                            void **features, isb_error *error);

/* The array, of shape (rows,) or (rows, 1), as labels: whole numbers from 0. */
isb_status isb_npy_labels(const isb_npy *array, const isb_feed *feed, uint32_t **labels,
                          isb_error *error);

/* The array, of shape (rows,) or (rows, width), as targets of a regression: finite numbers rounded
 * to float32. */
isb_status isb_npy_targets(const isb_npy *array, const isb_feed *feed, size_t *width,
                           float **targets, isb_error *error);

#endif
