/* Preloaded into the program: leaves it flushing of subnormals, the direction of rounding that
 * HOSTILE_ROUNDING names, and the locale of the environment. Says in the file HOSTILE_MARK what it
 * achieved. */
#include <fenv.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

static int rounding_by_name(const char *name) {
    if (strcmp(name, "upward") == 0)
        return FE_UPWARD;
    return strcmp(name, "downward") == 0 ? FE_DOWNWARD : FE_TOWARDZERO;
}

__attribute__((constructor)) static void spoil(void) {
    const char *rounding = getenv("HOSTILE_ROUNDING"), *mark = getenv("HOSTILE_MARK");
    setlocale(LC_ALL, "");
    if (rounding != NULL)
        fesetround(rounding_by_name(rounding));
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040); /* FTZ and DAZ */
#endif
    volatile float tiny = 0x1p-126f;
    const int flushed = tiny * 0.5f == 0.0f;
    FILE *file = mark != NULL ? fopen(mark, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "point %s flushed %d nearest %d\n", localeconv()->decimal_point, flushed,
                fegetround() == FE_TONEAREST);
        fclose(file);
    }
}
