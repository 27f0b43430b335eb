/* report.html: a study in one file that needs nothing else, neither scripts nor a network. */
#ifndef ISB_STUDY_REPORT_H
#define ISB_STUDY_REPORT_H

#include "study/record.h"

/* HTML that is well-formed XML, too. But for the section "made", which has the host and the time,
 * the same study gives the same bytes. *text is released by free(). */
isb_status isb_study_report(const isb_findings *findings, const isb_study_record *record,
                            char **text, isb_error *error);

#endif
