/* Named float32 tensors in canonical row-major order, as files hold them. */
#ifndef ISOBIT_TENSORS_H
#define ISOBIT_TENSORS_H

#include <isobit/error.h>
#include <isobit/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct isb_tensor {
    char name[64]; /* dense.kernel (in, units), dense.bias (units), optimizer.m.dense.kernel, ... */
    isb_shape shape;
    float *data; /* owned by the list */
} isb_tensor;

typedef struct isb_tensors {
    size_t count;
    isb_tensor *items;
} isb_tensors;

void isb_tensors_free(isb_tensors *tensors);

/* Whether a tensor of that name is a kernel or a bias, not of an optimizer, a callback or the
 * scaling of the inputs. */
bool isb_tensor_is_weights(const char *name);

/* NULL where there is none of that name. */
const isb_tensor *isb_tensors_find(const isb_tensors *tensors, const char *name);

#ifdef __cplusplus
}
#endif
#endif
