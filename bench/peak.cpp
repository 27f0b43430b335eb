#include "peak.h"
#include <chrono>
#include <immintrin.h>

namespace {

constexpr long ITERATIONS = 2000000;
constexpr int CHAINS = 12; /* enough to hide the latency of any core so far */

__attribute__((target("avx2,fma"))) float run_avx2() {
    __m256 acc[CHAINS];
    for (int i = 0; i < CHAINS; i++)
        acc[i] = _mm256_set1_ps(static_cast<float>(i));
    const __m256 x = _mm256_set1_ps(0.999f), y = _mm256_set1_ps(0.001f);
    for (long n = 0; n < ITERATIONS; n++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            acc[i] = _mm256_fmadd_ps(acc[i], x, y);
    __m256 sum = acc[0];
    for (int i = 1; i < CHAINS; i++)
        sum = _mm256_add_ps(sum, acc[i]);
    return _mm256_cvtss_f32(sum);
}

double seconds_of(float (*run)()) {
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        const auto start = std::chrono::steady_clock::now();
        volatile float sink = run();
        (void)sink;
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        best = time.count() < best ? time.count() : best;
    }
    return best;
}

} // namespace

double peak_gflops(isb_isa isa) {
    if (isa == ISB_ISA_avx2)
        return 2e-9 * 8 * CHAINS * ITERATIONS / seconds_of(run_avx2);
    return 0.0;
}
