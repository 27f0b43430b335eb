#include "simd/avx2/vec.h"

#include "simd/avx2/matmul.h"

#include "simd/body/all.h"

#include "simd/body/sparse.h"

#include "simd/body/outer_leaf_adam.h"

#define KERNEL(name, parameters) .name = kernel_##name,
const isb_kernels isb_kernels_avx2 = {
#include "simd/kernels.def"
};
