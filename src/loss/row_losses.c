#include "loss/row_losses.h"
#include "layers/gather.h"

static void classify(const isb_context *c, isb_range rows, float *Z, float *D) {
    const size_t first = rows.begin, stride = c->buffers->stride;
    isb_gather_labels(c, rows);
    c->kernels->cross_entropy(D, stride, c->scores.losses + first, c->scores.hits + first, Z,
                              stride, c->buffers->labels + first, rows.end - first,
                              c->network->outputs, (float)c->batch_rows);
}

static void regress(const isb_context *c, isb_range rows, float *Z, float *D) {
    const size_t first = rows.begin, count = rows.end - first, outputs = c->network->outputs;
    const size_t stride = c->buffers->stride;
    const float *T = c->buffers->targets + first * 16;
    const isb_regression by = {.divisor = (float)((double)c->batch_rows * (double)outputs),
                               .delta = c->network->delta};
    isb_gather_targets(c, rows);
    c->kernels->absolute_error(NULL, 0, c->scores.absolute + first, Z, stride, T, stride, count,
                               outputs, &by);
    c->kernels->squared_error(NULL, 0, c->scores.squared + first, Z, stride, T, stride, count,
                              outputs, &by);
    switch (c->network->loss) {
    case ISB_ABSOLUTE_ERROR:
        c->kernels->absolute_error(D, stride, c->scores.losses + first, Z, stride, T, stride, count,
                                   outputs, &by);
        break;
    case ISB_HUBER:
        c->kernels->huber(D, stride, c->scores.losses + first, Z, stride, T, stride, count, outputs,
                          &by);
        break;
    case ISB_SQUARED_ERROR:
    case ISB_CROSS_ENTROPY: /* no regression */
        c->kernels->squared_error(D, stride, c->scores.losses + first, Z, stride, T, stride, count,
                                  outputs, &by);
    }
}

void isb_row_losses(const isb_context *c, isb_range rows, bool gradient) {
    float *Z = c->buffers->activation[c->network->count] + rows.begin * 16;
    if (rows.begin == rows.end)
        return;
    if (isb_is_regression(c->network->loss))
        regress(c, rows, Z, gradient ? Z : NULL);
    else
        classify(c, rows, Z, gradient ? Z : NULL);
}
