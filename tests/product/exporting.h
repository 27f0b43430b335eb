/* What the tests of export and import share. */
#ifndef ISB_TESTS_EXPORTING_H
#define ISB_TESTS_EXPORTING_H

#include "io/safetensors.h"
#include "small_run.h"
#include "trained.h"

static inline void export_to(const place *p, const char *run, const char *file) {
    char expected[128];
    snprintf(expected, sizeof expected, "%s written\n", file);
    output o = RUN(p, "export", run, "--to", file);
    check_output(&o, 0, "", expected);
}

static inline bool has_program(const char *name) {
    char command[128];
    snprintf(command, sizeof command, "command -v %s >/dev/null", name);
    return system(command) == 0;
}

static inline isb_tensors read_tensors(const place *p, const char *name) {
    isb_tensors tensors;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_safetensors_read(&tensors, NULL, small_path(p, name), false, &error) == ISB_OK, "%s",
           isb_error_text(&error));
    return tensors;
}

#endif
