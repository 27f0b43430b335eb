/* Initial weights (rule 9). */
#ifndef ISB_MODEL_INITIALIZE_H
#define ISB_MODEL_INITIALIZE_H

#include "model/network.h"

/* Fills parameter `which` (0 kernel, 1 bias) of the dense layer with this ordinal among dense
 * layers. Keras's formulas: uniform in [-l, l), l = sqrt(6 / (fan_in + fan_out)) or sqrt(6 /
 * fan_in). */
void isb_initialize(isb_parameter *parameter, isb_initializer initializer, uint64_t seed,
                    size_t ordinal, unsigned which);

#endif
