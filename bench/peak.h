/* The fma peak of this machine, measured in the process that quotes it: clocks drift. */
#pragma once

extern "C" {
#include "simd/dispatch.h"
}

/* Billion floating-point operations a second of one thread, two an fma; 0 where no peak loop is
 * written for the instruction set. */
double peak_gflops(isb_isa isa);
