/* The rounds that the runs of a study are done in. */
#ifndef ISB_CLI_STUDYING_ROUNDS_H
#define ISB_CLI_STUDYING_ROUNDS_H

#include "cli/studying.h"

/* Runs seeds first .. end - 1 of all variants that are left for at most `epochs` epochs (0: all of
 * them), but for what the journal has. */
isb_status isb_studying_round(isb_studying *studying, size_t first, size_t end, size_t epochs,
                              isb_error *error);

/* What the journal has of a task; NULL: nothing, or, where it is to be run, a failure: what was
 * missing then, memory or a file, may be there now. */
isb_status isb_studying_known(const isb_studying *studying, const isb_study_task *task,
                              const isb_outcome **out, isb_error *error);

/* Whether the journal has all of a round's runs, of all seeds. */
isb_status isb_studying_round_whole(const isb_studying *studying, size_t epochs, bool *whole,
                                    isb_error *error);

/* Successive halving, from its first round to its last. */
isb_status isb_studying_halving(isb_studying *studying, isb_error *error);

/* Runs of all its rounds, which do not depend on what comes out. */
size_t isb_studying_halving_runs(const isb_studying *studying);

/* The share of all epochs of all variants that its rounds train; 1 without halving. */
double isb_studying_halving_share(const isb_studying *studying);

#endif
