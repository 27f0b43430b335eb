/* Sums over the rows of a strip, and what they tell. */
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

/* 0 times anything else is NaN, and stays one. */
static void kernel_finite(bool *finite, const float *D, size_t d_stride, size_t rows,
                          size_t panels) {
    vf even = vf_set1(0.0f), odd = even; /* neither waits for the other */
    for (size_t p = 0; p < panels; p++, D += d_stride) {
        for (size_t r = 0; r + 1 < rows; r += 2) {
            even = vf_fma(vf_load(D + r * 16), vf_set1(0.0f), even);
            odd = vf_fma(vf_load(D + r * 16 + 16), vf_set1(0.0f), odd);
        }
        if (rows % 2 == 1)
            even = vf_fma(vf_load(D + (rows - 1) * 16), vf_set1(0.0f), even);
    }
    *finite = vm_bits(vf_eq(vf_add(even, odd), vf_set1(0.0f))) == 0xffff;
}

static void kernel_add(float *newer, const float *older, size_t n) {
    for (size_t i = 0; i < n; i += 16)
        vf_store(newer + i, vf_add(vf_load(older + i), vf_load(newer + i)));
}

#endif
