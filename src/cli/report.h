/* What a finished training run prints on standard output. */
#ifndef ISB_CLI_REPORT_H
#define ISB_CLI_REPORT_H

#include "cpu/threads.h"
#include "io/result.h"

typedef struct isb_report {
    const isb_experiment *experiment; /* all borrowed */
    const isb_dataset *dataset;
    const isb_model *model;
    const isb_split *split;
    const isb_thread_plan *plan;
    const isb_result *result;
    const char *run; /* the run directory */
} isb_report;

/* The result table; its last line is the digest of the weights. */
isb_status isb_report_table(const isb_report *report, isb_error *error);

/* The same as one JSON object. */
isb_status isb_report_json(const isb_report *report, isb_error *error);

#endif
