#include "study/statistics.h"
#include <math.h>

/* The smallest that is not adjusted yet; those that are carry a minus sign. `count` where none is.
 */
static size_t smallest_left(const double *p, size_t count) {
    size_t smallest = count;
    for (size_t i = 0; i < count; i++)
        if (!isnan(p[i]) && !signbit(p[i]) && (smallest == count || p[i] < p[smallest]))
            smallest = i;
    return smallest;
}

/* S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979: the smallest times the
 * number of tests, the next times one less, none below the one before. */
void isb_holm(double *p, size_t count) {
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        left += isnan(p[i]) ? 0 : 1;
        p[i] = fabs(p[i]);
    }
    double adjusted = 0;
    for (; left > 0; left--) {
        const size_t i = smallest_left(p, count);
        const double product = (double)left * p[i];
        adjusted = product > adjusted ? product : adjusted;
        adjusted = adjusted < 1 ? adjusted : 1;
        p[i] = -adjusted;
    }
    for (size_t i = 0; i < count; i++)
        p[i] = fabs(p[i]);
}
