#include "peak.h"
#include <chrono>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace {

constexpr long ITERATIONS = 100000;
constexpr double SECONDS = 0.005;
constexpr int CHAINS = 12; /* enough to hide the latency of any core so far */

#if defined(__x86_64__)
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

__attribute__((target("avx512f"))) float run_avx512() {
    __m512 acc[CHAINS];
    for (int i = 0; i < CHAINS; i++)
        acc[i] = _mm512_set1_ps(static_cast<float>(i));
    const __m512 x = _mm512_set1_ps(0.999f), y = _mm512_set1_ps(0.001f);
    for (long n = 0; n < ITERATIONS; n++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            acc[i] = _mm512_fmadd_ps(acc[i], x, y);
    __m512 sum = acc[0];
    for (int i = 1; i < CHAINS; i++)
        sum = _mm512_add_ps(sum, acc[i]);
    return _mm512_cvtss_f32(sum);
}
#elif defined(__aarch64__)
constexpr int NEON_CHAINS = 20; /* four pipes of latency four, and some to spare */

float run_neon() {
    float32x4_t acc[NEON_CHAINS];
    for (int i = 0; i < NEON_CHAINS; i++)
        acc[i] = vdupq_n_f32(static_cast<float>(i));
    const float32x4_t x = vdupq_n_f32(0.999f), y = vdupq_n_f32(0.001f);
    for (long n = 0; n < ITERATIONS; n++)
#pragma GCC unroll 20
        for (int i = 0; i < NEON_CHAINS; i++)
            acc[i] = vfmaq_f32(acc[i], x, y);
    float32x4_t sum = acc[0];
    for (int i = 1; i < NEON_CHAINS; i++)
        sum = vaddq_f32(sum, acc[i]);
    return vaddvq_f32(sum);
}
#endif

struct Loop {
    const char *isa;
    int fmas; /* of one iteration, every lane counted */
    float (*run)();
};

constexpr Loop loops[] = {
#if defined(__x86_64__)
    {"avx2", 8 * CHAINS, run_avx2},
    {"avx512", 16 * CHAINS, run_avx512},
#elif defined(__aarch64__)
    {"neon", 4 * NEON_CHAINS, run_neon},
#else
    {"", 0, nullptr},
#endif
};

double seconds_of(float (*run)()) {
    using clock = std::chrono::steady_clock;
    double best = 1e9, spent = 0.0;
    while (spent < SECONDS) {
        const auto start = clock::now();
        volatile float sink = run();
        (void)sink;
        const std::chrono::duration<double> time = clock::now() - start;
        best = time.count() < best ? time.count() : best;
        spent += time.count();
    }
    return best;
}

} // namespace

double peak_gflops(isb_isa isa) {
    for (const Loop &loop : loops)
        if (std::strcmp(loop.isa, isb_isa_name(isa)) == 0)
            return 2e-9 * loop.fmas * ITERATIONS / seconds_of(loop.run);
    return 0.0;
}
