/* What isobit evaluate prints on standard output. */
#ifndef ISB_CLI_EVALUATION_REPORT_H
#define ISB_CLI_EVALUATION_REPORT_H

#include "cli/applied.h"

/* Tables; the last line is the digest of the weights. */
isb_status isb_evaluation_table(const isb_applied *applied, const isb_evaluation *evaluation,
                                isb_error *error);

/* The same as one JSON object. */
isb_status isb_evaluation_json(const isb_applied *applied, const isb_evaluation *evaluation,
                               isb_error *error);

#endif
