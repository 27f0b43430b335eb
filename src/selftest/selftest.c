#include "selftest/selftest.h"
#include "cpu/fpenv.h"
#include "selftest/checks.h"
#include <stdarg.h>
#include <stdio.h>

void isb_selftest_add(isb_selftest *out, bool passed, const char *name, const char *format, ...) {
    if (out->count == ISB_MOST_CHECKS)
        return;
    isb_check *check = &out->checks[out->count++];
    check->passed = passed;
    out->failed += !passed;
    snprintf(check->name, sizeof check->name, "%s", name);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->detail, sizeof check->detail, format, arguments);
    va_end(arguments);
}

isb_status isb_selftest_run(isb_selftest *out, isb_error *error) {
    static isb_status (*const checks[])(isb_selftest *, isb_error *) = {
        isb_check_kernels, isb_check_random, isb_check_gradient, isb_check_training};
    *out = (isb_selftest){0};
    isb_status status = ISB_OK;
    const isb_fpenv before = isb_fpenv_enter();
    for (size_t i = 0; status == ISB_OK && i < sizeof checks / sizeof *checks; i++)
        status = checks[i](out, error);
    isb_fpenv_leave(before);
    return status;
}
