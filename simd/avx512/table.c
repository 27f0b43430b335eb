#include "simd/avx512/vec.h"

#include "simd/avx512/matmul.h"

#include "simd/body/all.h"

#include "simd/body/sparse.h"

#define KERNEL(name, parameters) .name = kernel_##name,
const isb_kernels isb_kernels_avx512 = {
#include "simd/kernels.def"
};
