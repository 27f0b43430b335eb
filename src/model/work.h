/* How much there is to compute. */
#ifndef ISB_MODEL_WORK_H
#define ISB_MODEL_WORK_H

#include <isobit/model.h>

/* Multiply-adds of a training step of `rows` rows: a dense layer's forward pass, the gradient of
 * its kernel, and, but for the first one, the gradient of its input. SIZE_MAX on overflow. */
size_t isb_model_work(const isb_model *model, size_t rows);

#endif
