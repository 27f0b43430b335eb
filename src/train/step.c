#include "train/step.h"
#include "base/memory.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/gather.h"
#include <stdlib.h>

isb_status isb_scratch_build(isb_scratch *out, const isb_network *network, size_t rows,
                             isb_error *error) {
    size_t widest = 0;
    for (size_t l = 0; l < network->count; l++)
        widest = network->dense[l].units > widest ? network->dense[l].units : widest;
    out->stack = isb_allocate(isb_gradient_stack(rows), sizeof(float));
    out->transposed = isb_allocate(widest * ISB_GROUP * 16, sizeof(float));
    if (out->stack == NULL || out->transposed == NULL)
        return isb_fail_memory(error, "a training step");
    return ISB_OK;
}

void isb_scratch_free(isb_scratch *scratch) {
    free(scratch->stack);
    free(scratch->transposed);
    *scratch = (isb_scratch){0};
}

static void loss(const isb_context *c, isb_range rows) {
    const size_t l = c->network->count, first = rows.begin, count = rows.end - rows.begin;
    const size_t stride = c->buffers->stride;
    float *logits = c->buffers->activation[l];
    if (count == 0)
        return;
    c->kernels->cross_entropy(logits + first * 16, stride, c->buffers->losses + first,
                              c->buffers->hits + first, logits + first * 16, stride,
                              c->buffers->labels + first, count, c->network->outputs,
                              (float)c->rows);
    for (size_t p = 0; p * 16 < c->network->outputs; p++)
        isb_dropout_backward(c, l, logits, p, first, count);
}

/* One group of tiles of a kernel: `panels` panels of units from p on, one panel of inputs. */
static void update_group(const isb_context *c, const isb_optimizer_step *optimizer, size_t l,
                         size_t p, size_t panels, size_t input_panel, float *stack) {
    isb_dense *dense = &c->network->dense[l];
    const float *g = isb_dense_kernel_gradient(c, l, input_panel, p, panels, stack);
    const size_t left = dense->inputs - input_panel * 16, inputs = left < 16 ? left : 16;
    for (size_t q = 0; q < panels; q++)
        isb_optimizer_apply(optimizer, c->kernels, &dense->kernel,
                            (p + q) * dense->inputs * 16 + input_panel * 256, g + q * 256,
                            inputs * 16);
    if (input_panel > 0 || !dense->use_bias)
        return;
    for (size_t q = p; q < p + panels; q++)
        isb_optimizer_apply(optimizer, c->kernels, &dense->bias, q * 16,
                            isb_dense_bias_gradient(c, l, q, stack), 16);
}

static size_t group_count(const isb_dense *dense) {
    return (dense->unit_panels + ISB_GROUP - 1) / ISB_GROUP * dense->input_panels;
}

/* The groups of all layers stand in one line; thread t takes the t-th part of it. */
static void update(const isb_context *c, const isb_optimizer_step *optimizer, isb_range groups,
                   float *stack) {
    size_t before = 0;
    for (size_t l = 0; l < c->network->count; l++) {
        const isb_dense *dense = &c->network->dense[l];
        const size_t count = group_count(dense);
        for (size_t g = groups.begin > before ? groups.begin - before : 0;
             g < count && before + g < groups.end; g++) {
            const size_t p = g / dense->input_panels * ISB_GROUP;
            const size_t left = dense->unit_panels - p;
            update_group(c, optimizer, l, p, left < ISB_GROUP ? left : ISB_GROUP,
                         g % dense->input_panels, stack);
        }
        before += count;
    }
}

static size_t all_groups(const isb_network *network) {
    size_t groups = 0;
    for (size_t l = 0; l < network->count; l++)
        groups += group_count(&network->dense[l]);
    return groups;
}

static void run_phase(const isb_phase *phase, const isb_context *c,
                      const isb_optimizer_step *optimizer, const isb_scratch *scratch,
                      size_t thread) {
    const isb_dense *dense = &c->network->dense[phase->layer];
    const isb_range rows = isb_phase_rows(phase, thread, c->rows);
    switch (phase->kind) {
    case ISB_PHASE_GATHER: isb_gather(c, rows); break;
    case ISB_PHASE_FORWARD:
        isb_dense_forward(c, phase->layer, rows,
                          isb_phase_panels(phase, thread, dense->unit_panels));
        break;
    case ISB_PHASE_LOSS: loss(c, rows); break;
    case ISB_PHASE_BACKWARD:
        isb_dense_backward(c, phase->layer, rows,
                           isb_phase_panels(phase, thread, dense->input_panels),
                           scratch->transposed);
        break;
    case ISB_PHASE_UPDATE:
        update(c, optimizer, isb_phase_panels(phase, thread, all_groups(c->network)),
               scratch->stack);
        break;
    }
}

void isb_step_run(const isb_plan *plan, const isb_context *context,
                  const isb_optimizer_step *optimizer, const isb_scratch *scratch, isb_team *team,
                  size_t thread, void (*bookkeeping)(void *), void *argument) {
    for (size_t i = 0; i < plan->count; i++) {
        const isb_phase *phase = &plan->phases[i];
        if (phase->kind == ISB_PHASE_UPDATE && thread == 0)
            bookkeeping(argument);
        run_phase(phase, context, optimizer, scratch, thread);
        if (phase->barrier)
            isb_team_barrier(team);
    }
}
