#include "loss/class_weights.h"
#include "base/memory.h"
#include <stdlib.h>

isb_status isb_class_weights_make(float **out, const uint32_t *labels, const uint32_t *rows,
                                  size_t count, size_t classes, isb_error *error) {
    size_t *counts = calloc(classes, sizeof *counts), present = 0;
    *out = isb_allocate(classes, sizeof **out);
    if (counts == NULL || *out == NULL) {
        free(counts);
        return isb_fail_memory(error, "the weights of the classes");
    }
    for (size_t i = 0; i < count; i++)
        counts[labels[rows[i]]]++;
    for (size_t c = 0; c < classes; c++)
        present += counts[c] > 0;
    for (size_t c = 0; c < classes; c++)
        if (counts[c] > 0)
            (*out)[c] = (float)((double)count / ((double)present * (double)counts[c]));
    free(counts);
    return ISB_OK;
}

void isb_class_weights_apply(const isb_context *c, isb_range rows) {
    const size_t outputs = c->network->outputs, stride = c->buffers->stride;
    float *gradient = c->buffers->activation[c->network->count];
    for (size_t r = rows.begin; r < rows.end; r++) {
        const float weight = c->class_weights[c->buffers->labels[r]];
        c->scores.losses[r] *= weight;
        for (size_t i = 0; i < outputs; i++)
            gradient[i / 16 * stride + r * 16 + i % 16] *= weight;
    }
}
