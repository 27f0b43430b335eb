/* Variants in prose. */
#ifndef ISB_STUDY_PHRASES_H
#define ISB_STUDY_PHRASES_H

#include "study/figures.h"

/* "dropout of 0.2 before the dense layer", "no dropout"; where a variant is something else, its
 * label in quotes. */
void isb_put_variant(isb_text *out, const isb_study *study, size_t variant, bool utf8);

/* The label in quotes, for lists. */
void isb_put_label(isb_text *out, const isb_study *study, size_t variant, bool utf8);

/* "a", "a and b", "a, b and c", "a, b, c and 4 more": quoted labels. */
void isb_put_labels(isb_text *out, const isb_study *study, const size_t *variants, size_t count,
                    bool utf8);

/* Makes the first letter from `start` on a capital, for the start of a sentence. */
void isb_capitalize(isb_text *out, size_t start);

#endif
