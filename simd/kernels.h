/* The table of kernels that one instruction set brings; the slots and their contracts are
 * simd/kernels.def. */
#ifndef ISB_SIMD_KERNELS_H
#define ISB_SIMD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

typedef struct isb_kernels isb_kernels; /* TO BE REPLACED */

#endif
