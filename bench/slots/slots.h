/* One benchmark for each slot of simd/kernels.def, of the slot's name: a slot without one does not
 * link. */
#pragma once

#include "floats.h"
extern "C" {
#include "cpu/peak.h"
}
#include <benchmark/benchmark.h>
#include <chrono>

namespace slot {

#define KERNEL(name, parameters) void name(benchmark::State &state, isb_isa isa);
#include "simd/kernels.def"
#undef KERNEL

/* One strip of a leaf: what most element-wise kernels are called with. */
constexpr size_t ROWS = ISB_LEAF, STRIP = ROWS * ISB_LANES;

/* Floats between the panels of a matrix of ROWS rows, as training has them. */
constexpr size_t STRIDE = (ROWS | 1) * ISB_LANES;

/* Calls `kernel` again and again; seconds of one call. */
template <class Kernel> double repeat(benchmark::State &state, Kernel kernel) {
    const auto start = std::chrono::steady_clock::now();
    for (auto _ : state) {
        kernel();
        benchmark::ClobberMemory();
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    return time.count() / static_cast<double>(state.iterations());
}

/* The figures of a call of so many seconds: nanoseconds for each of its `values`, ... */
inline void report_values(benchmark::State &state, double seconds, size_t values) {
    state.counters["ns_per_value"] = 1e9 * seconds / static_cast<double>(values);
}

/* ... or GFLOP/s, and the share of the fma peak measured right after. */
inline void report_flops(benchmark::State &state, double seconds, isb_isa isa,
                         size_t multiply_adds) {
    const double gflops = 2e-9 * static_cast<double>(multiply_adds) / seconds;
    const double peak = isb_peak_gflops(isa, 1);
    state.counters["GFLOP/s"] = gflops;
    if (peak > 0.0)
        state.counters["of_peak"] = gflops / peak;
}

} // namespace slot
