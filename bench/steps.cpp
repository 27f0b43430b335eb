/* Whole training steps with Adam on 8-bit rows without zeros: step/<network>/<batch
 * size>/<threads>; on images that are black but for a fifth: images/... The time is that of an
 * epoch of so many `steps`; us_per_step is the figure. dropout/... times a network with and without
 * its dropouts in turns; late/... the first steps of a training and some after 2,000 others. */
#include "network.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <stdexcept>
#include <string>

extern "C" {
#include "cpu/peak.h"
#include "cpu/threads.h"
#ifdef BENCH_DIGITS
#include "data/digits.h"
#endif
}

namespace {

using Bench = benchmark::internal::Benchmark;

struct Example {
    const char *name;
    Layers layers;
};

const Example examples[] = {
    {"none", {dense(128, ISB_RELU), dense(10, ISB_SOFTMAX)}},
    {"after", {dense(128, ISB_RELU), dropout(0.2), dense(10, ISB_SOFTMAX)}},
    {"before", {dropout(0.2), dense(128, ISB_RELU), dense(10, ISB_SOFTMAX)}},
    {"deep",
     {dense(256, ISB_RELU), dropout(0.3), dense(128, ISB_RELU), dropout(0.2),
      dense(10, ISB_SOFTMAX)}},
    {"wide", {dense(2048, ISB_RELU), dense(2048, ISB_RELU), dense(10, ISB_SOFTMAX)}},
};

constexpr long BATCHES[] = {1, 8, 32, 128, 1024, 4096};
constexpr size_t MOST_ROWS = 60000;

Rows &data(Pixels pixels) {
    static Rows lit(MOST_ROWS, Pixels::ALL_LIT), strokes(MOST_ROWS, Pixels::STROKES);
    return pixels == Pixels::ALL_LIT ? lit : strokes;
}

size_t all_threads() {
    isb_thread_plan plan;
    isb_thread_plan_make(&plan, 0, 0);
    return plan.threads;
}

/* Rows of an epoch of about 100 ms, by a rough guess of what a step takes. */
size_t epoch_rows(const Layers &layers, size_t batch) {
    const double step = 2e-11 * multiply_adds(layers, batch) + 1e-9 * parameters(layers) + 5e-6;
    const auto steps = static_cast<size_t>(std::max(2.0, 0.1 / step));
    return std::min(steps, MOST_ROWS / batch) * batch;
}

void step(benchmark::State &state, const Layers &layers, Pixels pixels) {
    const auto batch = static_cast<size_t>(state.range(0));
    const auto threads = static_cast<size_t>(state.range(1));
    Network network(layers, batch, data(pixels), epoch_rows(layers, batch), threads);
    network.epoch();
    double best = 1e9;
    for (auto _ : state) {
        const double epoch = network.epoch();
        best = std::min(best, epoch);
        state.SetIterationTime(epoch);
    }
    const double steps = static_cast<double>(network.steps());
    const double gflops = 2e-9 * multiply_adds(layers, batch) * steps / best;
    const double peak = isb_peak_gflops(isb_isa_best(), threads);
    state.counters["steps"] = steps;
    state.counters["us_per_step"] = 1e6 * best / steps;
    state.counters["GFLOP/s"] = gflops;
    if (peak > 0.0)
        state.counters["of_peak"] = gflops / peak;
}

/* What the dropouts cost: both networks train an epoch in turns. */
void dropout_cost(benchmark::State &state, const Layers &layers) {
    const auto batch = static_cast<size_t>(state.range(0));
    const auto threads = static_cast<size_t>(state.range(1));
    const size_t rows = epoch_rows(layers, batch);
    Rows &lit = data(Pixels::ALL_LIT);
    Network with(layers, batch, lit, rows, threads);
    Network without(without_dropout(layers), batch, lit, rows, threads);
    with.epoch();
    without.epoch();
    double best_with = 1e9, best_without = 1e9;
    for (auto _ : state) {
        const double epoch = with.epoch();
        best_with = std::min(best_with, epoch);
        best_without = std::min(best_without, without.epoch());
        state.SetIterationTime(epoch);
    }
    const double steps = static_cast<double>(with.steps());
    state.counters["us_with"] = 1e6 * best_with / steps;
    state.counters["us_without"] = 1e6 * best_without / steps;
    state.counters["cost"] = best_with / best_without - 1.0;
}

void give_times(Bench *bench, long iterations) {
    bench->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(iterations);
}

/* One thread, and as many as the machine gives. */
std::vector<long> thread_counts() {
    const auto all = static_cast<long>(all_threads());
    return all > 1 ? std::vector<long>{1, all} : std::vector<long>{1};
}

template <class Run>
void register_example(const std::string &prefix, const Example &example, Run run) {
    Bench *bench = benchmark::RegisterBenchmark(
        (prefix + example.name).c_str(),
        [&example, run](benchmark::State &state) { run(state, example.layers); });
    for (long batch : BATCHES)
        for (long threads : thread_counts())
            bench->Args({batch, threads});
    give_times(bench, 3);
}

#ifdef BENCH_DIGITS
/* Microseconds of every step of a training, from one end of a step to the next. */
struct StepClock {
    using clock = std::chrono::steady_clock;
    clock::time_point before;
    std::vector<double> times;

