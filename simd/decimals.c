#include "simd/decimals.h"

isb_decimals *isb_decimals_for(isb_isa isa) {
#if defined(__x86_64__)
    if (isa >= ISB_ISA_avx2)
        return isb_decimals_avx2;
#else
    (void)isa;
#endif
    return NULL;
}
