/* Where the time of a training step goes: each phase alone, on one thread, as microseconds a step
 * and as a share of their sum; and what a barrier of the team costs for 2 threads and more. */
#include "network.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

extern "C" {
#include "layers/gather.h"
#include "parallel/team.h"
#include "simd/dispatch.h"
#include "train/step.h"
}

namespace {

constexpr size_t WIDTH = 784, ROWS = 60000;

/* Assumed, not measured: what a core pulls from the caches of others. */
constexpr double BYTES_A_SECOND = 15e9;

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

const char *name_of(isb_phase_kind kind) {
    switch (kind) {
    case ISB_PHASE_GATHER: return "gather";
    case ISB_PHASE_FORWARD: return "forward";
    case ISB_PHASE_LOSS: return "loss";
    case ISB_PHASE_BACKWARD: return "backward";
    case ISB_PHASE_UPDATE: return "update";
    }
    return "";
}

struct Work {
    isb_context context;
    isb_step step;
};

void run_steps(void *argument, size_t thread, isb_team *team) {
    auto *work = static_cast<Work *>(argument);
    isb_step_run(
        &work->step, &work->context, team, thread, [](void *, size_t) { return true; }, nullptr);
}

/* The first rows of the next batch. */
void call_for_rows(isb_context context, size_t rows) {
    context.rows = context.batch_rows;
    isb_gather_ahead(&context, {0, rows}, 0, 1);
}

/* The fastest of many runs of one phase over the batch, on rows that move on through the table. */
double time_phase(const isb_phase &phase, Work work, isb_plan plan) {
    isb_phase alone = phase;
    alone.row_parts = alone.panel_parts = 1;
    plan.count = 1;
    plan.phases = &alone;
    work.step.plan = &plan;
    double best = 1.0;
    const uint32_t *order = work.context.order;
    for (size_t i = 0; i < 400 && (i + 2) * work.context.batch_rows < ROWS; i++) {
        if (phase.kind == ISB_PHASE_GATHER && i > 0) /* as the update before it does */
            call_for_rows(work.context, std::min(plan.chunk_rows, work.context.batch_rows));
        work.context.order = order + i * work.context.batch_rows;
        const double start = now();
        isb_team_run(1, run_steps, &work);
        const double time = now() - start;
        best = time < best ? time : best;
    }
    return best;
}

/* The largest part of n when cut in `parts`, as a share of n. */
double largest_share(size_t n, size_t parts) {
    return static_cast<double>((n + parts - 1) / parts) / static_cast<double>(n);
}

/* Seconds that the busiest thread of the phase needs: its share of the measured time, and what it
 * pulls from the caches of others: rows of the layer before where panels are split, weights where
 * rows are, and in the update the rows that others gathered. */
double predict_phase(const isb_phase &phase, const isb_network &network, size_t rows,
                     size_t threads, double measured) {
    const isb_dense &dense = network.dense[phase.layer];
    const auto floats = [](size_t n) { return 4.0 * static_cast<double>(n); };
    double share = largest_share(rows, phase.row_parts), bytes = 0.0;
    const double row_share = share;
    if (phase.kind == ISB_PHASE_FORWARD || phase.kind == ISB_PHASE_BACKWARD) {
        const bool forward = phase.kind == ISB_PHASE_FORWARD;
        const size_t panels = forward ? dense.unit_panels : dense.input_panels;
        const size_t k = forward ? dense.inputs : dense.units;
        share *= largest_share(panels, phase.panel_parts);
        if (phase.panel_parts > 1)
            bytes += row_share * floats(rows * k);
        if (phase.row_parts > 1)
            bytes += floats(dense.inputs * dense.units) * largest_share(panels, phase.panel_parts);
    }
    if (phase.kind == ISB_PHASE_UPDATE) {
        const size_t groups = isb_group_count(&network);
        share = largest_share(groups, threads);
        const double panels = std::fmin(1.0, share * static_cast<double>(groups) /
                                                 static_cast<double>(dense.input_panels));
        bytes += panels * floats(rows * network.inputs);
    }
    return measured * share + (threads > 1 ? bytes / BYTES_A_SECOND : 0.0);
}

void predict(const isb_network &network, size_t batch, bool sparse,
             const std::vector<double> &times, double barrier) {
    std::printf("  cores");
    for (size_t threads : {1, 2, 8, 32, 64, 128}) {
        isb_plan plan{};
        if (isb_plan_make(&plan, &network, batch, threads, sparse, nullptr) != ISB_OK)
            std::exit(1);
        const size_t chunks = (batch + plan.chunk_rows - 1) / plan.chunk_rows;
        double sum = 0.0, alone = 0.0;
        for (size_t i = 0; i < plan.count; i++) {
            const double per_chunk = times[i] / static_cast<double>(chunks);
            sum += predict_phase(plan.phases[i], network, plan.chunk_rows, threads, per_chunk);
            if (plan.phases[i].barrier && threads > 1)
                sum += barrier * std::log2(static_cast<double>(threads));
            alone += times[i];
        }
        sum *= static_cast<double>(chunks);
        std::printf("  %zu: %.0f us (x %.1f)", threads, sum * 1e6, alone / sum);
        isb_plan_free(&plan);
    }
    std::printf("\n");
}

void show_network(const char *name, const std::vector<isb_layer> &layers, size_t batch,
                  const isb_source &source, const std::vector<uint32_t> &order, double barrier) {
    isb_model model{};
    isb_network network{};
    isb_buffers buffers{};
    isb_plan plan{};
    isb_sums sums{};
    isb_scratch scratch{};
    isb_optimizer optimizer{ISB_ADAM, 0.001, 0.9, 0.999, 1e-7, 0.0, false};
    isb_optimizer_step step;
    isb_optimizer_start(&step, &optimizer);
    isb_optimizer_advance(&step);
    bool good =
        isb_model_build(&model, layers.data(), layers.size(), {1, {WIDTH}}, nullptr) == ISB_OK &&
        isb_network_build(&network, &model, 1, 2, nullptr) == ISB_OK &&
        isb_plan_make(&plan, &network, batch, 1, isb_inputs_are_sparse(&network, &source),
                      nullptr) == ISB_OK &&
        isb_buffers_build(&buffers, &network, plan.chunk_rows, true, nullptr) == ISB_OK &&
        isb_scratch_build(&scratch, &network, plan.chunk_rows, false, nullptr) == ISB_OK &&
        isb_sums_build(&sums, &network, (batch + plan.chunk_rows - 1) / plan.chunk_rows, nullptr) ==
            ISB_OK;
    if (!good)
        std::exit(1);
    std::vector<float> losses(batch);
    std::vector<uint8_t> hits(batch);
    Work work{};
    work.context.kernels = isb_kernels_for(isb_isa_best());
    work.context.network = &network;
    work.context.buffers = &buffers;
    work.context.source = &source;
    work.context.order = order.data();
    work.context.upcoming = batch;
    work.context.batch_rows = batch;
    work.context.scores.losses = losses.data();
    work.context.scores.hits = hits.data();
    work.context.seed = 1;
    work.context.step = 1;
    work.context.training = true;
    work.context.sparse = isb_inputs_are_sparse(&network, &source);
    work.step = {&plan, &step, &sums, &scratch};
    isb_team_run(
        1,
        [](void *w, size_t t, isb_team *team) {
            auto *whole = static_cast<Work *>(w);
            isb_step_run(
                &whole->step, &whole->context, team, t, [](void *, size_t) { return true; },
                nullptr);
        },
        &work);

    double sum = 0.0;
    std::vector<double> times;
    for (size_t i = 0; i < plan.count; i++) {
        times.push_back(time_phase(plan.phases[i], work, plan));
        sum += times.back();
    }
    std::printf("%s, batch %zu, %s: %.1f us in phases of\n", name, batch,
                isb_isa_name(isb_isa_best()), sum * 1e6);
    for (size_t i = 0; i < plan.count; i++)
        std::printf("  %-9s %zu  %9.2f us  %5.1f %%\n", name_of(plan.phases[i].kind),
                    plan.phases[i].layer, times[i] * 1e6, 100.0 * times[i] / sum);
    predict(network, batch, work.context.sparse, times, barrier);
    isb_scratch_free(&scratch);
    isb_sums_free(&sums);
    isb_buffers_free(&buffers, &network);
    isb_plan_free(&plan);
    isb_network_free(&network);
    isb_model_free(&model);
}

constexpr size_t BARRIERS = 100000;

struct Barriers {
    double seconds;
};

void run_barriers(void *argument, size_t thread, isb_team *team) {
    isb_team_barrier(team, thread);
    const double start = now();
    for (size_t i = 0; i < BARRIERS; i++)
        isb_team_barrier(team, thread);
    if (thread == 0)
        static_cast<Barriers *>(argument)->seconds = now() - start;
}

} // namespace

