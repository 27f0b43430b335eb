/* The checks of the self-test; each adds one verdict or several. */
#ifndef ISB_SELFTEST_CHECKS_H
#define ISB_SELFTEST_CHECKS_H

#include "selftest/selftest.h"

/* Adds a verdict; the format gives its detail. */
void isb_selftest_add(isb_selftest *out, bool passed, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Every kernel slot of every instruction set against the scalar one. */
isb_status isb_check_kernels(isb_selftest *out, isb_error *error);

/* Known answers of the generators; the share of units that a dropout keeps. */
isb_status isb_check_random(isb_selftest *out, isb_error *error);

/* Gradients against central differences of a loss in double. */
isb_status isb_check_gradient(isb_selftest *out, isb_error *error);

/* The digest of a short training, on every instruction set and several numbers of threads. */
isb_status isb_check_training(isb_selftest *out, isb_error *error);

#endif
