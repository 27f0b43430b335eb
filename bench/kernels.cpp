/* Every slot of simd/kernels.def on every instruction set of this machine, one thread, data in the
 * caches: kernel/<slot>/<isa>/<sizes>. Matrix kernels in GFLOP/s and as a share of the fma peak
 * measured beside them, the others in nanoseconds a value. */
#include "slots/slots.h"
#include <cstring>
#include <string>

extern "C" {
#include "random/stream.h"
}

namespace {

using Bench = benchmark::internal::Benchmark;

struct Entry {
    const char *name;
    void (*run)(benchmark::State &, isb_isa);
};

constexpr Entry entries[] = {
#define KERNEL(name, parameters) {#name, slot::name},
#include "simd/kernels.def"
#undef KERNEL
};

bool is_one_of(const char *name, std::initializer_list<const char *> list) {
    for (const char *item : list)
        if (std::strcmp(name, item) == 0)
            return true;
    return false;
}

void give_sizes(Bench *bench, const char *slot, isb_isa isa) {
    if (is_one_of(slot, {"matmul", "outer_leaf", "outer_leaf_adam"})) {
        bench->Args({1, 784, 128})->Args({32, 784, 128});
        if (isa == ISB_ISA_scalar)
            return; /* a hundred times slower: it is the specification */
        bench->Args({128, 784, 128})->Args({1024, 784, 128});
        bench->Args({32, 784, 256})->Args({32, 256, 128})->Args({32, 128, 16});
        bench->Args({128, 2048, 2048});
    } else if (is_one_of(slot, {"matmul_sparse", "outer_leaf_sparse", "outer_adam_sparse"})) {
        bench->Args({32, 784, 128, 20});
        if (isa == ISB_ISA_scalar)
            return;
        for (int lit : {1, 10, 30, 40, 50, 60, 80})
            bench->Args({32, 784, 128, lit});
        bench->Args({64, 784, 128, 20})->Args({64, 784, 2048, 20})->Args({32, 784, 64, 20});
    } else if (is_one_of(slot, {"softmax", "softmax_backward", "cross_entropy"})) {
        bench->Arg(10)->Arg(256);
    } else if (is_one_of(slot, {"squared_error", "absolute_error", "huber"})) {
        bench->Arg(1)->Arg(256);
    }
}

/* The generator of a dropout strip: the key of its stream, and the draws of shuffles and weights.
 */
void generator_key(benchmark::State &state) {
    uint64_t strip = 0;
    slot::repeat(state, [&] {
        isb_xoshiro generator;
        isb_xoshiro_key(&generator, isb_stream_key(1, ISB_PURPOSE_DROPOUT, 1, 1u, strip++, 0));
        benchmark::DoNotOptimize(generator);
    });
}

void generator_draw(benchmark::State &state) {
    isb_stream stream;
    isb_stream_open(&stream, 1, ISB_PURPOSE_SHUFFLE, 1, 0, 0, 0);
    const double seconds =
        slot::repeat(state, [&] { benchmark::DoNotOptimize(isb_stream_next(&stream)); });
    slot::report_values(state, seconds, 1);
}

} // namespace

int main(int count, char **arguments) {
    for (const Entry &entry : entries) {
        for (int i = 0; i < ISB_ISA_COUNT; i++) {
            const auto isa = static_cast<isb_isa>(i);
            if (!isb_isa_available(isa))
                continue;
            const std::string name = std::string("kernel/") + entry.name + "/" + isb_isa_name(isa);
            Bench *bench = benchmark::RegisterBenchmark(name.c_str(), entry.run, isa);
            bench->Unit(benchmark::kMicrosecond)->MinTime(0.03);
            give_sizes(bench, entry.name, isa);
        }
    }
    benchmark::RegisterBenchmark("generator/key", generator_key)->MinTime(0.03);
    benchmark::RegisterBenchmark("generator/draw", generator_draw)->MinTime(0.03);
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments))
        return 2;
    benchmark::RunSpecifiedBenchmarks();
}
