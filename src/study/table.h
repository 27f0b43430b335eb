/* The variants of a study, ranked, for a terminal. */
#ifndef ISB_STUDY_TABLE_H
#define ISB_STUDY_TABLE_H

#include "study/findings.h"

/* Lines of at most 100 columns: a head, a row a variant, and what the marks mean. `utf8`: signs
 * beyond ASCII may be used. *text is released by free(). */
isb_status isb_study_table(const isb_findings *findings, bool utf8, char **text, isb_error *error);

#endif
