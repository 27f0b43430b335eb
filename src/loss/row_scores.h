/* Room for what the loss says of each row, and the means over many. */
#ifndef ISB_LOSS_ROW_SCORES_H
#define ISB_LOSS_ROW_SCORES_H

#include "layers/context.h"
#include <isobit/trainer.h>

/* Released by isb_row_scores_free, also after a failure. */
isb_status isb_row_scores_make(isb_row_scores *out, isb_loss_kind loss, size_t rows,
                               isb_error *error);
void isb_row_scores_free(isb_row_scores *scores);

/* Sums over the rows by rule 3. */
typedef struct isb_score_sums {
    double loss;
    uint64_t hits;
    double absolute, squared;
} isb_score_sums;

/* `loss` is the leaf sum of the losses. */
isb_score_sums isb_row_scores_sum(const isb_row_scores *scores, float loss, size_t rows);

/* The means of sums over `count` rows of the table; `rows` are the rows, for R2. */
isb_score isb_score_of(const isb_score_sums *sums, isb_loss_kind loss, const isb_table *table,
                       const uint32_t *rows, size_t count);

#endif
