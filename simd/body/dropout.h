/* Dropout on a strip: sixteen lanes of xoshiro128++ decide on a row's sixteen units at a time. */
#ifndef ISB_SIMD_BODY_DROPOUT_H
#define ISB_SIMD_BODY_DROPOUT_H

typedef struct lanes {
    vu s0, s1, s2, s3;
} lanes;

VEC lanes lanes_load(const isb_xoshiro *generator) {
    return (lanes){vu_load(generator->state[0]), vu_load(generator->state[1]),
                   vu_load(generator->state[2]), vu_load(generator->state[3])};
}

VEC vu lanes_draw(const lanes *g) { return vu_add(vu_rotl(vu_add(g->s0, g->s3), 7), g->s0); }

VEC void lanes_step(lanes *g) {
    const vu t = vu_shl(g->s1, 9);
    g->s2 = vu_xor(g->s2, g->s0);
    g->s3 = vu_xor(g->s3, g->s1);
    g->s1 = vu_xor(g->s1, g->s2);
    g->s0 = vu_xor(g->s0, g->s3);
    g->s2 = vu_xor(g->s2, t);
    g->s3 = vu_rotl(g->s3, 11);
}

static void kernel_dropout(float *Y, uint16_t *kept, size_t rows, size_t skip,
                           const isb_xoshiro *generator, uint32_t last_dropped, float scale) {
    lanes g = lanes_load(generator);
    for (; skip > 0; skip--)
        lanes_step(&g);
    const vu last = vu_set1(last_dropped);
    const vf scales = vf_set1(scale);
    for (size_t r = 0; r < rows; r++, Y += 16) {
        const vm keep = vm_not(vu_le(lanes_draw(&g), last));
        lanes_step(&g);
        vf_store(Y, vf_keep(keep, vf_mul(vf_load(Y), scales)));
        kept[r] = (uint16_t)vm_bits(keep);
    }
}

static void kernel_dropout_backward(float *D, const uint16_t *kept, size_t rows, float scale) {
    const vf scales = vf_set1(scale);
    for (size_t r = 0; r < rows; r++, D += 16)
        vf_store(D, vf_keep(vm_from_bits(kept[r]), vf_mul(vf_load(D), scales)));
}

#endif
