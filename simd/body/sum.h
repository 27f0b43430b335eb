/* Sums over the rows of a strip. */
#ifndef ISB_SIMD_BODY_SUM_H
#define ISB_SIMD_BODY_SUM_H

static void kernel_column_sum_leaf(float *top, size_t pops, const float *D, size_t rows) {
    vf sum = vf_set1(0.0f);
    for (size_t r = 0; r < rows; r++)
        sum = vf_add(sum, vf_load(D + r * 16));
    for (; pops > 0; pops--) {
        top -= 16;
        sum = vf_add(vf_load(top), sum);
    }
    vf_store(top, sum);
}

static void kernel_add(float *newer, const float *older, size_t n) {
    for (size_t i = 0; i < n; i += 16)
        vf_store(newer + i, vf_add(vf_load(older + i), vf_load(newer + i)));
}

#endif
