#include "cpu/fpenv.h"
#include <float.h>

_Static_assert(FLT_EVAL_METHOD == 0, "floats must be computed as floats (rule 1)");
#ifdef __FAST_MATH__
#error "fast-math breaks docs/numerics.md, rule 1"
#endif

#if defined(__x86_64__)

#include <xmmintrin.h>

isb_fpenv isb_fpenv_enter(void) {
    const isb_fpenv before = _mm_getcsr();
    _mm_setcsr(0x1f80); /* all exceptions masked, nearest, no FTZ, no DAZ */
    return before;
}

void isb_fpenv_leave(isb_fpenv before) { _mm_setcsr((unsigned)before); }

#elif defined(__aarch64__)

isb_fpenv isb_fpenv_enter(void) {
    isb_fpenv before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"((isb_fpenv)0));
    return before;
}

void isb_fpenv_leave(isb_fpenv before) { __asm__ volatile("msr fpcr, %0" : : "r"(before)); }

#else
#error "no floating-point environment known for this architecture"
#endif
