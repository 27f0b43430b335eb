#include "layers/dense.h"
#include "layers/dropout.h"
#include <string.h>

static isb_activation activation_of(const isb_network *network, size_t l) {
    return l + 1 == network->count ? ISB_LINEAR : network->dense[l].activation;
}

bool isb_dense_needs_rows(const isb_network *network, size_t l) {
    return activation_of(network, l) == ISB_SOFTMAX;
}

static void activate(const isb_kernels *kernels, isb_activation activation, float *strip,
                     size_t rows) {
    switch (activation) {
    case ISB_RELU: kernels->relu(strip, rows); break;
    case ISB_SIGMOID: kernels->sigmoid(strip, rows); break;
    case ISB_TANH: kernels->tanh(strip, rows); break;
    case ISB_LINEAR:
    case ISB_SOFTMAX: break; /* softmax takes whole rows */
    }
}

static void activate_backward(const isb_kernels *kernels, isb_activation activation, float *D,
                              const float *Y, size_t rows) {
    switch (activation) {
    case ISB_RELU: kernels->relu_backward(D, Y, rows); break;
    case ISB_SIGMOID: kernels->sigmoid_backward(D, Y, rows); break;
    case ISB_TANH: kernels->tanh_backward(D, Y, rows); break;
    case ISB_LINEAR:
    case ISB_SOFTMAX: break;
    }
}

/* What follows the activation of a strip in training: the unscaled copy and the dropouts. */
static void finish_strip(const isb_context *c, size_t l, size_t p, size_t first, size_t rows) {
    if (!c->training)
        return;
    float *Y = c->buffers->activation[l + 1];
    const size_t offset = p * c->buffers->stride + first * 16;
    if (c->buffers->unscaled[l] != NULL)
        memcpy(c->buffers->unscaled[l] + offset, Y + offset, rows * 16 * sizeof *Y);
    isb_dropout_forward(c, l + 1, Y, p, first, rows);
}

/* `rows` rows from `first` on lie in one leaf. */
static void forward_block(const isb_context *c, size_t l, size_t first, size_t rows,
                          isb_range panels) {
    const isb_dense *dense = &c->network->dense[l];
    const size_t stride = c->buffers->stride, w_stride = dense->inputs * 16;
    const float *X = isb_layer_input(c, l) + first * 16;
    float *Y = c->buffers->activation[l + 1] + first * 16;
    const isb_activation activation = activation_of(c->network, l);
    /* One chain alone cannot fill the time that an fma takes. */
    const bool sparse = isb_dense_is_sparse(c, l) && panels.end - panels.begin > 1;
    const size_t most = sparse ? ISB_WIDE : ISB_GROUP;
    for (size_t p = panels.begin; p < panels.end; p += most) {
        const size_t group = panels.end - p < most ? panels.end - p : most;
        const float *bias = dense->use_bias ? dense->bias.values + p * 16 : NULL;
        (sparse ? c->kernels->matmul_sparse : c->kernels->matmul)(
            Y + p * stride, stride, X, stride, dense->kernel.values + p * w_stride, w_stride, bias,
            rows, dense->inputs, group);
        for (size_t q = p; q < p + group; q++) {
            activate(c->kernels, activation, Y + q * stride, rows);
            if (activation != ISB_SOFTMAX)
                finish_strip(c, l, q, first, rows);
        }
    }
    if (activation == ISB_SOFTMAX) {
        c->kernels->softmax(Y, stride, rows, dense->units);
        for (size_t p = panels.begin; p < panels.end; p++)
            finish_strip(c, l, p, first, rows);
    }
}

void isb_dense_forward(const isb_context *c, size_t l, isb_range rows, isb_range panels) {
    for (size_t first = rows.begin; first < rows.end;) {
        const size_t end = isb_leaf_end(first, rows.end);
        forward_block(c, l, first, end - first, panels);
        first = end;
    }
}

/* From the gradient of the output of dense l (dropouts behind it) to that before its activation. */
static void activation_backward(const isb_context *c, size_t l, isb_range rows, isb_range panels) {
    const isb_activation activation = activation_of(c->network, l);
    const size_t stride = c->buffers->stride, first = rows.begin, count = rows.end - rows.begin;
    float *D = c->buffers->gradient[l];
    const float *Y =
        c->buffers->unscaled[l] != NULL ? c->buffers->unscaled[l] : c->buffers->activation[l + 1];
    for (size_t p = panels.begin; p < panels.end; p++) {
        const size_t offset = p * stride + first * 16;
        isb_dropout_backward(c, l + 1, D, p, first, count);
        activate_backward(c->kernels, activation, D + offset, Y + offset, count);
    }
    if (activation == ISB_SOFTMAX)
        c->kernels->softmax_backward(D + first * 16, stride, Y + first * 16, stride, count,
                                     c->network->dense[l].units);
}

