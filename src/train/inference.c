#include "train/inference.h"
#include "layers/dense.h"
#include "layers/gather.h"
#include "loss/row_losses.h"
#include "parallel/team.h"
#include <stdlib.h>

enum { BLOCK_ROWS = 128 };

isb_status isb_inference_open(isb_inference *out, const isb_kernels *kernels,
                              const isb_network *network, size_t threads, isb_error *error) {
    *out = (isb_inference){.kernels = kernels, .network = network, .threads = threads};
    out->buffers = calloc(threads, sizeof *out->buffers);
    if (out->buffers == NULL)
        return isb_fail_memory(error, "a forward pass");
    isb_status status = ISB_OK;
    for (size_t t = 0; status == ISB_OK && t < threads; t++)
        status = isb_buffers_build(&out->buffers[t], network, BLOCK_ROWS, false, error);
    return status;
}

void isb_inference_close(isb_inference *inference) {
    for (size_t t = 0; inference->buffers != NULL && t < inference->threads; t++)
        isb_buffers_free(&inference->buffers[t], inference->network);
    free(inference->buffers);
    *inference = (isb_inference){0};
}

/* A block of rows whose logits are known. */
typedef struct block {
    const isb_context *context;
    float *logits;
    size_t stride;
    size_t first; /* row among all that were asked for */
} block;

static float output(const block *b, size_t row, size_t column) {
    return b->logits[column / 16 * b->stride + row * 16 + column % 16];
}

static void put_classes(const block *b, uint32_t *classes) {
    const size_t outputs = b->context->network->outputs;
    for (size_t r = 0; r < b->context->rows; r++) {
        size_t largest = 0;
        for (size_t i = 1; i < outputs; i++)
            if (output(b, r, i) > output(b, r, largest))
                largest = i;
        classes[b->first + r] = (uint32_t)largest;
    }
}

static void put_outputs(const block *b, float *outputs) {
    const size_t count = b->context->network->outputs;
    float *to = outputs + b->first * count;
    for (size_t r = 0; r < b->context->rows; r++)
        for (size_t i = 0; i < count; i++)
            *to++ = output(b, r, i);
}

/* The logits are lost. */
static void put_probabilities(const block *b, float *probabilities) {
    const isb_context *c = b->context;
    c->kernels->softmax(b->logits, b->stride, c->rows, c->network->outputs);
    put_outputs(b, probabilities);
}

/* What all threads work on. */
typedef struct task {
    const isb_inference *inference;
    const isb_source *source;
    const uint32_t *order;
    size_t count;
    const isb_row_results *results;
} task;

static void run_block(const task *t, isb_buffers *buffers, size_t first, size_t rows) {
    const isb_network *network = t->inference->network;
    const isb_row_results *results = t->results;
    isb_context c = {.kernels = t->inference->kernels,
                     .network = network,
                     .buffers = buffers,
                     .source = t->source,
                     .order = t->order + first,
                     .rows = rows,
                     .batch_rows = rows,
                     .sparse = isb_inputs_are_sparse(network, t->source)};
    const isb_range all = {0, rows};
    isb_gather(&c, all);
    for (size_t l = 0; l < network->count; l++)
        isb_dense_forward(&c, l, all, (isb_range){0, network->dense[l].unit_panels});
    const block b = {&c, buffers->activation[network->count], buffers->stride, first};
    if (results->scores != NULL) {
        c.scores = isb_row_scores_from(results->scores, first);
        isb_row_losses(&c, all, false);
    }
    if (results->classes != NULL)
        put_classes(&b, results->classes);
    if (results->outputs != NULL)
        put_outputs(&b, results->outputs);
    if (results->probabilities != NULL)
        put_probabilities(&b, results->probabilities);
}

static void run_blocks(void *context, size_t thread, isb_team *team) {
    const task *t = context;
    const size_t threads = isb_team_threads(team);
    const size_t blocks = (t->count + BLOCK_ROWS - 1) / BLOCK_ROWS;
    const size_t end = isb_part(blocks, threads, thread + 1);
    for (size_t b = isb_part(blocks, threads, thread); b < end; b++) {
        if (isb_stop_asked(t->inference->stop))
            return;
        const size_t first = b * BLOCK_ROWS, left = t->count - first;
        run_block(t, &t->inference->buffers[thread], first, left < BLOCK_ROWS ? left : BLOCK_ROWS);
    }
}

void isb_inference_run(const isb_inference *inference, const isb_source *source,
                       const uint32_t *order, size_t count, const isb_row_results *results) {
    task t = {inference, source, order, count, results};
    isb_team_run(inference->threads, run_blocks, &t);
}
