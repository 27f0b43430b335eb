/* What turns the columns of a table into features: fitted on the rows trained on, kept in the model
 * file, and applied to every table after it.
 *
 * A feature of a number is (x - offset) / divisor, in double, rounded once; `fill` is the x of a
 * missing cell. A text becomes one feature a category, 1 for its own and 0 elsewhere, and all 0 for
 * a text that no row trained on had. An indicator, a feature behind those, is 1 where the cell was
 * missing, else 0. */
#ifndef ISB_DATA_PREPROCESSING_H
#define ISB_DATA_PREPROCESSING_H

#include "data/frame.h"
#include <isobit/experiment.h>

enum { ISB_MOST_CATEGORIES = 10000 }; /* of one column */

typedef struct isb_feature {
    char *name; /* of the column; "" where they have none, and are taken in order */
    bool indicator;
    double offset, divisor, fill; /* of a number */
    char **categories;            /* of a text, in ascending byte order; NULL: a number */
    size_t category_count;
    const char *doubt; /* NULL, or why a column that was fitted is probably no feature: "counts the
                          rows"; not kept in the model file */
    size_t mode; /* the category of a missing cell: the most frequent, of equal ones the first */
} isb_feature;

typedef struct isb_preprocessing {
    isb_missing_policy policy;
    isb_feature *features;
    size_t count;
    size_t width;   /* features that a row becomes */
    char *label;    /* the column; NULL: none */
    char **classes; /* names of labels 0, 1, ...; NULL: none */
    size_t class_count;
} isb_preprocessing;

/* Takes all columns but the label and those to be dropped, in the order of the table. ISB_USAGE
 * where the form names one that is not there. `out` is released by isb_preprocessing_free, also
 * after a failure. */
isb_status isb_preprocessing_choose(isb_preprocessing *out, const isb_frame *frame,
                                    const isb_table_form *form, isb_error *error);

/* Fits offsets, divisors and categories of the columns chosen on `count` rows of the frame, at
 * least one; docs/tables.md has the rules. ISB_DATA, or ISB_USAGE where the form asks for what the
 * table does not have. */
isb_status isb_preprocessing_fit(isb_preprocessing *out, const isb_frame *frame,
                                 const isb_table_form *form, const uint32_t *rows, size_t count,
                                 isb_error *error);
void isb_preprocessing_free(isb_preprocessing *preprocessing);

/* Works out the width; false where it overflows. */
bool isb_preprocessing_measure(isb_preprocessing *preprocessing);

/* The features of `count` rows, row-major. Columns are found by name, in whatever order; further
 * ones are not looked at. ISB_DATA where one is not there or holds what is no number. */
isb_status isb_preprocessing_apply(const isb_preprocessing *preprocessing, const isb_frame *frame,
                                   const uint32_t *rows, size_t count, float *features,
                                   isb_error *error);

/* ISB_DATA at the first of `count` rows where a cell is missing that the features need. */
isb_status isb_preprocessing_refuse_missing(const isb_preprocessing *preprocessing,
                                            const isb_frame *frame, const uint32_t *rows,
                                            size_t count, isb_error *error);

/* Leaves the rows out where such a cell is missing. */
isb_status isb_preprocessing_drop_missing(const isb_preprocessing *preprocessing,
                                          const isb_frame *frame, uint32_t *rows, size_t *count,
                                          isb_error *error);

/* As JSON, as the metadata of a model file holds it; *text is released by free(). What is read back
 * may be anything: ISB_CORRUPT, naming `from`, where it makes no sense. */
isb_status isb_preprocessing_write(const isb_preprocessing *preprocessing, char **text,
                                   isb_error *error);
isb_status isb_preprocessing_read(isb_preprocessing *out, const char *text, const char *from,
                                  isb_error *error);

#endif
