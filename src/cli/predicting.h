/* What isobit predict prints, and where its rows come from. */
#ifndef ISB_CLI_PREDICTING_H
#define ISB_CLI_PREDICTING_H

#include "cli/applied.h"
#include "cli/csv.h"

/* Predictions on their way to standard output. */
typedef struct isb_printing {
    const isb_applied *applied; /* its part may change from rows to rows */
    bool proba;                 /* probabilities are asked for by name */
    size_t top;                 /* the most likely classes of a row alone; 0: all probabilities */
    isb_csv csv;
    size_t capacity;   /* rows of a block */
    uint32_t *classes; /* NULL: a regression */
    float *outputs;
} isb_printing;

/* Prints the header. isb_printing_close is called whatever it gives. */
isb_status isb_printing_open(isb_printing *printing, isb_error *error);

/* The rows of the part; the first one of its table is row `base` of what is predicted. */
isb_status isb_printing_rows(isb_printing *printing, size_t base, isb_error *error);

/* Writes what is left; gives `status`, or what the writing came to. */
isb_status isb_printing_close(isb_printing *printing, isb_status status);

/* Whether --data is -, standard input; and predicts that. */
bool isb_predict_from_stream(const isb_options *options);
isb_status isb_predict_stream(const isb_options *options, isb_error *error);

#endif
