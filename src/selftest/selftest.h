/* Checks on the user's own machine that Isobit computes there what it computes everywhere. */
#ifndef ISB_SELFTEST_SELFTEST_H
#define ISB_SELFTEST_SELFTEST_H

#include <isobit/error.h>
#include <stdbool.h>
#include <stddef.h>

enum { ISB_MOST_CHECKS = 32 };

typedef struct isb_check {
    char name[40];
    char detail[120]; /* what was compared; what differs where it failed */
    bool passed;
} isb_check;

typedef struct isb_selftest {
    size_t count, failed;
    isb_check checks[ISB_MOST_CHECKS];
} isb_selftest;

/* Runs all checks, in a second or so. An error means that a check could not be made. */
isb_status isb_selftest_run(isb_selftest *out, isb_error *error);

#endif
