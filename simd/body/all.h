/* Everything that is written once over vec.h, which an instruction set includes first. Each slot of
 * kernels.def is a static function kernel_<slot>. */
#ifndef ISB_SIMD_BODY_ALL_H
#define ISB_SIMD_BODY_ALL_H

#include "simd/body/activation.h"
#include "simd/body/dropout.h"
#include "simd/body/gather.h"
#include "simd/body/optimizer.h"
#include "simd/body/regression.h"
#include "simd/body/softmax.h"
#include "simd/body/sum.h"

#endif
