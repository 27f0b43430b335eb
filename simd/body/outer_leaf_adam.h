/* One after the other: for instruction sets whose registers do not hold both at once. */
#ifndef ISB_SIMD_BODY_OUTER_LEAF_ADAM_H
#define ISB_SIMD_BODY_OUTER_LEAF_ADAM_H

static void kernel_outer_leaf_adam(float *top, size_t pops, const float *X, const float *D,
                                   size_t d_stride, size_t rows, size_t inputs, size_t panels,
                                   const isb_adam_block *blocks, size_t count,
                                   const isb_adam *step) {
    kernel_outer_leaf(top, pops, X, D, d_stride, rows, inputs, panels);
    for (size_t b = 0; b < count; b++)
        kernel_adam(blocks[b].w, blocks[b].m, blocks[b].v, blocks[b].g, blocks[b].n, step);
}

#endif
