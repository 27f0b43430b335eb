/* The three matrix products of a dense layer by Isobit's kernels and by the BLAS libraries of this
 * machine, one thread, in one process, taking turns: <product>/<rows>/<inputs>/<units>. Isobit's
 * part is what training does: forward adds the bias, dX transposes the kernel, dW sums by leaves
 * and tree; the libraries compute the bare product. Time is Isobit's; the counters are GFLOP/s of
 * each, Isobit's share of the fma peak measured beside, and its speed over each library's. */
#include "blas_libraries.h"
#include "layer.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>

extern "C" {
#include "cpu/peak.h"
}

namespace {

enum Product { FORWARD, INPUT_GRADIENT, KERNEL_GRADIENT };

struct Matrices {
    explicit Matrices(const Layer &layer)
        : X(layer.X()), W(layer.W()), D(layer.Y()), Y(D.size()), dX(X.size()), dW(W.size()) {}
    std::vector<float> X, W, D, Y, dX, dW;
};

struct Sizes {
    int rows, inputs, units;
};

/* Row-major, C = op(A) op(B). */
void multiply(const Blas &blas, Product product, const Sizes &s, Matrices &m) {
    constexpr int ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112;
    switch (product) {
    case FORWARD:
        blas.sgemm(ROW_MAJOR, PLAIN, PLAIN, s.rows, s.units, s.inputs, 1.0f, m.X.data(), s.inputs,
                   m.W.data(), s.units, 0.0f, m.Y.data(), s.units);
        break;
    case INPUT_GRADIENT:
        blas.sgemm(ROW_MAJOR, PLAIN, TRANSPOSED, s.rows, s.inputs, s.units, 1.0f, m.D.data(),
                   s.units, m.W.data(), s.units, 0.0f, m.dX.data(), s.inputs);
        break;
    case KERNEL_GRADIENT:
        blas.sgemm(ROW_MAJOR, TRANSPOSED, PLAIN, s.inputs, s.units, s.rows, 1.0f, m.X.data(),
                   s.inputs, m.D.data(), s.units, 0.0f, m.dW.data(), s.units);
        break;
    }
}

void multiply(Layer &layer, Product product) {
    switch (product) {
    case FORWARD: layer.forward(); break;
    case INPUT_GRADIENT: layer.input_gradient(); break;
    case KERNEL_GRADIENT: layer.kernel_gradient(); break;
    }
}

bool close(const std::vector<float> &a, const std::vector<float> &b, int k) {
    for (size_t i = 0; i < a.size(); i++)
        if (!(std::fabs(a[i] - b[i]) <= 1e-6f * static_cast<float>(k)))
            return false;
    return true;
}

/* Whether the library's product is Isobit's, but for rounding. The biases are +0. */
bool agrees(Layer &layer, const Blas &blas, Product product, const Sizes &s, Matrices &m) {
    multiply(layer, product);
    multiply(blas, product, s, m);
    switch (product) {
    case FORWARD: return close(layer.Y(), m.Y, s.inputs);
    case INPUT_GRADIENT: return close(layer.dX(), m.dX, s.units);
    case KERNEL_GRADIENT: return close(layer.dW(), m.dW, s.rows);
    }
    return false;
}

/* Once unclocked: the others' turns have taken its data out of the near caches, and the libraries
 * share theirs. */
double seconds_of(const std::function<void()> &work, int repeats) {
    work();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; i++)
        work();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    return time.count() / repeats;
}

double median(std::vector<double> &values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/* One contender's times, a turn each. */
struct Contender {
    std::string name;
    std::function<void()> work;
    int repeats;
    std::vector<double> turns;
};

void report(benchmark::State &state, std::vector<Contender> &contenders, double multiply_adds) {
    const double own = median(contenders[0].turns), peak = isb_peak_gflops(isb_isa_best(), 1);
    state.counters["isobit"] = 2e-9 * multiply_adds / own;
    if (peak > 0.0)
        state.counters["of_peak"] = 2e-9 * multiply_adds / own / peak;
    for (size_t i = 1; i < contenders.size(); i++) {
        const double theirs = median(contenders[i].turns);
        state.counters[contenders[i].name] = 2e-9 * multiply_adds / theirs;
        state.counters["over_" + contenders[i].name] = theirs / own;
    }
}

void run(benchmark::State &state, Product product, const std::vector<Blas> &libraries) {
    const Sizes s{static_cast<int>(state.range(0)), static_cast<int>(state.range(1)),
                  static_cast<int>(state.range(2))};
    Layer layer(static_cast<size_t>(s.rows), static_cast<size_t>(s.inputs),
                static_cast<size_t>(s.units), isb_isa_best());
    layer.forward();
    Matrices matrices(layer);
    std::vector<Contender> contenders{{"isobit", [&] { multiply(layer, product); }, 1, {}}};
    for (const Blas &blas : libraries) {
        if (!agrees(layer, blas, product, s, matrices))
            return state.SkipWithError((blas.name + " gives another product").c_str());
        contenders.push_back({blas.name, [&] { multiply(blas, product, s, matrices); }, 1, {}});
    }
    constexpr double TURN = 0.0005; /* seconds */
    for (Contender &c : contenders)
        c.repeats = static_cast<int>(std::clamp(TURN / seconds_of(c.work, 1), 1.0, 1000.0));
    for (auto _ : state) {
        for (Contender &c : contenders)
            c.turns.push_back(seconds_of(c.work, c.repeats));
        state.SetIterationTime(contenders[0].turns.back());
    }
    report(state, contenders, static_cast<double>(s.rows) * s.inputs * s.units);
}

/* Turns that fit in some 50 ms at 100 GFLOP/s, five at least. */
long turns_for(double multiply_adds) {
    return std::clamp(static_cast<long>(0.05 / (2e-11 * multiply_adds + 5e-4)), 5L, 50L);
}

void register_product(const char *name, Product product, const std::vector<Blas> &libraries) {
    constexpr long kernels[][2] = {{784, 128}, {784, 256}, {256, 128}, {128, 10}, {2048, 2048}};
    for (const auto &[inputs, units] : kernels)
        for (long rows : {1, 32, 128, 1024, 4096})
            benchmark::RegisterBenchmark(
                name,
                [product, &libraries](benchmark::State &state) { run(state, product, libraries); })
                ->Args({rows, inputs, units})
                ->Iterations(
                    turns_for(static_cast<double>(rows) * static_cast<double>(inputs * units)))
                ->UseManualTime()
                ->Unit(benchmark::kMicrosecond);
}

} // namespace

int main(int count, char **arguments) {
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments))
        return 2;
    const std::vector<Blas> libraries = blas_libraries();
    register_product("forward", FORWARD, libraries);
    register_product("dX", INPUT_GRADIENT, libraries);
    register_product("dW", KERNEL_GRADIENT, libraries);
    benchmark::RunSpecifiedBenchmarks();
}
