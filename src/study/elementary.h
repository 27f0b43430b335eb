/* exp, log(1 + x) and the normal distribution in double by + - * / and square root alone: the same
 * bits on every machine, whatever the C library. */
#ifndef ISB_STUDY_ELEMENTARY_H
#define ISB_STUDY_ELEMENTARY_H

double isb_exp(double x);

/* x > -1; keeps all digits near 0. */
double isb_log1p(double x);

/* The standard normal distribution below x; keeps its digits far below 0. */
double isb_normal_cdf(double x);

#endif
