#include "simd/scalar/vec.h"

#include "simd/scalar/matmul.h"

#include "simd/body/all.h"

#include "simd/scalar/sparse.h"

#include "simd/body/outer_leaf_adam.h"

#define KERNEL(name, parameters) .name = kernel_##name,
const isb_kernels isb_kernels_scalar = {
#include "simd/kernels.def"
};
