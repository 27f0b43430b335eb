#include "cpu/fpenv.h"
#include <float.h>

_Static_assert(FLT_EVAL_METHOD == 0, "floats must be computed as floats (rule 1)");
#ifdef __FAST_MATH__
#error "fast-math breaks docs/numerics.md, rule 1"
#endif

/* Compilers do not know that arithmetic depends on the environment. What is read from memory and
 * written to it stays at least on its side, also where link-time optimisation inlines this. */
static inline void fence(void) { __asm__ volatile("" : : : "memory"); }

#if defined(__x86_64__)

#include <xmmintrin.h>

/* All exceptions masked, to nearest, no FTZ, no DAZ. Nothing here computes with the x87, but the C
 * library's strtod and printf look up their rounding in its control word. */
enum { MXCSR = 0x1f80, X87_CONTROL = 0x037f };

isb_fpenv isb_fpenv_enter(void) {
    uint16_t x87;
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    const isb_fpenv before = (isb_fpenv)x87 << 32 | _mm_getcsr();
    _mm_setcsr(MXCSR);
    if (x87 != X87_CONTROL) {
        const uint16_t control = X87_CONTROL;
        __asm__ volatile("fldcw %0" : : "m"(control));
    }
    fence();
    return before;
}

void isb_fpenv_leave(isb_fpenv before) {
    fence();
    const uint16_t x87 = (uint16_t)(before >> 32);
    if (x87 != X87_CONTROL)
        __asm__ volatile("fldcw %0" : : "m"(x87));
    _mm_setcsr((unsigned)before);
}

#elif defined(__aarch64__)

isb_fpenv isb_fpenv_enter(void) {
    isb_fpenv before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"((isb_fpenv)0));
    fence();
    return before;
}

void isb_fpenv_leave(isb_fpenv before) {
    fence();
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
}

#else
#error "no floating-point environment known for this architecture"
#endif
