#include "cpu/features.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)

#include <cpuid.h>

static uint64_t enabled_state(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

unsigned isb_cpu_features(void) {
    unsigned a, b, c, d, features = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return 0;
    const uint64_t ymm = 0x06, zmm = 0xe6, state = enabled_state();
    if ((state & ymm) != ymm)
        return 0;
    if (c & bit_FMA)
        features |= ISB_CPU_FMA;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return features;
    if (b & bit_AVX2)
        features |= ISB_CPU_AVX2;
    const unsigned v4 = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
    if ((state & zmm) == zmm && (b & v4) == v4)
        features |= ISB_CPU_AVX512;
    return features;
}

void isb_cpu_name(char *out, size_t size) {
    unsigned words[13] = {0};
    for (unsigned i = 0; i < 3; i++)
        if (!__get_cpuid(0x80000002u + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2],
                         &words[4 * i + 3]))
            words[0] = 0;
    const char *name = (const char *)words;
    name += strspn(name, " ");
    snprintf(out, size, "%s", *name != '\0' ? name : "unknown");
}

#elif defined(__aarch64__)

unsigned isb_cpu_features(void) { return ISB_CPU_NEON; } /* part of the base architecture */

void isb_cpu_name(char *out, size_t size) { snprintf(out, size, "AArch64"); }

#else

unsigned isb_cpu_features(void) { return 0; }

void isb_cpu_name(char *out, size_t size) { snprintf(out, size, "unknown"); }

#endif
