/* What a study says, in a few sentences. */
#ifndef ISB_STUDY_ANSWER_H
#define ISB_STUDY_ANSWER_H

#include "study/findings.h"

/* Sentences, a line each, without a newline at the end: what is better than the baseline, and by
 * how much; what stands close to the best; what the study could not tell, and how many seeds would;
 * runs that are missing or failed. A claim is a Holm-adjusted p of at most 0.05; after +- stands
 * half the width of the 95 % interval. `utf8`: signs beyond ASCII may be used. *text is released by
 * free(). */
isb_status isb_study_answer(const isb_findings *findings, bool utf8, char **text, isb_error *error);

#endif
