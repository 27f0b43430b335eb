#include "train/update.h"
#include "base/memory.h"
#include "layers/gather.h"
#include "parallel/team.h"
#include <stdlib.h>
#include <string.h>

/* An entry of a stack of sums: the group's kernel gradient, then the bias gradient of its panels.
 */
enum { KERNEL_FLOATS = ISB_GROUP * 256, ENTRY_FLOATS = KERNEL_FLOATS + ISB_GROUP * 16 };

static size_t pairs_of(const isb_dense *dense) {
    return (dense->unit_panels + ISB_GROUP - 1) / ISB_GROUP;
}

static size_t groups_of(const isb_dense *dense) { return pairs_of(dense) * dense->input_panels; }

/* Where a group of a layer lies. Groups are numbered by runs of `run` pairs of panels, all inputs
 * of a run after each other, so that neighbours share their inputs within a run, and else their
 * units. */
typedef struct place {
    size_t input_panel;
    size_t pair;
    size_t beside; /* groups from this one on that share its inputs in its run */
} place;

static place place_of(const isb_dense *dense, size_t run, size_t index) {
    const size_t before = index / (run * dense->input_panels) * run;
    const size_t left = pairs_of(dense) - before, width = left < run ? left : run;
    const size_t rest = index - before * dense->input_panels;
    return (place){rest / width, before + rest % width, width - rest % width};
}

static size_t run_of(size_t l, size_t run) { return l == 0 ? run : 1; }

static size_t groups_of_part(const isb_network *network, size_t part, size_t parts) {
    size_t groups = 0;
    for (size_t l = 0; l < network->count; l++) {
        const size_t count = groups_of(&network->dense[l]);
        groups += isb_part(count, parts, part + 1) - isb_part(count, parts, part);
    }
    return groups;
}

size_t isb_group_count(const isb_network *network) { return groups_of_part(network, 0, 1); }

isb_status isb_sums_build(isb_sums *out, const isb_network *network, size_t chunks,
                          isb_error *error) {
    *out = (isb_sums){0};
    for (size_t earlier = chunks - 1; earlier > 0; earlier /= 2)
        out->depth++;
    if (out->depth == 0)
        return ISB_OK;
    out->stacks = isb_allocate(isb_group_count(network) * out->depth, ENTRY_FLOATS * sizeof(float));
    return out->stacks != NULL ? ISB_OK : isb_fail_memory(error, "the gradients of a batch");
}

void isb_sums_free(isb_sums *sums) {
    isb_release(sums->stacks);
    *sums = (isb_sums){0};
}

typedef struct spreading {
    const isb_network *network;
    size_t run;
    float **fresh; /* a kernel each */
} spreading;

/* Copies the blocks of this thread's groups: for each panel, the rows of one panel of inputs. */
static void spread_part(void *context, size_t thread, isb_team *team) {
    const spreading *s = context;
    const size_t threads = isb_team_threads(team);
    for (size_t l = 0; l < s->network->count; l++) {
        const isb_dense *dense = &s->network->dense[l];
        const size_t count = groups_of(dense), end = isb_part(count, threads, thread + 1);
        for (size_t i = isb_part(count, threads, thread); i < end; i++) {
            const place at = place_of(dense, run_of(l, s->run), i);
            const size_t first = at.input_panel * 16;
            const size_t rows = dense->inputs - first < 16 ? dense->inputs - first : 16;
            for (size_t p = at.pair * ISB_GROUP, n = 0; n < ISB_GROUP && p < dense->unit_panels;
                 p++, n++) {
                const size_t offset = (p * dense->inputs + first) * 16;
                memcpy(s->fresh[l] + offset, dense->kernel.values + offset,
                       rows * 16 * sizeof(float));
            }
        }
    }
}

void isb_network_spread(isb_network *network, const isb_plan *plan) {
    float **fresh = calloc(network->count, sizeof *fresh);
    bool complete = fresh != NULL;
    for (size_t l = 0; complete && l < network->count; l++) {
        fresh[l] = isb_allocate(network->dense[l].kernel.size, sizeof(float));
        complete = fresh[l] != NULL;
    }
    if (complete)
        isb_team_run(plan->threads, spread_part, &(spreading){network, plan->run, fresh});
    for (size_t l = 0; fresh != NULL && l < network->count; l++) {
        float *unused = fresh[l];
        if (complete) {
            unused = network->dense[l].kernel.values;
            network->dense[l].kernel.values = fresh[l];
        }
        isb_release(unused);
    }
    free(fresh);
}

/* A chunk is a whole subtree of the tree of rule 3, so its sum joins those of the earlier chunks by
 * the same binary counter; the last chunk takes them all, newest first. */
static void join_chunks(const isb_update *u, float *newest, float *stack, size_t n) {
    size_t depth = (size_t)__builtin_popcountll(u->chunk);
    size_t joined = u->last ? depth : (size_t)__builtin_ctzll(u->chunk + 1);
    for (; joined > 0; joined--)
        u->context->kernels->add(newest, stack + --depth * ENTRY_FLOATS, n);
    if (!u->last)
        memcpy(stack + depth * ENTRY_FLOATS, newest, n * sizeof *newest);
}

/* Neighbouring groups of layer l that are updated at once. */
typedef struct groups {
    isb_weights weights;
    size_t count;
    float *sums; /* their stacks, one after the other; NULL where batches have one chunk */
} groups;

static void join_groups(const isb_update *u, const groups *g, float *gradient) {
    float *sums = g->sums;
    for (size_t p = 0; p < g->weights.panels;
         p += ISB_GROUP, sums += u->sums->depth * ENTRY_FLOATS) {
        const size_t left = g->weights.panels - p, panels = left < ISB_GROUP ? left : ISB_GROUP;
        join_chunks(u, gradient + p * 256, sums, panels * 256);
    }
}

