/* Optimizers, in the order of operations of docs/numerics.md, rule 7. */
#ifndef ISB_SIMD_BODY_OPTIMIZER_H
#define ISB_SIMD_BODY_OPTIMIZER_H

#include "simd/kernels.h"

/* Rule 11: magnitudes below 2^-100 become +0, so that no subnormal lives on. */
VEC vf without_dust(vf x) {
    const vf magnitude = vf_from_bits(vu_and(vf_bits(x), vu_set1(0x7fffffff)));
    return vf_drop(vf_lt(magnitude, vf_set1(0x1p-100f)), x);
}

/* What is left of a step of sixteen weights once their moments are updated. */
typedef struct adam_rest {
    vf first; /* the first moment times alpha */
    vf root;  /* of the second moment */
} adam_rest;

VEC adam_rest adam_moments(float *m, float *v, vf gradient, const isb_adam *step) {
    vf first = vf_load(m), second = vf_load(v);
    first = vf_fma(vf_sub(gradient, first), vf_set1(step->one_minus_beta_1), first);
    first = without_dust(first);
    const vf e = vf_fms(gradient, gradient, second);
    second = without_dust(vf_fma(e, vf_set1(step->one_minus_beta_2), second));
    vf_store(m, first);
    vf_store(v, second);
    return (adam_rest){vf_mul(vf_set1(step->alpha), first), vf_sqrt(second)};
}

VEC void adam_weights(float *w, adam_rest rest, const isb_adam *step) {
    const vf change = vf_div(rest.first, vf_add(rest.root, vf_set1(step->epsilon)));
    vf_store(w, vf_sub(vf_load(w), change));
}

static void kernel_adam(float *w, float *m, float *v, const float *g, size_t n,
                        const isb_adam *step) {
    const isb_adam constants = *step; /* which no store through w, m, v can change */
    for (size_t i = 0; i < n; i += 16)
        adam_weights(w + i, adam_moments(m + i, v + i, vf_load(g + i), &constants), &constants);
}

static void kernel_sgd(float *w, const float *g, size_t n, float learning_rate) {
    const vf rate = vf_set1(learning_rate);
    for (size_t i = 0; i < n; i += 16)
        vf_store(w + i, vf_fnma(rate, vf_load(g + i), vf_load(w + i)));
}

static void kernel_momentum(float *w, float *v, const float *g, size_t n,
                            const isb_momentum *step) {
    const vf rate = vf_set1(step->learning_rate), momentum = vf_set1(step->momentum);
    for (size_t i = 0; i < n; i += 16) {
        const vf change = vf_mul(rate, vf_load(g + i));
        const vf velocity = without_dust(vf_fms(momentum, vf_load(v + i), change));
        vf_store(v + i, velocity);
        const vf move = step->nesterov ? vf_fms(momentum, velocity, change) : velocity;
        vf_store(w + i, vf_add(vf_load(w + i), move));
    }
}

#endif
