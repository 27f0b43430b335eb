#include "cpu/peak.h"
#include "base/clock.h"
#include "parallel/team.h"
#include <math.h>
#include <stdatomic.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum {
    CHAINS = 12,   /* more than latency times units of any core so far */
    ROUNDS = 8192, /* between two looks at the clock: microseconds */
    WINDOWS = 4,
};

static const double window_seconds = 0.005;

/* Some thousand fma in independent chains that stay near 1; the sum is there to be used. Gives the
 * floating-point operations done. */
typedef double (*burst)(volatile float *sum);

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) static double burst_avx2(volatile float *sum) {
    const __m256 x = _mm256_set1_ps(0.999f), y = _mm256_set1_ps(0.001f);
    __m256 acc[CHAINS];
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; i++)
        acc[i] = _mm256_set1_ps((float)i);
    for (int n = 0; n < ROUNDS; n++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            acc[i] = _mm256_fmadd_ps(acc[i], x, y);
#pragma GCC unroll 12
    for (int i = 1; i < CHAINS; i++)
        acc[0] = _mm256_add_ps(acc[0], acc[i]);
    *sum = _mm256_cvtss_f32(acc[0]);
    return 2.0 * 8 * CHAINS * ROUNDS;
}

__attribute__((target("avx512f"))) static double burst_avx512(volatile float *sum) {
    const __m512 x = _mm512_set1_ps(0.999f), y = _mm512_set1_ps(0.001f);
    __m512 acc[CHAINS];
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; i++)
        acc[i] = _mm512_set1_ps((float)i);
    for (int n = 0; n < ROUNDS; n++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            acc[i] = _mm512_fmadd_ps(acc[i], x, y);
#pragma GCC unroll 12
    for (int i = 1; i < CHAINS; i++)
        acc[0] = _mm512_add_ps(acc[0], acc[i]);
    *sum = _mm512_cvtss_f32(acc[0]);
    return 2.0 * 16 * CHAINS * ROUNDS;
}

static burst burst_of(isb_isa isa) {
    switch (isa) {
    case ISB_ISA_avx2: return burst_avx2;
    case ISB_ISA_avx512: return burst_avx512;
    default: return NULL;
    }
}

#elif defined(__aarch64__)

static double burst_neon(volatile float *sum) {
    const float32x4_t x = vdupq_n_f32(0.999f), y = vdupq_n_f32(0.001f);
    float32x4_t acc[2 * CHAINS]; /* cores with four units of four lanes */
#pragma GCC unroll 24
    for (int i = 0; i < 2 * CHAINS; i++)
        acc[i] = vdupq_n_f32((float)i);
    for (int n = 0; n < ROUNDS; n++)
#pragma GCC unroll 24
        for (int i = 0; i < 2 * CHAINS; i++)
            acc[i] = vfmaq_f32(x, acc[i], y);
#pragma GCC unroll 24
    for (int i = 1; i < 2 * CHAINS; i++)
        acc[0] = vaddq_f32(acc[0], acc[i]);
    *sum = vgetq_lane_f32(acc[0], 0);
    return 2.0 * 4 * 2 * CHAINS * ROUNDS;
}

static burst burst_of(isb_isa isa) { return isa == ISB_ISA_neon ? burst_neon : NULL; }

#else

static burst burst_of(isb_isa isa) {
    (void)isa;
    return NULL;
}

#endif

/* Millions of operations, so that the threads can add them up without a lock. */
typedef struct peak_run {
    burst burst;
    atomic_ullong millions[WINDOWS];
} peak_run;

/* All threads work through the same windows of time, so that what they share (a core, a clock, a
 * quota) is shared. */
static void work(void *context, size_t thread, isb_team *team) {
    peak_run *run = context;
    volatile float sum;
    run->burst(&sum); /* wakes the wide units */
    for (size_t i = 0; i < WINDOWS; i++) {
        isb_team_barrier(team, thread);
        const double start = isb_clock_seconds();
        double operations = 0, seconds;
        do {
            operations += run->burst(&sum);
            seconds = isb_clock_seconds() - start;
        } while (seconds < window_seconds);
        atomic_fetch_add(&run->millions[i],
                         (unsigned long long)(operations / seconds * window_seconds * 1e-6));
    }
}

double isb_peak_gflops(isb_isa isa, size_t threads) {
    peak_run run = {.burst = burst_of(isa)};
    if (run.burst == NULL)
        return NAN;
    isb_team_run(threads, work, &run);
    unsigned long long best = 0;
    for (size_t i = 0; i < WINDOWS; i++) {
        const unsigned long long millions = atomic_load(&run.millions[i]);
        best = millions > best ? millions : best;
    }
    return (double)best * 1e-3 / window_seconds;
}
