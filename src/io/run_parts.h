/* What the files of the run directory share among themselves. */
#ifndef ISB_IO_RUN_PARTS_H
#define ISB_IO_RUN_PARTS_H

#include "io/run_directory.h"

#define ISB_RUN_FORMAT "isobit run" /* "format" of run.json */

/* Whether the directory has that file. ISB_FAILURE, ISB_NO_MEMORY: it could not be told. */
isb_status isb_run_has(const char *directory, const char *name, bool *there, isb_error *error);

/* Reads run.json alone: everything of the record but the experiment. */
isb_status isb_run_identify(isb_run_record *out, const char *directory, isb_error *error);

/* Reads the newest state that is whole into `run`: last.safetensors, else previous.safetensors. */
isb_status isb_run_load(isb_run *run, isb_error *error);

/* Whether a run directory that was just begun may hold `name`: temporary files alone. */
bool isb_run_is_litter(const char *name);

#endif
