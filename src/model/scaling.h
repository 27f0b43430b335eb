/* What the inputs of a network are scaled by, each by its own numbers: (x - offset) / divisor
 * (rule 12). */
#ifndef ISB_MODEL_SCALING_H
#define ISB_MODEL_SCALING_H

#include <isobit/error.h>

/* Names of the tensors that files hold them in, one value an input. */
#define ISB_SCALING_OFFSET "scaling.offset"
#define ISB_SCALING_DIVISOR "scaling.divisor"

/* Whole panels (simd/kernels.def): lanes beyond the last input have 0 and 1. */
typedef struct isb_scaling {
    size_t width; /* inputs; 0: they are taken as they are */
    float *offset, *divisor;
} isb_scaling;

/* One that changes nothing yet. Released by isb_scaling_free, also after a failure. */
isb_status isb_scaling_make(isb_scaling *out, size_t width, isb_error *error);
void isb_scaling_free(isb_scaling *scaling);

#endif
