#include "train/plan.h"
#include "layers/dense.h"
#include "parallel/team.h"
#include <stdlib.h>

static size_t divide_up(size_t n, size_t parts) { return (n + parts - 1) / parts; }

/* The time of the slowest part of a matmul of rows x k by k x panels, in arbitrary units: its
 * multiply-adds (a part of few rows runs a little below speed, hence + 2), and the floats that it
 * has to bring near, of the activations and of the weights. */
static double part_cost(size_t rows, size_t panels, size_t k, size_t row_parts,
                        size_t panel_parts) {
    const double r = (double)divide_up(rows, row_parts), p = (double)divide_up(panels, panel_parts);
    return (double)k * ((r + 2.0) * p + 0.5 * (r + 16.0 * p));
}

static void choose_grid(isb_phase *phase, size_t rows, size_t panels, size_t k, size_t threads,
                        bool whole_rows) {
    phase->row_parts = threads < rows ? threads : rows;
    phase->panel_parts = 1;
    if (whole_rows)
        return;
    double best = part_cost(rows, panels, k, phase->row_parts, 1);
    for (size_t panel_parts = 2; panel_parts <= threads && panel_parts <= panels; panel_parts++) {
        size_t row_parts = threads / panel_parts;
        row_parts = row_parts < rows ? row_parts : rows;
        const double cost = part_cost(rows, panels, k, row_parts, panel_parts);
        if (cost < best) {
            best = cost;
            phase->row_parts = row_parts;
            phase->panel_parts = panel_parts;
        }
    }
}

/* Two neighbours cut by rows alone, alike, need no barrier between them: a thread reads its own
 * rows. */
static bool same_rows(const isb_phase *a, const isb_phase *b) {
    return a->panel_parts == 1 && b->panel_parts == 1 && a->row_parts == b->row_parts;
}

static void place_barriers(isb_plan *plan) {
    for (size_t i = 0; i < plan->count; i++) {
        isb_phase *phase = &plan->phases[i];
        const bool last = i + 1 == plan->count;
        if (phase->kind == ISB_PHASE_GATHER && plan->own_inputs)
            continue;
        phase->barrier = last || plan->phases[i + 1].kind == ISB_PHASE_UPDATE ||
                         !same_rows(phase, &plan->phases[i + 1]);
    }
}

/* The rows of a chunk, as many a thread as stay in its second-level cache from the gather to the
 * gradient. Every chunk but the last also writes a sum of gradients: where those do not fit in that
 * cache, neither do the activations, and longer chunks write fewer. */
static size_t chunk_rows(const isb_network *network, size_t rows, size_t threads) {
    const size_t small_network = 256 * 1024; /* weights */
    const size_t each = network->multiply_adds <= small_network ? 256 : 1024;
    size_t chunk = each;
    while (chunk < each * threads)
        chunk *= 2;
    return rows > chunk ? chunk : rows;
}

/* As many groups as a kernel takes, of the units that a thread computes in the forward pass. */
static size_t groups_side_by_side(const isb_network *network, const isb_phase *forward) {
    const size_t groups = divide_up(network->dense[0].unit_panels, ISB_GROUP);
    const size_t own = divide_up(groups, forward->panel_parts), most = ISB_WIDE / ISB_GROUP;
    return own < most ? own : most;
}

isb_status isb_plan_make(isb_plan *out, const isb_network *network, size_t rows, size_t threads,
                         bool sparse, isb_error *error) {
    *out = (isb_plan){.threads = threads, .chunk_rows = chunk_rows(network, rows, threads)};
    rows = out->chunk_rows;
    out->phases = calloc(2 * network->count + 3, sizeof *out->phases);
    if (out->phases == NULL)
        return isb_fail_memory(error, "the plan of a step");
    isb_phase *next = out->phases;
    *next = (isb_phase){.kind = ISB_PHASE_GATHER};
    choose_grid(next++, rows, 1, 1, threads, true);
    for (size_t l = 0; l < network->count; l++) {
        const isb_dense *dense = &network->dense[l];
        *next = (isb_phase){.kind = ISB_PHASE_FORWARD, .layer = l};
        choose_grid(next++, rows, dense->unit_panels, dense->inputs, threads,
                    isb_dense_needs_rows(network, l));
    }
    *next = (isb_phase){.kind = ISB_PHASE_LOSS};
    choose_grid(next++, rows, 1, 1, threads, true);
    for (size_t l = network->count - 1; l > 0; l--) {
        const isb_dense *dense = &network->dense[l];
        *next = (isb_phase){.kind = ISB_PHASE_BACKWARD, .layer = l};
        choose_grid(next++, rows, dense->input_panels, dense->units, threads,
                    isb_dense_needs_rows(network, l - 1));
    }
    *next++ = (isb_phase){.kind = ISB_PHASE_UPDATE, .row_parts = 1, .panel_parts = threads};
    out->count = (size_t)(next - out->phases);
    /* Where the first layer is split by units alone, every thread needs all rows. */
    const isb_phase *first = &out->phases[1];
    out->run = sparse ? groups_side_by_side(network, first) : 1;
    out->own_inputs = first->row_parts == 1 && first->panel_parts > 1;
    if (out->own_inputs) {
        out->phases[0].row_parts = 1;
        out->phases[0].panel_parts = threads;
    }
    place_barriers(out);
    return ISB_OK;
}

void isb_plan_free(isb_plan *plan) {
    free(plan->phases);
    *plan = (isb_plan){0};
}

static isb_range part_range(size_t n, size_t parts, size_t part) {
    return (isb_range){isb_part(n, parts, part), isb_part(n, parts, part + 1)};
}

isb_range isb_phase_rows(const isb_phase *phase, size_t thread, size_t n) {
    if (thread >= phase->row_parts * phase->panel_parts)
        return (isb_range){0, 0};
    return part_range(n, phase->row_parts, thread % phase->row_parts);
}

isb_range isb_phase_panels(const isb_phase *phase, size_t thread, size_t n) {
    if (thread >= phase->row_parts * phase->panel_parts)
        return (isb_range){0, 0};
    return part_range(n, phase->panel_parts, thread / phase->row_parts);
}
