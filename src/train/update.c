#include "train/update.h"
#include "base/memory.h"
#include "layers/gather.h"
#include "parallel/team.h"
#include <stdlib.h>
#include <string.h>

/* An entry of a stack of sums: the group's kernel gradient, then the bias gradient of its panels.
 */
enum { KERNEL_FLOATS = ISB_GROUP * 256, ENTRY_FLOATS = KERNEL_FLOATS + ISB_GROUP * 16 };

static size_t groups_of(const isb_dense *dense) {
    return (dense->unit_panels + ISB_GROUP - 1) / ISB_GROUP * dense->input_panels;
}

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
            const size_t first = i % dense->input_panels * 16;
            const size_t rows = dense->inputs - first < 16 ? dense->inputs - first : 16;
            for (size_t p = i / dense->input_panels * ISB_GROUP, n = 0;
                 n < ISB_GROUP && p < dense->unit_panels; p++, n++) {
                const size_t offset = (p * dense->inputs + first) * 16;
                memcpy(s->fresh[l] + offset, dense->kernel.values + offset,
                       rows * 16 * sizeof(float));
            }
        }
    }
}

void isb_network_spread(isb_network *network, size_t threads) {
    float **fresh = calloc(network->count, sizeof *fresh);
    bool complete = fresh != NULL;
    for (size_t l = 0; complete && l < network->count; l++) {
        fresh[l] = isb_allocate(network->dense[l].kernel.size, sizeof(float));
        complete = fresh[l] != NULL;
    }
    if (complete)
        isb_team_run(threads, spread_part, &(spreading){network, fresh});
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

/* A group of layer l: panels p .. p + panels - 1 of units, one panel of inputs. */
typedef struct group {
    size_t l, input_panel, p, panels;
    size_t inputs; /* that exist */
    float *sums;   /* its stack; NULL where batches have one chunk */
} group;

static void update_bias(const isb_update *u, const group *g, float *stack) {
    isb_dense *dense = &u->context->network->dense[g->l];
    for (size_t q = 0; q < g->panels; q++) {
        isb_dense_bias_gradient(u->context, g->l, g->p + q, stack);
        if (g->sums != NULL)
            join_chunks(u, stack, g->sums + KERNEL_FLOATS + q * 16, 16);
        if (u->last)
            isb_optimizer_apply(u->optimizer, u->context->kernels, &dense->bias, (g->p + q) * 16,
                                stack, 16);
    }
}

/* Leaves Adam to the shadow of the next group; a cheaper optimizer runs at once. */
static void optimize(const isb_update *u, const group *g, const float *gradient,
                     isb_shadow *shadow) {
    const isb_dense *dense = &u->context->network->dense[g->l];
    const bool adam = u->optimizer->optimizer->kind == ISB_ADAM;
    shadow->count = 0;
    for (size_t q = 0; q < g->panels; q++) {
        isb_parameter kernel = dense->kernel;
        const size_t offset = (g->p + q) * dense->inputs * 16 + g->input_panel * 256;
        const float *part = gradient + q * 256;
        if (adam)
            shadow->blocks[shadow->count++] =
                (isb_adam_block){kernel.values + offset, kernel.state[0] + offset,
                                 kernel.state[1] + offset, part, g->inputs * 16};
        else
            isb_optimizer_apply(u->optimizer, u->context->kernels, &kernel, offset, part,
                                g->inputs * 16);
    }
}

static void finish_shadow(const isb_kernels *kernels, const isb_shadow *shadow) {
    for (size_t i = 0; i < shadow->count; i++) {
        const isb_adam_block *b = &shadow->blocks[i];
        kernels->adam(b->w, b->m, b->v, b->g, b->n, shadow->step);
    }
}

static group group_at(const isb_update *u, size_t l, size_t index, size_t number) {
    const isb_dense *dense = &u->context->network->dense[l];
    group g = {.l = l, .input_panel = index % dense->input_panels};
    g.p = index / dense->input_panels * ISB_GROUP;
    g.panels = dense->unit_panels - g.p < ISB_GROUP ? dense->unit_panels - g.p : ISB_GROUP;
    const size_t left = dense->inputs - g.input_panel * 16;
    g.inputs = left < 16 ? left : 16;
    if (u->sums->stacks != NULL)
        g.sums = u->sums->stacks + number * u->sums->depth * ENTRY_FLOATS;
    return g;
}

void isb_update_run(const isb_update *u, size_t part, size_t parts) {
    const isb_context *c = u->context;
    const size_t stack_floats = isb_gradient_stack(c->buffers->capacity);
    isb_shadow shadow = {.step = &u->optimizer->adam};
    const size_t groups = groups_of_part(c->network, part, parts);
    const size_t early = groups / 2; /* what they called for would not stay in the caches */
    size_t before = 0, turn = 0;
    for (size_t l = 0; l < c->network->count; l++) {
        const size_t count = groups_of(&c->network->dense[l]);
        const size_t end = isb_part(count, parts, part + 1);
        for (size_t i = isb_part(count, parts, part); i < end; i++) {
            const group g = group_at(u, l, i, before + i);
            if (turn >= early)
                isb_gather_ahead(c, u->ahead, turn - early, groups - early);
            float *stack = u->stack + turn++ % 2 * stack_floats;
            isb_dense_kernel_gradient(c, l, g.input_panel, g.p, g.panels, stack, &shadow);
            if (g.sums != NULL)
                join_chunks(u, stack, g.sums, g.panels * 256);
            if (u->last)
                optimize(u, &g, stack, &shadow);
            if (g.input_panel == 0 && c->network->dense[l].use_bias)
                update_bias(u, &g, u->stack + turn % 2 * stack_floats);
        }
        before += count;
    }
    finish_shadow(c->kernels, &shadow);
}
