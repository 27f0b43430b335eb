/* Small studies made by hand, for tests of what is told about them. */
#ifndef ISB_TESTS_SAMPLE_STUDY_H
#define ISB_TESTS_SAMPLE_STUDY_H

#include "study/findings.h"

typedef struct sample {
    isb_study study;
    isb_outcomes outcomes;
    isb_study_summary summary;
    isb_findings findings; /* of these three */
    isb_layer layers[3];   /* one hidden dense layer */
} sample;

/* An empty study, compared by validation accuracy, with seeds 1, 2, ...; its base validates. */
void sample_open(sample *s, const char *name, size_t seeds);
void sample_close(sample *s);

/* `values` are separated by ';'. First all axes, then all variants; a variant's values stand in the
 * order of the axes, all empty for a named one. */
void sample_axis(sample *s, const char *name, const char *values);
size_t sample_variant(sample *s, const char *label, const char *values);

/* When all variants are there: outcomes and summaries without a value, every run missing. */
void sample_ready(sample *s);

/* A run that is done: the metric to compare by, the test accuracy (NaN: none). */
isb_outcome *sample_run(sample *s, size_t variant, size_t seed, double metric, double test);

/* Fills the summary of a variant: a mean with half its interval; the difference from the baseline
 * with half its interval and its p, adjusted too. */
void sample_mean(sample *s, size_t variant, size_t rank, double mean, double half);
void sample_difference(sample *s, size_t variant, double mean, double half, double p_holm);

#endif
