#include "simd/dispatch.h"
#include "cpu/features.h"
#include <string.h>

static const char *const names[] = {
#define ISA(id, features) #id,
#include "simd/isa.def"
#undef ISA
};

static const unsigned needed[] = {
#define ISA(id, features) features,
#include "simd/isa.def"
#undef ISA
};

static const isb_kernels *const tables[] = {
#define ISA(id, features) &isb_kernels_##id,
#include "simd/isa.def"
#undef ISA
};

const char *isb_isa_name(isb_isa isa) { return names[isa]; }

bool isb_isa_by_name(const char *name, isb_isa *isa) {
    for (int i = 0; i < ISB_ISA_COUNT; i++) {
        if (strcmp(name, names[i]) == 0) {
            *isa = (isb_isa)i;
            return true;
        }
    }
    return false;
}

bool isb_isa_available(isb_isa isa) { return (isb_cpu_features() & needed[isa]) == needed[isa]; }

isb_isa isb_isa_best(void) {
    int best = ISB_ISA_COUNT - 1;
    while (!isb_isa_available((isb_isa)best))
        best--;
    return (isb_isa)best;
}

const isb_kernels *isb_kernels_for(isb_isa isa) { return tables[isa]; }
