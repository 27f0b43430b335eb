/* The matmul kernels at the shapes of an MLP, on every instruction set of this machine, one thread:
 * GFLOP/s and the share of the fma peak measured in the same process. */
#include "peak.h"
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

struct Free {
    void operator()(float *p) const { std::free(p); }
};
using Floats = std::unique_ptr<float, Free>;

Floats floats(size_t count) {
    auto *data = static_cast<float *>(std::aligned_alloc(64, (count * 4 + 63) / 64 * 64));
    for (size_t i = 0; i < count; i++)
        data[i] = static_cast<float>(i % 13) * 0.1f - 0.6f;
    return Floats(data);
}

void report(benchmark::State &state, isb_isa isa, double multiply_adds) {
    state.counters["GFLOP/s"] =
        benchmark::Counter(2e-9 * multiply_adds, benchmark::Counter::kIsIterationInvariantRate);
    const double peak = peak_gflops(isa);
    if (peak > 0.0)
        state.counters["of_peak"] = benchmark::Counter(
            2e-9 * multiply_adds / peak, benchmark::Counter::kIsIterationInvariantRate);
}

/* rows x inputs by inputs x units */
void forward(benchmark::State &state, isb_isa isa) {
    const auto rows = static_cast<size_t>(state.range(0)), k = static_cast<size_t>(state.range(1));
    const size_t panels = static_cast<size_t>(state.range(2)) / 16, stride = (rows | 1) * 16;
    const Floats A = floats((k + 15) / 16 * stride), B = floats(panels * k * 16);
    const Floats C = floats(panels * stride), bias = floats(panels * 16);
    const isb_kernels *kernels = isb_kernels_for(isa);
    for (auto _ : state) {
        for (size_t r = 0; r < rows; r += ISB_LEAF) {
            const size_t count = rows - r < ISB_LEAF ? rows - r : ISB_LEAF;
            kernels->matmul(C.get() + r * 16, stride, A.get() + r * 16, stride, B.get(), k * 16,
                            bias.get(), count, k, panels);
        }
        benchmark::ClobberMemory();
    }
    report(state, isa, static_cast<double>(rows * k * panels * 16));
}

/* X^T D by leaves and tree, without the optimizer. */
void gradient(benchmark::State &state, isb_isa isa) {
    const auto rows = static_cast<size_t>(state.range(0)), k = static_cast<size_t>(state.range(1));
    const size_t panels = static_cast<size_t>(state.range(2)) / 16, stride = (rows | 1) * 16;
    const Floats X = floats((k + 15) / 16 * stride), D = floats(panels * stride);
    const Floats stack = floats(32 * 512);
    const isb_kernels *kernels = isb_kernels_for(isa);
    for (auto _ : state) {
        for (size_t p = 0; p < panels; p += 2) {
            const size_t group = panels - p < 2 ? panels - p : 2;
            for (size_t i = 0; i < k; i += 16) {
                const size_t inputs = k - i < 16 ? k - i : 16;
                size_t depth = 0;
                for (size_t r = 0; r < rows; r += ISB_LEAF) {
                    const auto pops = static_cast<size_t>(__builtin_ctzll(r / ISB_LEAF + 1));
                    kernels->outer_leaf(stack.get() + depth * group * 256, pops,
                                        X.get() + i / 16 * stride + r * 16,
                                        D.get() + p * stride + r * 16, stride,
                                        rows - r < ISB_LEAF ? rows - r : ISB_LEAF, inputs, group);
                    depth = depth - pops + 1;
                }
            }
        }
        benchmark::ClobberMemory();
    }
    report(state, isa, static_cast<double>(rows * k * panels * 16));
}

void shapes(benchmark::internal::Benchmark *bench) {
    bench->Unit(benchmark::kMicrosecond)->MinTime(0.2);
    for (long rows : {1, 32, 128, 1024})
        bench->Args({rows, 784, 128});
    bench->Args({32, 784, 256})->Args({32, 256, 128})->Args({32, 128, 16})->Args({128, 2048, 2048});
}

} // namespace

int main(int count, char **arguments) {
    for (int i = 0; i < ISB_ISA_COUNT; i++) {
        const auto isa = static_cast<isb_isa>(i);
        if (!isb_isa_available(isa))
            continue;
        const std::string name = isb_isa_name(isa);
        shapes(benchmark::RegisterBenchmark(("forward/" + name).c_str(), forward, isa));
        shapes(benchmark::RegisterBenchmark(("gradient/" + name).c_str(), gradient, isa));
    }
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
}