void isb_dense_backward(const isb_context *c, size_t l, isb_range rows, isb_range panels,
                        float *scratch) {
    const isb_dense *dense = &c->network->dense[l];
    const size_t stride = c->buffers->stride, t_stride = dense->units * 16;
    const size_t first = rows.begin, count = rows.end - rows.begin;
    if (count == 0)
        return;
    float *dX = c->buffers->gradient[l - 1] + first * 16;
    const float *D = c->buffers->gradient[l] + first * 16;
    for (size_t p = panels.begin; p < panels.end; p += ISB_GROUP) {
        const size_t group = panels.end - p < ISB_GROUP ? panels.end - p : ISB_GROUP;
        for (size_t q = 0; q < group; q++) {
            const size_t input = (p + q) * 16;
            const size_t inputs = dense->inputs - input < 16 ? dense->inputs - input : 16;
            c->kernels->transpose(scratch + q * t_stride, dense->kernel.values, dense->inputs * 16,
                                  input, inputs, dense->units);
        }
        c->kernels->matmul(dX + p * stride, stride, D, stride, scratch, t_stride, NULL, count,
                           dense->units, group);
    }
    activation_backward(c, l - 1, rows, panels);
}

/* Entries that leaf number `leaf` closes: the tree of rule 3 as a binary counter. */
static size_t pops_of(size_t leaf) { return (size_t)__builtin_ctzll(leaf + 1); }

size_t isb_gradient_stack(size_t rows) {
    size_t entries = 2;
    for (size_t leaves = rows / ISB_LEAF; leaves > 0; leaves /= 2)
        entries++;
    return entries * ISB_WIDE * 256;
}

/* Folds what is left on the stack, newest first, into its lowest entry. */
static void fold(const isb_kernels *kernels, float *stack, size_t depth, size_t entry) {
    if (depth < 2)
        return;
    float *newest = stack + (depth - 1) * entry;
    for (size_t d = depth - 1; d-- > 0;)
        kernels->add(newest, stack + d * entry, entry);
    memcpy(stack, newest, entry * sizeof *stack);
}

bool isb_dense_gradient_is_finite(const isb_context *c, size_t l) {
    bool finite;
    c->kernels->finite(&finite, c->buffers->gradient[l], c->buffers->stride, c->rows,
                       c->network->dense[l].unit_panels);
    return finite;
}

static const float *input_strip(const isb_context *c, const isb_weights *w) {
    return isb_layer_input(c, w->l) + w->input_panel * c->buffers->stride;
}

static const float *gradient_strip(const isb_context *c, const isb_weights *w) {
    return c->buffers->gradient[w->l] + w->p * c->buffers->stride;
}

void isb_dense_kernel_gradient(const isb_context *c, const isb_weights *w, float *stack,
                               const isb_shadow *shadow) {
    const size_t stride = c->buffers->stride, entry = w->panels * 256;
    const float *X = input_strip(c, w), *D = gradient_strip(c, w);
    size_t depth = 0;
    for (size_t first = 0; first < c->rows; first += ISB_LEAF) {
        const size_t rows = isb_leaf_end(first, c->rows) - first;
        const size_t pops = pops_of(first / ISB_LEAF);
        float *top = stack + depth * entry;
        if (w->sparse)
            c->kernels->outer_leaf_sparse(top, pops, X + first * 16, D + first * 16, stride, rows,
                                          w->inputs, w->panels);
        else if (first == 0 && shadow->count > 0)
            c->kernels->outer_leaf_adam(top, pops, X, D, stride, rows, w->inputs, w->panels,
                                        shadow->blocks, shadow->count, shadow->step);
        else
            c->kernels->outer_leaf(top, pops, X + first * 16, D + first * 16, stride, rows,
                                   w->inputs, w->panels);
        depth = depth - pops + 1;
    }
    fold(c->kernels, stack, depth, entry);
}

void isb_dense_sparse_adam(const isb_context *c, const isb_weights *w, const isb_adam *step) {
    const isb_dense *dense = &c->network->dense[w->l];
    const isb_parameter *kernel = &dense->kernel;
    const size_t w_stride = dense->inputs * 16;
    const size_t offset = w->p * w_stride + w->input_panel * 256;
    c->kernels->outer_adam_sparse(kernel->values + offset, kernel->state[0] + offset,
                                  kernel->state[1] + offset, w_stride, input_strip(c, w),
                                  gradient_strip(c, w), c->buffers->stride, c->rows, w->inputs,
                                  w->panels, step);
}

void isb_dense_bias_gradient(const isb_context *c, size_t l, size_t p, float *stack) {
    const float *D = c->buffers->gradient[l] + p * c->buffers->stride;
    size_t depth = 0;
    for (size_t first = 0; first < c->rows; first += ISB_LEAF) {
        const size_t rows = isb_leaf_end(first, c->rows) - first;
        const size_t pops = pops_of(first / ISB_LEAF);
        c->kernels->column_sum_leaf(stack + depth * 16, pops, D + first * 16, rows);
        depth = depth - pops + 1;
    }
    fold(c->kernels, stack, depth, 16);
}
