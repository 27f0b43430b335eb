#include "loss/row_scores.h"
#include "base/memory.h"
#include "loss/leaf_sum.h"
#include "model/network.h"

isb_status isb_row_scores_make(isb_row_scores *out, isb_loss_kind loss, size_t rows,
                               isb_error *error) {
    *out = (isb_row_scores){.losses = isb_allocate(rows, sizeof *out->losses)};
    bool complete = out->losses != NULL;
    if (isb_is_regression(loss)) {
        out->absolute = isb_allocate(rows, sizeof *out->absolute);
        out->squared = isb_allocate(rows, sizeof *out->squared);
        complete = complete && out->absolute != NULL && out->squared != NULL;
    } else {
        out->hits = isb_allocate(rows, sizeof *out->hits);
        complete = complete && out->hits != NULL;
    }
    return complete ? ISB_OK : isb_fail_memory(error, "the losses of the rows");
}

void isb_row_scores_free(isb_row_scores *scores) {
    isb_release(scores->losses);
    isb_release(scores->hits);
    isb_release(scores->absolute);
    isb_release(scores->squared);
    *scores = (isb_row_scores){0};
}

isb_score_sums isb_row_scores_sum(const isb_row_scores *scores, float loss, size_t rows) {
    isb_score_sums sums = {.loss = (double)loss};
    for (size_t i = 0; scores->hits != NULL && i < rows; i++)
        sums.hits += scores->hits[i];
    if (scores->absolute != NULL) {
        sums.absolute = (double)isb_leaf_sum(scores->absolute, rows);
        sums.squared = (double)isb_leaf_sum(scores->squared, rows);
    }
    return sums;
}

/* Of one column: the squared distances of its targets from their mean, summed in the order of the
 * rows. */
static double spread_of(const isb_table *table, const uint32_t *rows, size_t count, size_t column) {
    const float *targets = table->targets + column;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)targets[rows[i] * table->target_width];
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        const double distance = (double)targets[rows[i] * table->target_width] - mean;
        squares += distance * distance;
    }
    return squares;
}

/* Targets that are all the same leave nothing to explain: 1 where that was hit, else 0. */
static double r2_of(double mse, const isb_table *table, const uint32_t *rows, size_t count) {
    double spread = 0;
    for (size_t column = 0; column < table->target_width; column++)
        spread += spread_of(table, rows, count, column);
    const double left = mse * (double)count * (double)table->target_width;
    if (spread == 0)
        return left == 0 ? 1 : 0;
    return 1 - left / spread;
}

isb_score isb_score_of(const isb_score_sums *sums, isb_loss_kind loss, const isb_table *table,
                       const uint32_t *rows, size_t count) {
    const double n = (double)count;
    isb_score score = {.present = true, .loss = sums->loss / n};
    if (isb_is_regression(loss)) {
        score.mae = sums->absolute / n;
        score.mse = sums->squared / n;
        score.r2 = r2_of(score.mse, table, rows, count);
    } else {
        score.accuracy = (double)sums->hits / n;
    }
    return score;
}
