/* The fma peak of this machine, measured beside the figure that quotes it: clocks drift. */
#pragma once

extern "C" {
#include "simd/dispatch.h"
}

/* Billion floating-point operations a second of one thread, two an fma; takes about 5 ms. 0 where
 * no peak loop is written for the instruction set. */
double peak_gflops(isb_isa isa);
