#include "train/evaluate.h"
#include "base/memory.h"
#include "cpu/fpenv.h"
#include "layers/dense.h"
#include "layers/gather.h"
#include "loss/leaf_sum.h"
#include "parallel/team.h"
#include <stdlib.h>
#include <string.h>

enum { BLOCK_ROWS = 128 };

typedef struct evaluation {
    isb_context context; /* without buffers: each thread has its own */
    isb_buffers *buffers;
    const uint32_t *order;
    size_t count;
    float *losses; /* of every row */
    uint8_t *hits;
    const volatile int *stop;
} evaluation;

static void score_block(const evaluation *e, isb_buffers *buffers, size_t first, size_t rows) {
    isb_context c = e->context;
    c.buffers = buffers;
    c.order = e->order + first;
    c.rows = rows;
    const isb_range all = {0, rows};
    isb_gather(&c, all);
    isb_gather_labels(&c, all);
    for (size_t l = 0; l < c.network->count; l++)
        isb_dense_forward(&c, l, all, (isb_range){0, c.network->dense[l].unit_panels});
    c.kernels->cross_entropy(NULL, 0, e->losses + first, e->hits + first,
                             buffers->activation[c.network->count], buffers->stride,
                             buffers->labels, rows, c.network->outputs, 1.0f);
}

static void score_blocks(void *context, size_t thread, isb_team *team) {
    const evaluation *e = context;
    const size_t threads = isb_team_threads(team);
    const size_t blocks = (e->count + BLOCK_ROWS - 1) / BLOCK_ROWS;
    const size_t end = isb_part(blocks, threads, thread + 1);
    for (size_t b = isb_part(blocks, threads, thread); b < end && !isb_stop_asked(e->stop); b++) {
        const size_t first = b * BLOCK_ROWS, left = e->count - first;
        score_block(e, &e->buffers[thread], first, left < BLOCK_ROWS ? left : BLOCK_ROWS);
    }
}

static isb_status score_all(evaluation *e, size_t threads, isb_score *score, isb_error *error) {
    for (size_t t = 0; t < threads; t++) {
        isb_status status =
            isb_buffers_build(&e->buffers[t], e->context.network, BLOCK_ROWS, false, error);
        if (status != ISB_OK)
            return status;
    }
    isb_team_run(threads, score_blocks, e);
    size_t hits = 0;
    for (size_t i = 0; i < e->count; i++)
        hits += e->hits[i];
    *score = (isb_score){.present = true,
                         .loss = (double)isb_leaf_sum(e->losses, e->count) / (double)e->count,
                         .accuracy = (double)hits / (double)e->count};
    return ISB_OK;
}

isb_status isb_evaluate(const isb_kernels *kernels, const isb_network *network,
                        const isb_source *source, const uint32_t *order, size_t count,
                        size_t threads, const volatile int *stop, isb_score *score,
                        isb_error *error) {
    evaluation e = {.context = {.kernels = kernels, .network = network, .source = source},
                    .order = order,
                    .count = count,
                    .stop = stop};
    e.losses = isb_allocate(count, sizeof *e.losses);
    e.hits = isb_allocate(count, sizeof *e.hits);
    e.buffers = calloc(threads, sizeof *e.buffers);
    const isb_fpenv before = isb_fpenv_enter();
    isb_status status = ISB_OK;
    if (e.losses == NULL || e.hits == NULL || e.buffers == NULL)
        status = isb_fail_memory(error, "an evaluation");
    else
        status = score_all(&e, threads, score, error);
    isb_fpenv_leave(before);
    for (size_t t = 0; e.buffers != NULL && t < threads; t++)
        isb_buffers_free(&e.buffers[t], network);
    free(e.buffers);
    isb_release(e.losses);
    isb_release(e.hits);
    return status;
}
