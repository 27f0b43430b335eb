#include "optim/optimizer.h"
#include "base/square_root.h"

static bool has_momentum(const isb_optimizer *optimizer) { return optimizer->momentum != 0.0; }

size_t isb_optimizer_states(const isb_optimizer *optimizer) {
    if (optimizer->kind == ISB_ADAM)
        return 2;
    return has_momentum(optimizer) ? 1 : 0;
}

const char *isb_optimizer_state_name(const isb_optimizer *optimizer, size_t index) {
    static const char *const adam[] = {"m", "v"};
    if (index >= isb_optimizer_states(optimizer))
        return NULL;
    return optimizer->kind == ISB_ADAM ? adam[index] : "velocity";
}

void isb_optimizer_start(isb_optimizer_step *step, const isb_optimizer *optimizer) {
    *step = (isb_optimizer_step){.optimizer = optimizer, .power_1 = 1.0, .power_2 = 1.0};
    step->adam.one_minus_beta_1 = (float)(1.0 - optimizer->beta_1);
    step->adam.one_minus_beta_2 = (float)(1.0 - optimizer->beta_2);
    step->adam.epsilon = (float)optimizer->epsilon;
    step->momentum.momentum = (float)optimizer->momentum;
    step->momentum.nesterov = optimizer->nesterov;
    isb_optimizer_set_learning_rate(step, optimizer->learning_rate);
}

void isb_optimizer_set_learning_rate(isb_optimizer_step *step, double learning_rate) {
    step->learning_rate = learning_rate;
    step->momentum.learning_rate = (float)learning_rate;
}

void isb_optimizer_advance(isb_optimizer_step *step) {
    const isb_optimizer *optimizer = step->optimizer;
    if (optimizer->kind != ISB_ADAM)
        return;
    step->power_1 *= optimizer->beta_1;
    step->power_2 *= optimizer->beta_2;
    const double corrected = step->learning_rate * isb_square_root(1.0 - step->power_2);
    step->adam.alpha = (float)(corrected / (1.0 - step->power_1));
}

void isb_optimizer_apply(const isb_optimizer_step *step, const isb_kernels *kernels,
                         isb_parameter *parameter, size_t offset, const float *g, size_t n) {
    float *w = parameter->values + offset;
    if (step->optimizer->kind == ISB_ADAM)
        kernels->adam(w, parameter->state[0] + offset, parameter->state[1] + offset, g, n,
                      &step->adam);
    else if (has_momentum(step->optimizer))
        kernels->momentum(w, parameter->state[0] + offset, g, n, &step->momentum);
    else
        kernels->sgd(w, g, n, step->momentum.learning_rate);
}
