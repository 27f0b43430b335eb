/* Chooses the kernels: the best instruction set that this machine runs, or a lower one by name. */
#ifndef ISB_SIMD_DISPATCH_H
#define ISB_SIMD_DISPATCH_H

#include "simd/kernels.h"
#include <stdbool.h>

/* Slow to fast. */
typedef enum isb_isa {
#define ISA(id, features) ISB_ISA_##id,
#include "simd/isa.def"
#undef ISA
    ISB_ISA_COUNT
} isb_isa;

/* "scalar", "avx2", ... */
const char *isb_isa_name(isb_isa isa);

/* False where `name` is no instruction set at all. */
bool isb_isa_by_name(const char *name, isb_isa *isa);

/* Built into this program and run by this machine. */
bool isb_isa_available(isb_isa isa);

/* The fastest available. */
isb_isa isb_isa_best(void);

/* The complete table for an available instruction set. */
const isb_kernels *isb_kernels_for(isb_isa isa);

#endif
