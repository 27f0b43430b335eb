#include "train/step.h"
#include "base/memory.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/gather.h"
#include "loss/class_weights.h"
#include "loss/row_losses.h"
#include <stdlib.h>

static bool build_inputs(isb_scratch *out, const isb_network *network, size_t rows) {
    const size_t panels = isb_panels(network->inputs), dropouts = network->input_dropouts.count;
    out->inputs = isb_allocate(panels * isb_panel_stride(rows), sizeof(float));
    if (dropouts > 0)
        out->input_kept = isb_allocate(dropouts * panels * rows, sizeof(uint16_t));
    return out->inputs != NULL && (dropouts == 0 || out->input_kept != NULL);
}

isb_status isb_scratch_build(isb_scratch *out, const isb_network *network, size_t rows,
                             bool own_inputs, isb_error *error) {
    size_t widest = 0;
    for (size_t l = 0; l < network->count; l++)
        widest = network->dense[l].units > widest ? network->dense[l].units : widest;
    out->stack = isb_allocate(2 * isb_gradient_stack(rows), sizeof(float));
    out->transposed = isb_allocate(widest * ISB_GROUP * 16, sizeof(float));
    if (out->stack == NULL || out->transposed == NULL ||
        (own_inputs && !build_inputs(out, network, rows)))
        return isb_fail_memory(error, "a training step");
    return ISB_OK;
}

void isb_scratch_free(isb_scratch *scratch) {
    isb_release(scratch->stack);
    isb_release(scratch->transposed);
    isb_release(scratch->inputs);
    isb_release(scratch->input_kept);
    *scratch = (isb_scratch){0};
}

static void loss(const isb_context *c, isb_range rows) {
    const size_t l = c->network->count, first = rows.begin, count = rows.end - rows.begin;
    if (count == 0)
        return;
    isb_row_losses(c, rows, true);
    if (c->class_weights != NULL)
        isb_class_weights_apply(c, rows);
    for (size_t p = 0; p * 16 < c->network->outputs; p++)
        isb_dropout_backward(c, l, c->buffers->activation[l], p, first, count);
}

/* One chunk of a batch, as a thread sees it. */
typedef struct chunk {
    const isb_context *context;
    const isb_optimizer_step *optimizer;
    const isb_sums *sums;
    const isb_scratch *scratch;
    size_t run; /* of the plan */
    size_t thread;
    size_t index;
    bool last;
} chunk;

static void update(const chunk *k, const isb_phase *phase, isb_range ahead) {
    const isb_update u = {.context = k->context,
                          .optimizer = k->optimizer,
                          .sums = k->sums,
                          .run = k->run,
                          .chunk = k->index,
                          .last = k->last,
                          .ahead = ahead,
                          .stack = k->scratch->stack};
    isb_update_run(&u, k->thread, phase->panel_parts);
}

static void run_phase(const chunk *k, const isb_plan *plan, size_t number) {
    const isb_context *c = k->context;
    const isb_phase *phase = &plan->phases[number];
    const isb_dense *dense = &c->network->dense[phase->layer];
    const isb_range rows = isb_phase_rows(phase, k->thread, c->rows);
    switch (phase->kind) {
    case ISB_PHASE_GATHER: isb_gather(c, rows); break;
    case ISB_PHASE_FORWARD:
        isb_dense_forward(c, phase->layer, rows,
                          isb_phase_panels(phase, k->thread, dense->unit_panels));
        break;
    case ISB_PHASE_LOSS: loss(c, rows); break;
    case ISB_PHASE_BACKWARD:
        isb_dense_backward(c, phase->layer, rows,
                           isb_phase_panels(phase, k->thread, dense->input_panels),
                           k->scratch->transposed);
        break;
    case ISB_PHASE_UPDATE:
        update(k, phase, isb_phase_rows(&plan->phases[0], k->thread, c->rows));
        break;
    }
}

bool isb_step_run(const isb_step *step, const isb_context *batch, isb_team *team, size_t thread,
                  isb_step_judge judge, void *argument) {
    const isb_plan *plan = step->plan;
    isb_context c = *batch;
    if (plan->own_inputs) {
        c.inputs = step->scratch[thread].inputs;
        c.input_kept = step->scratch[thread].input_kept;
    }
    chunk k = {.context = &c,
               .optimizer = step->optimizer,
               .sums = step->sums,
               .scratch = &step->scratch[thread],
               .run = plan->run,
               .thread = thread};
    for (; c.first < batch->batch_rows; c.first += plan->chunk_rows, k.index++) {
        const size_t left = batch->batch_rows - c.first;
        k.last = left <= plan->chunk_rows;
        c.rows = k.last ? left : plan->chunk_rows;
        c.order = batch->order + c.first;
        c.upcoming = batch->upcoming + left - c.rows;
        c.scores = isb_row_scores_from(&batch->scores, c.first);
        for (size_t i = 0; i < plan->count; i++) {
            const isb_phase *phase = &plan->phases[i];
            if (phase->kind == ISB_PHASE_UPDATE && k.last && !judge(argument, thread))
                return false;
            run_phase(&k, plan, i);
            if (phase->barrier)
                isb_team_barrier(team, thread);
        }
    }
    return true;
}
