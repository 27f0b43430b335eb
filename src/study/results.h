/* The results of a study as files: results.csv, summary.csv, result.json. The CSV files (RFC 4180,
 * lines end in LF) hold nothing but what is the same on every machine and at every time. */
#ifndef ISB_STUDY_RESULTS_H
#define ISB_STUDY_RESULTS_H

#include "study/record.h"

/* A row a run: the axes, `variant` where there are named ones, seed, status, metrics, epochs,
 * digest. *text is released by free(). */
isb_status isb_study_results_csv(const isb_findings *findings, char **text, isb_error *error);

/* A row a variant: the axes, then what isb_variant_summary says. */
isb_status isb_study_summary_csv(const isb_findings *findings, char **text, isb_error *error);

/* One line without its newline: the answer, the variants and the record. */
isb_status isb_study_json(const isb_findings *findings, const isb_study_record *record, char **text,
                          isb_error *error);

/* "done", "diverged", "failed", "missing" */
const char *isb_outcome_state_name(isb_outcome_state state);

#endif
