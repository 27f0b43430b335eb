#include "layers/dropout.h"
#include "random/stream.h"

static size_t panels_before(const isb_network *network, size_t l) {
    return l == 0 ? isb_panels(network->inputs) : network->dense[l - 1].unit_panels;
}

static uint16_t *mask(const isb_context *c, size_t l, size_t dropout, size_t p, size_t first) {
    const size_t panel = dropout * panels_before(c->network, l) + p;
    uint16_t *kept = l == 0 && c->input_kept != NULL ? c->input_kept : c->buffers->kept[l];
    return kept + panel * c->buffers->capacity + first;
}

void isb_dropout_forward(const isb_context *c, size_t l, float *M, size_t p, size_t first,
                         size_t rows) {
    const isb_dropouts *dropouts = isb_dropouts_before(c->network, l);
    for (size_t i = 0; i < dropouts->count; i++) {
        const isb_dropout *dropout = &dropouts->items[i];
        isb_xoshiro generator;
        isb_xoshiro_key(&generator,
                        isb_stream_key(c->seed, ISB_PURPOSE_DROPOUT, c->step, dropout->site,
                                       (c->first + first) / ISB_LEAF, p));
        c->kernels->dropout(M + p * c->buffers->stride + first * 16, mask(c, l, i, p, first), rows,
                            first % ISB_LEAF, &generator, dropout->last_dropped, dropout->scale);
    }
}

void isb_dropout_backward(const isb_context *c, size_t l, float *D, size_t p, size_t first,
                          size_t rows) {
    const isb_dropouts *dropouts = isb_dropouts_before(c->network, l);
    for (size_t i = dropouts->count; i-- > 0;)
        c->kernels->dropout_backward(D + p * c->buffers->stride + first * 16,
                                     mask(c, l, i, p, first), rows, dropouts->items[i].scale);
}