static void update_bias(const isb_update *u, const groups *g, float *stack) {
    const isb_weights *w = &g->weights;
    isb_dense *dense = &u->context->network->dense[w->l];
    for (size_t q = 0; q < w->panels; q++) {
        isb_dense_bias_gradient(u->context, w->l, w->p + q, stack);
        if (g->sums != NULL)
            join_chunks(u, stack,
                        g->sums + q / ISB_GROUP * u->sums->depth * ENTRY_FLOATS + KERNEL_FLOATS +
                            q % ISB_GROUP * 16,
                        16);
        if (u->last)
            isb_optimizer_apply(u->optimizer, u->context->kernels, &dense->bias, (w->p + q) * 16,
                                stack, 16);
    }
}

static bool is_adam(const isb_update *u) { return u->optimizer->optimizer->kind == ISB_ADAM; }

/* Leaves Adam to the shadow of the next group; a cheaper optimizer runs at once, and so does Adam
 * where the next gradient casts none. */
static void optimize(const isb_update *u, const isb_weights *w, const float *gradient,
                     isb_shadow *shadow) {
    const isb_dense *dense = &u->context->network->dense[w->l];
    shadow->count = 0;
    for (size_t q = 0; q < w->panels; q++) {
        isb_parameter kernel = dense->kernel;
        const size_t offset = (w->p + q) * dense->inputs * 16 + w->input_panel * 256;
        const float *part = gradient + q * 256;
        if (is_adam(u) && !w->sparse)
            shadow->blocks[shadow->count++] =
                (isb_adam_block){kernel.values + offset, kernel.state[0] + offset,
                                 kernel.state[1] + offset, part, w->inputs * 16};
        else
            isb_optimizer_apply(u->optimizer, u->context->kernels, &kernel, offset, part,
                                w->inputs * 16);
    }
}

static void finish_shadow(const isb_kernels *kernels, const isb_shadow *shadow) {
    for (size_t i = 0; i < shadow->count; i++) {
        const isb_adam_block *b = &shadow->blocks[i];
        kernels->adam(b->w, b->m, b->v, b->g, b->n, shadow->step);
    }
}

/* From group `index` of a layer on, at most `most` groups; `number` counts over all layers. */
static groups groups_at(const isb_update *u, size_t l, size_t index, size_t number, size_t most,
                        bool sparse) {
    const isb_dense *dense = &u->context->network->dense[l];
    const place at = place_of(dense, run_of(l, u->run), index);
    const size_t inputs = dense->inputs - at.input_panel * 16;
    const size_t panels = dense->unit_panels - at.pair * ISB_GROUP;
    groups g = {.weights = {.l = l, .input_panel = at.input_panel, .p = at.pair * ISB_GROUP}};
    g.count = !sparse ? 1 : at.beside < most ? at.beside : most;
    g.weights.inputs = inputs < 16 ? inputs : 16;
    g.weights.panels = panels < g.count * ISB_GROUP ? panels : g.count * ISB_GROUP;
    g.weights.sparse = sparse;
    if (u->sums->stacks != NULL)
        g.sums = u->sums->stacks + number * u->sums->depth * ENTRY_FLOATS;
    return g;
}

/* The gradient of the groups, and the optimizer on them or, but for Adam of dense ones, soon. */
static void update_groups(const isb_update *u, const groups *g, float *stack, isb_shadow *shadow) {
    const isb_context *c = u->context;
    const bool whole = u->last && g->sums == NULL && c->rows <= ISB_LEAF;
    if (g->weights.sparse && whole && is_adam(u)) {
        isb_dense_sparse_adam(c, &g->weights, &u->optimizer->adam);
        return;
    }
    isb_dense_kernel_gradient(c, &g->weights, stack, shadow);
    if (g->sums != NULL)
        join_groups(u, g, stack);
    if (u->last)
        optimize(u, &g->weights, stack, shadow);
}

/* Calls for the rows of the next chunk in the second half of the groups: what the first half called
 * for would not stay in the caches. */
static void gather_ahead(const isb_update *u, size_t turn, size_t turns) {
    const size_t early = turns / 2;
    if (turn >= early)
        isb_gather_ahead(u->context, u->ahead, turn - early, turns - early);
}

void isb_update_run(const isb_update *u, size_t part, size_t parts) {
    const isb_context *c = u->context;
    const size_t stack_floats = isb_gradient_stack(c->buffers->capacity);
    isb_shadow shadow = {.step = &u->optimizer->adam};
    const size_t turns = groups_of_part(c->network, part, parts);
    size_t before = 0, turn = 0, stack = 0;
    for (size_t l = 0; l < c->network->count; l++) {
        const size_t count = groups_of(&c->network->dense[l]);
        const size_t end = isb_part(count, parts, part + 1);
        const bool sparse = isb_dense_is_sparse(c, l) && isb_dense_gradient_is_finite(c, l);
        for (size_t i = isb_part(count, parts, part); i < end;) {
            const groups g = groups_at(u, l, i, before + i, end - i, sparse);
            for (size_t n = 0; n < g.count; n++)
                gather_ahead(u, turn++, turns);
            update_groups(u, &g, u->stack + stack * stack_floats, &shadow);
            stack = 1 - stack; /* the shadow still reads the other one */
            if (g.weights.input_panel == 0 && c->network->dense[l].use_bias)
                update_bias(u, &g, u->stack + stack * stack_floats);
            i += g.count;
        }
        before += count;
    }
    finish_shadow(c->kernels, &shadow);
}