int main() {
    std::vector<uint32_t> order(ROWS);
    for (size_t i = 0; i < ROWS; i++) /* rows come from all over, as after a shuffle */
        order[i] = static_cast<uint32_t>(i * 7919 % ROWS);
    Rows lit(ROWS, Pixels::ALL_LIT), strokes(ROWS, Pixels::STROKES);
    const isb_table noise = lit.table(), images = strokes.table();
    const isb_kernels *kernels = isb_kernels_for(isb_isa_best());
    const isb_source all = isb_source_make(kernels, &noise, WIDTH, 255.0);
    const isb_source few = isb_source_make(kernels, &images, WIDTH, 255.0);
    const std::vector<isb_layer> after{dense(128, ISB_RELU), dropout(0.2), dense(10, ISB_SOFTMAX)};
    const std::vector<isb_layer> deep{dense(256, ISB_RELU), dropout(0.3), dense(128, ISB_RELU),
                                      dropout(0.2), dense(10, ISB_SOFTMAX)};
    Barriers barriers{};
    isb_team_run(2, run_barriers, &barriers);
    const double barrier = barriers.seconds / BARRIERS;
    std::printf("barrier of 2 threads: %.2f us\n", barrier * 1e6);
    for (size_t batch : {32, 128, 1024, 4096}) {
        show_network("784-128-d.2-10", after, batch, all, order, barrier);
        show_network("784-256-d.3-128-d.2-10", deep, batch, all, order, barrier);
        show_network("784-128-d.2-10,images", after, batch, few, order, barrier);
        show_network("784-256-d.3-128-d.2-10,images", deep, batch, few, order, barrier);
    }
}
