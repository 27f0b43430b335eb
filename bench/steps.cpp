/* Whole training steps with Adam: microseconds a step, and the share of the fma peak that its
 * multiply-adds reach. steps/<network>/<batch size>/<threads> */
#include "network.h"
#include "peak.h"
#include <benchmark/benchmark.h>
#include <string>

namespace {

using Layers = std::vector<isb_layer>;

Layers none() { return {dense(128, ISB_RELU), dense(10, ISB_SOFTMAX)}; }
Layers after() { return {dense(128, ISB_RELU), dropout(0.2), dense(10, ISB_SOFTMAX)}; }
Layers before() { return {dropout(0.2), dense(128, ISB_RELU), dense(10, ISB_SOFTMAX)}; }
Layers deep() {
    return {dense(256, ISB_RELU), dropout(0.3), dense(128, ISB_RELU), dropout(0.2),
            dense(10, ISB_SOFTMAX)};
}

void run(benchmark::State &state, Layers (*layers)()) {
    const auto batch = static_cast<size_t>(state.range(0));
    const auto threads = static_cast<size_t>(state.range(1));
    Network network(layers(), batch, batch < 128 ? 6400 : batch * 50);
    network.start(threads, "auto");
    network.epoch();
    double seconds = 0.0;
    for (auto _ : state) {
        const double epoch = network.epoch();
        seconds += epoch;
        state.SetIterationTime(epoch / static_cast<double>(network.steps()));
    }
    const double steps =
        static_cast<double>(state.iterations()) * static_cast<double>(network.steps());
    const double gflops = 2e-9 * network.multiply_adds() * steps / seconds;
    const double peak = peak_gflops(isb_isa_best()) * static_cast<double>(threads);
    state.counters["GFLOP/s"] = gflops;
    if (peak > 0.0)
        state.counters["of_peak"] = gflops / peak;
}

void register_network(const char *name, Layers (*layers)()) {
    auto *bench = benchmark::RegisterBenchmark((std::string("step/") + name).c_str(), run, layers);
    bench->UseManualTime()->Unit(benchmark::kMicrosecond)->MinTime(0.02);
    for (long batch : {1, 32, 128, 1024, 4096})
        for (long threads : {1, 2})
            bench->Args({batch, threads});
}

} // namespace

int main(int count, char **arguments) {
    register_network("none", none);
    register_network("after", after);
    register_network("before", before);
    register_network("deep", deep);
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
}
