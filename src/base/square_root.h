/* The correctly rounded square root as one instruction, not a call into libm. */
#ifndef ISB_BASE_SQUARE_ROOT_H
#define ISB_BASE_SQUARE_ROOT_H

#if defined(__x86_64__)
#include <emmintrin.h>
static inline double isb_square_root(double x) {
    return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(x)));
}
#elif defined(__aarch64__)
#include <arm_neon.h>
static inline double isb_square_root(double x) {
    return vget_lane_f64(vsqrt_f64(vdup_n_f64(x)), 0);
}
#endif

#endif