    static bool tick(void *context, const isb_progress *) {
        auto *self = static_cast<StepClock *>(context);
        const auto now = clock::now();
        self->times.push_back(
            std::chrono::duration<double, std::micro>(now - self->before).count());
        self->before = now;
        return false;
    }
    double median(std::ptrdiff_t first, std::ptrdiff_t count) const {
        std::vector<double> part(times.begin() + first, times.begin() + first + count);
        std::nth_element(part.begin(), part.begin() + count / 2, part.end());
        return part[static_cast<size_t>(count / 2)];
    }
};

/* Steps that grow slower with time tell of subnormals (docs/numerics.md, rule 11). */
void late(benchmark::State &state, const Layers &layers, const isb_table &table) {
    constexpr std::ptrdiff_t STEPS = 200, LATE = 2000;
    StepClock clock;
    for (auto _ : state) {
        Network network(layers, 32, table, table.rows, static_cast<size_t>(state.range(0)));
        clock.times.clear();
        double seconds = 0.0;
        while (clock.times.size() < LATE + STEPS) {
            clock.before = StepClock::clock::now();
            seconds += network.epoch(StepClock::tick, &clock);
        }
        state.SetIterationTime(seconds);
    }
    const double first = clock.median(0, STEPS), last = clock.median(LATE, STEPS);
    state.counters["us_first_200"] = first;
    state.counters["us_after_2000"] = last;
    state.counters["slower"] = last / first - 1.0;
}

const isb_table &digits() {
    static isb_dataset dataset{};
    isb_error error = ISB_ERROR_INIT;
    if (dataset.train.rows == 0 && isb_digits_make(&dataset, &error) != ISB_OK)
        throw std::runtime_error(isb_error_text(&error));
    return dataset.train;
}

void register_late(const Example &example) {
    Bench *bench = benchmark::RegisterBenchmark(
        (std::string("late/") + example.name).c_str(),
        [&example](benchmark::State &state) { late(state, example.layers, digits()); });
    for (long threads : thread_counts())
        bench->Arg(threads);
    give_times(bench, 1);
}
#endif

bool has_dropout(const Layers &layers) { return without_dropout(layers).size() < layers.size(); }

} // namespace

int main(int count, char **arguments) {
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments))
        return 2;
    for (const Example &example : examples) {
        register_example("step/", example, [](benchmark::State &state, const Layers &layers) {
            step(state, layers, Pixels::ALL_LIT);
        });
        register_example("images/", example, [](benchmark::State &state, const Layers &layers) {
            step(state, layers, Pixels::STROKES);
        });
    }
    for (const Example &example : examples)
        if (has_dropout(example.layers))
            register_example("dropout/", example, dropout_cost);
#ifdef BENCH_DIGITS
    for (const Example &example : examples)
        if (example.name != std::string("wide"))
            register_late(example);
#endif
    benchmark::RunSpecifiedBenchmarks();
}
