#include "loss/leaf_sum.h"
#include "simd/kernels.h"

static float leaf(const float *values, size_t count) {
    float sum = 0.0f;
    for (size_t i = 0; i < count; i++)
        sum = sum + values[i];
    return sum;
}

float isb_leaf_sum(const float *values, size_t count) {
    float stack[64]; /* one entry a level of the tree */
    size_t depth = 0;
    for (size_t first = 0; first < count; first += ISB_LEAF) {
        float sum = leaf(values + first, count - first < ISB_LEAF ? count - first : ISB_LEAF);
        for (size_t n = first / ISB_LEAF; n & 1; n /= 2)
            sum = stack[--depth] + sum;
        stack[depth++] = sum;
    }
    if (depth == 0)
        return 0.0f;
    float sum = stack[--depth];
    while (depth > 0)
        sum = stack[--depth] + sum;
    return sum;
}
