/* Dense layers on panel matrices: Y = act(X W + b), and their gradients. */
#ifndef ISB_LAYERS_DENSE_H
#define ISB_LAYERS_DENSE_H

#include "layers/context.h"

enum { ISB_GROUP = 2 }; /* panels that a tile takes side by side */

/* Whether the kernels of dense l look for zeros of its inputs. */
static inline bool isb_dense_is_sparse(const isb_context *c, size_t l) {
    return l == 0 && c->sparse;
}

/* Whether the activation of dense layer l needs all panels of a row at once: a softmax that is not
 * the output's. */
bool isb_dense_needs_rows(const isb_network *network, size_t l);

/* activation[l + 1] from activation[l], for these rows and panels of units, dropouts applied in
 * training. The last layer gives logits. */
void isb_dense_forward(const isb_context *c, size_t l, isb_range rows, isb_range panels);

/* gradient[l - 1] from gradient[l], l > 0, for these rows and panels of inputs: through the
 * kernel, the dropouts and the activation before it. `scratch` has ISB_GROUP * units * 16 floats
 * (16-lane units). */
void isb_dense_backward(const isb_context *c, size_t l, isb_range rows, isb_range panels,
                        float *scratch);

/* Some weights of dense l: one panel of inputs by neighbouring panels of units, at most ISB_GROUP,
 * or ISB_WIDE where the kernels look for zeros of the inputs. */
typedef struct isb_weights {
    size_t l, input_panel;
    size_t inputs;    /* that exist */
    size_t p, panels; /* of units */
    bool sparse;      /* look for zeros: the gradient of the layer's outputs is finite */
} isb_weights;

/* Adam on earlier groups of weights, which a gradient takes into its shadow. */
typedef struct isb_shadow {
    size_t count;
    isb_adam_block blocks[ISB_GROUP];
    const isb_adam *step;
} isb_shadow;

/* Whether the gradient of the outputs of dense l is finite in all rows of the chunk. */
bool isb_dense_gradient_is_finite(const isb_context *c, size_t l);

/* The gradient of the kernel, X^T D over the rows of the chunk by leaves and tree:
 * [panels][16][16] floats at the start of `stack`, valid for the inputs that exist. `stack` has
 * isb_gradient_stack floats. The work of the shadow is done on return; sparse weights leave it
 * alone. */
void isb_dense_kernel_gradient(const isb_context *c, const isb_weights *weights, float *stack,
                               const isb_shadow *shadow);

/* The gradient of sparse weights and Adam on them in one. The chunk is the whole batch, and one
 * leaf. */
void isb_dense_sparse_adam(const isb_context *c, const isb_weights *weights, const isb_adam *step);

/* The gradient of the bias: 16 floats for panel p of units, at the start of `stack`. */
void isb_dense_bias_gradient(const isb_context *c, size_t l, size_t p, float *stack);

/* Floats that the stack of partial sums needs for chunks of `rows`. */
size_t isb_gradient_stack(size_t rows);

#endif
