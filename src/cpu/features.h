/* What this CPU and its operating system can run. */
#ifndef ISB_CPU_FEATURES_H
#define ISB_CPU_FEATURES_H

#include <stddef.h>

enum {
    ISB_CPU_AVX2 = 1u << 0, /* with the operating system saving the registers (XCR0) */
    ISB_CPU_FMA = 1u << 1,
    ISB_CPU_AVX512 = 1u << 2, /* F, BW, CD, DQ, VL: x86-64-v4 */
    ISB_CPU_NEON = 1u << 3,
};

/* Asked of the CPU at each call; cheap. */
unsigned isb_cpu_features(void);

/* The CPU's own name, "unknown" where it has none. */
void isb_cpu_name(char *out, size_t size);

#endif
