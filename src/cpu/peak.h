/* The fma peak of this machine, measured in the process that quotes it: clocks drift. */
#ifndef ISB_CPU_PEAK_H
#define ISB_CPU_PEAK_H

#include "simd/dispatch.h"

/* Billion floating-point operations a second, two an fma, of `threads` threads together. Takes
 * about 20 ms. NaN where the instruction set has no fma instruction. It must be available. */
double isb_peak_gflops(isb_isa isa, size_t threads);

#endif
