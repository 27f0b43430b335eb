#include "train/evaluate.h"
#include "cpu/fpenv.h"
#include "loss/leaf_sum.h"
#include "loss/row_scores.h"

static isb_score score_of(const isb_row_scores *scores, isb_loss_kind loss, const isb_table *table,
                          const uint32_t *order, size_t count) {
    const isb_fpenv before = isb_fpenv_enter();
    const isb_score_sums sums =
        isb_row_scores_sum(scores, isb_leaf_sum(scores->losses, count), count);
    const isb_score score = isb_score_of(&sums, loss, table, order, count);
    isb_fpenv_leave(before);
    return score;
}

isb_status isb_score_rows(const isb_inference *inference, const isb_source *source,
                          const uint32_t *order, size_t count, uint32_t *classes, isb_score *score,
                          isb_error *error) {
    const isb_loss_kind loss = inference->network->loss;
    isb_row_scores scores;
    const isb_status status = isb_row_scores_make(&scores, loss, count, error);
    if (status == ISB_OK) {
        const isb_row_results results = {.scores = &scores, .classes = classes};
        isb_inference_run(inference, source, order, count, &results);
        *score = score_of(&scores, loss, source->table, order, count);
    }
    isb_row_scores_free(&scores);
    return status;
}

isb_status isb_evaluate(const isb_kernels *kernels, const isb_network *network,
                        const isb_source *source, const uint32_t *order, size_t count,
                        size_t threads, const volatile int *stop, isb_score *score,
                        isb_error *error) {
    isb_inference inference;
    isb_status status = isb_inference_open(&inference, kernels, network, threads, error);
    inference.stop = stop;
    if (status == ISB_OK)
        status = isb_score_rows(&inference, source, order, count, NULL, score, error);
    isb_inference_close(&inference);
    return status;
}
