#include "study/statistics.h"
#include "base/square_root.h"
#include <math.h>

/* Sums run over the distances from the first value: equal values have a deviation of 0 and their
 * very mean, without a rounding error. */
isb_estimate isb_estimate_of(const double *values, size_t count) {
    isb_estimate estimate = {NAN, NAN, NAN, NAN};
    if (count == 0)
        return estimate;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] - values[0];
    const double shift = sum / (double)count;
    estimate.mean = values[0] + shift;
    if (count == 1)
        return estimate;
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        const double distance = (values[i] - values[0]) - shift;
        squares += distance * distance;
    }
    estimate.deviation = isb_square_root(squares / (double)(count - 1));
    const double half = isb_student_quantile(0.975, (double)(count - 1)) *
                        (estimate.deviation / isb_square_root((double)count));
    estimate.low = estimate.mean - half;
    estimate.high = estimate.mean + half;
    return estimate;
}
