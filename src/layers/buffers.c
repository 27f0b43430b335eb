#include "base/memory.h"
#include "layers/context.h"
#include <stdlib.h>

static float *matrix(const isb_buffers *buffers, size_t panels) {
    return isb_allocate(panels * buffers->stride, sizeof(float));
}

/* tanh and sigmoid cannot be told from y * scale (rule 6); ReLU can: lit and kept <=> Y > 0. */
static bool needs_unscaled(const isb_dense *dense) {
    return dense->after.count > 0 && dense->activation != ISB_LINEAR &&
           dense->activation != ISB_RELU;
}

static bool build_layer(isb_buffers *b, const isb_network *network, size_t l, bool training) {
    const isb_dense *dense = &network->dense[l];
    const bool last = l + 1 == network->count;
    b->activation[l + 1] = matrix(b, dense->unit_panels);
    if (b->activation[l + 1] == NULL)
        return false;
    if (!training)
        return true;
    b->gradient[l] = last ? b->activation[l + 1] : matrix(b, dense->unit_panels);
    if (needs_unscaled(dense) && !last) {
        b->unscaled[l] = matrix(b, dense->unit_panels);
        if (b->unscaled[l] == NULL)
            return false;
    }
    return b->gradient[l] != NULL;
}

static bool build_masks(isb_buffers *b, const isb_network *network) {
    for (size_t l = 0; l <= network->count; l++) {
        const isb_dropouts *dropouts = isb_dropouts_before(network, l);
        const size_t panels =
            l == 0 ? isb_panels(network->inputs) : network->dense[l - 1].unit_panels;
        if (dropouts->count == 0)
            continue;
        b->kept[l] = isb_allocate(dropouts->count * panels * b->capacity, sizeof(uint16_t));
        if (b->kept[l] == NULL)
            return false;
    }
    return true;
}

isb_status isb_buffers_build(isb_buffers *out, const isb_network *network, size_t capacity,
                             bool training, isb_error *error) {
    const size_t count = network->count;
    *out = (isb_buffers){.capacity = capacity, .stride = isb_panel_stride(capacity)};
    out->activation = calloc(count + 1, sizeof *out->activation);
    out->gradient = calloc(count, sizeof *out->gradient);
    out->unscaled = calloc(count, sizeof *out->unscaled);
    out->kept = calloc(count + 1, sizeof *out->kept);
    out->labels = isb_allocate(capacity, sizeof *out->labels);
    bool complete = out->activation && out->gradient && out->unscaled && out->kept && out->labels;
    if (complete && isb_is_regression(network->loss)) {
        out->targets = matrix(out, isb_panels(network->outputs));
        complete = out->targets != NULL;
    }
    if (complete) {
        out->activation[0] = matrix(out, isb_panels(network->inputs));
        complete = out->activation[0] != NULL;
    }
    for (size_t l = 0; complete && l < count; l++)
        complete = build_layer(out, network, l, training);
    if (complete && training)
        complete = build_masks(out, network);
    return complete ? ISB_OK : isb_fail_memory(error, "a batch");
}

void isb_buffers_free(isb_buffers *b, const isb_network *network) {
    for (size_t l = 0; b->activation && l <= network->count; l++)
        isb_release(b->activation[l]);
    for (size_t l = 0; b->gradient && l + 1 < network->count; l++)
        isb_release(b->gradient[l]); /* the last one is the logits' */
    for (size_t l = 0; b->unscaled && l < network->count; l++)
        isb_release(b->unscaled[l]);
    for (size_t l = 0; b->kept && l <= network->count; l++)
        isb_release(b->kept[l]);
    free(b->activation);
    free(b->gradient);
    free(b->unscaled);
    free(b->kept);
    isb_release(b->labels);
    isb_release(b->targets);
    *b = (isb_buffers){0};
}
