#include "model/scaling.h"
#include "base/memory.h"
#include "model/network.h"

isb_status isb_scaling_make(isb_scaling *out, size_t width, isb_error *error) {
    const size_t lanes = isb_panels(width) * 16;
    *out = (isb_scaling){width, isb_allocate(lanes, sizeof(float)),
                         isb_allocate(lanes, sizeof(float))};
    if (out->offset == NULL || out->divisor == NULL)
        return isb_fail_memory(error, "the scaling of the inputs");
    for (size_t i = 0; i < lanes; i++)
        out->divisor[i] = 1.0f;
    return ISB_OK;
}

void isb_scaling_free(isb_scaling *scaling) {
    isb_release(scaling->offset);
    isb_release(scaling->divisor);
    *scaling = (isb_scaling){0};
}
