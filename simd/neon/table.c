#include "simd/neon/vec.h"

#include "simd/neon/matmul.h"

#include "simd/body/all.h"

#include "simd/body/sparse.h"

#include "simd/body/outer_leaf_adam.h"

#define KERNEL(name, parameters) .name = kernel_##name,
const isb_kernels isb_kernels_neon = {
#include "simd/kernels.def"
};
