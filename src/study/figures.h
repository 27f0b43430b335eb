/* Numbers and names of a study as people read them: accuracies in percent, differences of them in
 * points, no more digits than the spread between seeds leaves meaning to. */
#ifndef ISB_STUDY_FIGURES_H
#define ISB_STUDY_FIGURES_H

#include "io/text.h"
#include "study/findings.h"

/* How the values of a metric are shown. */
typedef struct isb_unit {
    double factor;      /* 100 where they are shown in percent */
    int decimals;       /* behind the point */
    const char *symbol; /* "%", or "" */
} isb_unit;

/* Of the metric that the study compares by, and of the test metric. */
isb_unit isb_unit_of(const isb_findings *findings);
isb_unit isb_test_unit_of(const isb_findings *findings);

const char *isb_plus_minus(bool utf8);

/* Values are as computed, not multiplied by the factor. NaN is "-". */
void isb_put_fixed(isb_text *out, double value, int decimals);
void isb_put_value(isb_text *out, isb_unit unit, double value);
void isb_put_signed(isb_text *out, isb_unit unit, double value);  /* "+0.21" */
void isb_put_half(isb_text *out, isb_unit unit, isb_estimate of); /* half the interval's width */
void isb_put_mean(isb_text *out, isb_unit unit, isb_estimate of, bool utf8); /* "97.52 +- 0.11" */
void isb_put_difference(isb_text *out, isb_unit unit, isb_estimate of, bool utf8);
void isb_put_p(isb_text *out, double p);        /* "0.41", "0.002", "<0.001" */
void isb_put_p_equals(isb_text *out, double p); /* "p = 0.41", "p < 0.001" */

/* "validation accuracy" */
const char *isb_metric_words(isb_metric metric);
const char *isb_test_words(const isb_findings *findings); /* "test accuracy", "test loss" */

/* A name on one line of at most `columns` columns of a terminal, the middle left out where it is
 * longer. What could steer a terminal or turn the direction of writing is replaced, and all beyond
 * ASCII where it cannot be shown. */
void isb_put_name(isb_text *out, const char *name, size_t columns, bool utf8);

/* Controls, line separators, marks that turn the direction of writing, and what is no character. */
bool isb_unfit(uint32_t point);

/* Columns of a terminal that a text of valid UTF-8 takes. */
size_t isb_columns(const char *text);

/* The axis as a column's head or a legend has it: the last word of a dotted key. */
const char *isb_axis_short_name(const isb_axis *axis);

#endif
