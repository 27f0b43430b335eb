#include "model/work.h"
#include <stdint.h>

size_t isb_model_work(const isb_model *model, size_t rows) {
    size_t work = 0;
    bool first = true;
    for (size_t i = 0; i < model->count; i++) {
        const isb_layer *layer = &model->layers[i];
        if (layer->kind != ISB_DENSE)
            continue;
        const size_t biases = layer->use_bias ? layer->units : 0;
        work += (model->info[i].parameters - biases) * (first ? 2 : 3);
        first = false;
    }
    return __builtin_mul_overflow(work, rows, &work) ? SIZE_MAX : work;
}
