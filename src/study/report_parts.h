/* The parts of the report. */
#ifndef ISB_STUDY_REPORT_PARTS_H
#define ISB_STUDY_REPORT_PARTS_H

#include "io/text.h"
#include "study/record.h"

enum { ISB_REPORT_LABEL = 80 }; /* columns of a name */

extern const char isb_report_style[];

/* Sections, appended to `html`. */
void isb_report_ranking(isb_text *html, const isb_findings *findings, const size_t *order);
void isb_report_runs(isb_text *html, const isb_findings *findings);
void isb_report_repeat(isb_text *html, const isb_findings *findings,
                       const isb_study_record *record);
void isb_report_made(isb_text *html, const isb_study_record *record);

/* The label of a variant, escaped. */
void isb_report_label(isb_text *html, const isb_study *study, size_t variant);

/* A box that scrolls sideways, by keyboard too; `name` says what is in it. */
void isb_report_open_box(isb_text *html, const char *name);
void isb_report_close_box(isb_text *html);

#endif
