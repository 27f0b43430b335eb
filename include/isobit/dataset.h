/* A data set in memory: features in the narrowest type that holds them, labels, parts. */
#ifndef ISOBIT_DATASET_H
#define ISOBIT_DATASET_H

#include <isobit/error.h>
#include <isobit/model.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum isb_dtype { ISB_U8, ISB_F32 } isb_dtype;

/* `rows` examples, row-major, each of the data set's shape; label i belongs to row i. A table with
 * rows has labels, targets or both. */
typedef struct isb_table {
    size_t rows;
    isb_dtype dtype;
    void *features;   /* uint8_t or float; owned */
    uint32_t *labels; /* classes, owned; NULL: none */
    float *targets;   /* of a regression, rows x target_width, owned; NULL: none */
    size_t target_width; /* targets of a row */
    char *labels_from; /* where the labels came from, for messages; owned */
} isb_table;

struct isb_preprocessing; /* data/preprocessing.h */

typedef struct isb_dataset {
    char *source; /* as isb_dataset_open was given it; owned */
    isb_shape shape; /* of one example, for example (28, 28) */
    isb_table train;
    isb_table test; /* rows == 0: the source brings no test part */
    char sha256[65]; /* of the content, 64 hex digits; see docs/experiment.md */
    struct isb_preprocessing *preprocessing; /* of what was fitted; NULL: nothing was; owned */
} isb_dataset;

/* Opens what data.source of a resolved experiment says: "digits" (drawn by the program), a directory
 * of IDX files, gzipped or not, under MNIST's usual names, an .npz file, or arrays as the text
 * "{x: FILE, y: FILE}" or "{file: FILE.npz, x: KEY, y: KEY}" (x_test and y_test beside them). Missing
 * or malformed data is ISB_DATA. `out` is released by isb_dataset_free. */
isb_status isb_dataset_open(isb_dataset *out, const char *source, isb_error *error);
void isb_dataset_free(isb_dataset *dataset);

/* The same, and for a regression NumPy's labels may be any finite numbers, several a row, too: they
 * are targets then. Whole numbers from 0 are labels all the same. */
isb_status isb_dataset_open_for(isb_dataset *out, const char *source, bool regression,
                                isb_error *error);

/* What the label `index` stands for; NULL where the labels are the numbers themselves. */
const char *isb_dataset_class(const isb_dataset *dataset, size_t index);

/* Every label of both parts must be below `classes`; ISB_DATA names file, row and label. */
isb_status isb_dataset_check_labels(const isb_dataset *dataset, size_t classes, isb_error *error);

#ifdef __cplusplus
}
#endif
#endif
