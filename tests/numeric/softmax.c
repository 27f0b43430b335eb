/* Softmax and cross entropy: equal bits on every instruction set, and right against double. */
#include "kernels.h"
#include <math.h>

enum { ROWS = 19, MOST = 70 };

static size_t at(size_t r, size_t c) { return c / 16 * ROWS * 16 + r * 16 + c % 16; }

static guarded logits(size_t columns, float spread) {
    guarded z = guarded_make((columns + 15) / 16 * ROWS * 16);
    fill_uniform(z.data, z.count, columns);
    for (size_t i = 0; i < z.count; i++)
        z.data[i] *= spread;
    return z;
}

CASE(cross_entropy, follows_the_double_formula) {
    FOR_EACH_ISA(isa) {
        for (size_t columns = 2; columns <= MOST; columns += columns < 20 ? 1 : 7) {
            guarded z = logits(columns, columns % 2 ? 5.0f : 60.0f);
            guarded d = guarded_make(z.count);
            float losses[ROWS];
            uint8_t hits[ROWS];
            uint32_t labels[ROWS];
            for (size_t r = 0; r < ROWS; r++)
                labels[r] = (uint32_t)((r * 5) % columns);
            isb_kernels_for(isa)->cross_entropy(d.data, ROWS * 16, losses, hits, z.data, ROWS * 16,
                                                labels, ROWS, columns, 19.0f);
            for (size_t r = 0; r < ROWS; r++) {
                double max = -INFINITY, sum = 0.0;
                size_t largest = 0;
                for (size_t c = 0; c < columns; c++) {
                    if ((double)z.data[at(r, c)] > max) {
                        max = (double)z.data[at(r, c)];
                        largest = c;
                    }
                }
                for (size_t c = 0; c < columns; c++)
                    sum += exp((double)z.data[at(r, c)] - max);
                const double loss = log(sum) - ((double)z.data[at(r, labels[r])] - max);
                CHECKF(fabs((double)losses[r] - loss) <= 2e-6 * (1.0 + loss), "row %zu: %.9g, %.9g",
                       r, (double)losses[r], loss);
                CHECK(hits[r] == (largest == labels[r]));
                for (size_t c = 0; c < columns; c++) {
                    const double p = exp((double)z.data[at(r, c)] - max) / sum;
                    const double gradient = (p - (c == labels[r] ? 1.0 : 0.0)) / 19.0;
                    CHECKF(fabs((double)d.data[at(r, c)] - gradient) <= 1e-7,
                           "(%zu, %zu): %.9g, %.9g", r, c, (double)d.data[at(r, c)], gradient);
                }
            }
            guarded_check(&d);
            guarded_free(&z);
            guarded_free(&d);
        }
    }
}

CASE(cross_entropy, hits_count_the_first_largest) {
    FOR_EACH_ISA(isa) {
        _Alignas(64) float z[32] = {0.0f};
        float loss;
        uint8_t hit;
        for (uint32_t label = 0; label < 20; label++) {
            isb_kernels_for(isa)->cross_entropy(NULL, 0, &loss, &hit, z, 16, &label, 1, 20, 1.0f);
            CHECK(hit == (label == 0));
            CHECK(fabs((double)loss - log(20.0)) < 1e-6);
        }
        z[3] = z[19] = 1.0f;
        uint32_t label = 19;
        isb_kernels_for(isa)->cross_entropy(NULL, 0, &loss, &hit, z, 16, &label, 1, 20, 1.0f);
        CHECK(hit == 0);
        z[19] = NAN;
        isb_kernels_for(isa)->cross_entropy(NULL, 0, &loss, &hit, z, 16, &label, 1, 20, 1.0f);
        CHECK(hit == 0 && isnan(loss));
    }
}

CASE(cross_entropy, is_not_clipped) {
    FOR_EACH_ISA(isa) {
        _Alignas(64) float z[16] = {0.0f, 1000.0f}, d[16];
        float loss;
        uint8_t hit;
        uint32_t label = 0;
        isb_kernels_for(isa)->cross_entropy(d, 16, &loss, &hit, z, 16, &label, 1, 2, 1.0f);
        CHECK(same_bits(loss, 1000.0f));
        CHECK(same_bits(d[0], -1.0f) && same_bits(d[1], 1.0f));
    }
}

CASE(softmax, equal_bits_on_every_isa_and_right) {
    for (size_t columns = 1; columns <= MOST; columns += 3) {
        guarded reference = logits(columns, 30.0f), z = logits(columns, 30.0f);
        isb_kernels_for(ISB_ISA_scalar)->softmax(reference.data, ROWS * 16, ROWS, columns);
        for (size_t r = 0; r < ROWS; r++) {
            double sum = 0.0;
            for (size_t c = 0; c < columns; c++)
                sum += exp((double)z.data[at(r, c)]);
            for (size_t c = 0; c < columns; c++)
                CHECK(fabs((double)reference.data[at(r, c)] - exp((double)z.data[at(r, c)]) / sum) <
                      3e-7);
        }
        guarded d0 = logits(columns, 1.0f);
        isb_kernels_for(ISB_ISA_scalar)
            ->softmax_backward(d0.data, ROWS * 16, reference.data, ROWS * 16, ROWS, columns);
        FOR_EACH_ISA(isa) {
            guarded y = logits(columns, 30.0f), d = logits(columns, 1.0f);
            isb_kernels_for(isa)->softmax(y.data, ROWS * 16, ROWS, columns);
            CHECK(memcmp(y.data, reference.data, y.count * sizeof(float)) == 0);
            isb_kernels_for(isa)->softmax_backward(d.data, ROWS * 16, y.data, ROWS * 16, ROWS,
                                                   columns);
            CHECK(memcmp(d.data, d0.data, d.count * sizeof(float)) == 0);
            guarded_check(&y);
            guarded_check(&d);
            guarded_free(&y);
            guarded_free(&d);
        }
        guarded_free(&reference);
        guarded_free(&z);
        guarded_free(&d0);
    }
}

CASE(cross_entropy, equal_bits_on_every_isa) {
    for (size_t columns = 2; columns <= MOST; columns += 3) {
        guarded z = logits(columns, 20.0f), expected = guarded_make(z.count);
        float losses[2][ROWS];
        uint8_t hits[2][ROWS];
        uint32_t labels[ROWS] = {1, 0, 1};
        isb_kernels_for(ISB_ISA_scalar)
            ->cross_entropy(expected.data, ROWS * 16, losses[0], hits[0], z.data, ROWS * 16, labels,
                            ROWS, columns, 77.0f);
        FOR_EACH_ISA(isa) {
            guarded in_place = logits(columns, 20.0f);
            isb_kernels_for(isa)->cross_entropy(in_place.data, ROWS * 16, losses[1], hits[1],
                                                in_place.data, ROWS * 16, labels, ROWS, columns,
                                                77.0f);
            CHECK(memcmp(in_place.data, expected.data, z.count * sizeof(float)) == 0);
            CHECK(memcmp(losses[0], losses[1], sizeof losses[0]) == 0);
            CHECK(memcmp(hits[0], hits[1], sizeof hits[0]) == 0);
            guarded_free(&in_place);
        }
        guarded_free(&z);
        guarded_free(&expected);
    }
}
