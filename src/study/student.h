/* Student's t, central and shifted. */
#ifndef ISB_STUDY_STUDENT_H
#define ISB_STUDY_STUDENT_H

#include <stddef.h>

/* P(T <= t) with at least one degree of freedom; NaN for less. */
double isb_student_cdf(double t, double freedom);

/* How often a two-sided paired t-test at level `alpha` finds a mean difference of `effect` standard
 * deviations with so many pairs, at least 2: the noncentral t distribution, integrated. */
double isb_paired_power(double effect, size_t pairs, double alpha);

#endif
