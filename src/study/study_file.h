/* Reads a study file. docs/study.md has its keys. */
#ifndef ISB_STUDY_STUDY_FILE_H
#define ISB_STUDY_STUDY_FILE_H

#include "study/study.h"

/* Reads the file at `path` and the experiments that it names, with `settings` laid over these, and
 * puts all variants together. Every error is reported in one go, each with file:line:column and
 * the nearest right word; a syntax error of a file alone among those of that file. ISB_USAGE, also
 * where a file cannot be read. `out` is released by isb_study_free, also after a failure; it is
 * empty then. */
isb_status isb_study_read(isb_study *out, const char *path, const isb_setting *settings,
                          size_t setting_count, isb_error *error);

/* The same with `folder`, absolute, for the working directory. */
isb_status isb_study_read_in(isb_study *out, const char *folder, const char *path,
                             const isb_setting *settings, size_t setting_count, isb_error *error);

#endif
