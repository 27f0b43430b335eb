/* history.csv: one row an epoch, only columns that the experiment computes, all reproducible. */
#ifndef ISB_IO_HISTORY_H
#define ISB_IO_HISTORY_H

#include "io/text.h"
#include "train/metric.h"
#include <isobit/experiment.h>
#include <isobit/trainer.h>

typedef struct isb_history {
    isb_measure_set measures; /* which columns there are */
    bool train_eval;
    bool validation;
    size_t epochs;         /* rows */
    isb_epoch_result last; /* the last row's values: epoch, scores, learning_rate; the rest 0 */
    isb_text text;         /* the whole file; empty until there is a row */
} isb_history;

/* An empty history with the columns that `experiment` computes. */
isb_history isb_history_of(const isb_experiment *experiment);
void isb_history_free(isb_history *history);

/* Adds the row of epoch number `epochs` + 1. */
isb_status isb_history_add(isb_history *history, const isb_epoch_result *result, isb_error *error);

/* The values of the row of an epoch that is there; the only failure is ISB_NO_MEMORY. */
isb_status isb_history_find(const isb_history *history, size_t epoch, isb_epoch_result *result,
                            isb_error *error);

/* Replaces the file at `path` by the rows so far. */
isb_status isb_history_write(const isb_history *history, const char *path, isb_error *error);

/* Reads the first `epochs` rows of the file into an empty history. A file that is missing, damaged,
 * shorter, or of other columns is ISB_CORRUPT; the history then stays empty. */
isb_status isb_history_read(isb_history *history, const char *path, size_t epochs,
                            isb_error *error);

#endif
