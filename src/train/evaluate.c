#include "train/evaluate.h"
#include "base/memory.h"
#include "cpu/fpenv.h"
#include "loss/leaf_sum.h"

static isb_score score_of(const float *losses, const uint8_t *hits, size_t count) {
    size_t right = 0;
    for (size_t i = 0; i < count; i++)
        right += hits[i];
    const isb_fpenv before = isb_fpenv_enter();
    const isb_score score = {.present = true,
                             .loss = (double)isb_leaf_sum(losses, count) / (double)count,
                             .accuracy = (double)right / (double)count};
    isb_fpenv_leave(before);
    return score;
}

isb_status isb_score_rows(const isb_inference *inference, const isb_source *source,
                          const uint32_t *order, size_t count, uint32_t *classes, isb_score *score,
                          isb_error *error) {
    float *losses = isb_allocate(count, sizeof *losses);
    uint8_t *hits = isb_allocate(count, sizeof *hits);
    isb_status status = ISB_OK;
    if (losses == NULL || hits == NULL) {
        status = isb_fail_memory(error, "an evaluation");
    } else {
        const isb_row_results results = {.losses = losses, .hits = hits, .classes = classes};
        isb_inference_run(inference, source, order, count, &results);
        *score = score_of(losses, hits, count);
    }
    isb_release(losses);
    isb_release(hits);
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
