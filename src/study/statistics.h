/* What the outcomes of a study say, and how surely. Formulas and their sources: docs/study.md. */
#ifndef ISB_STUDY_STATISTICS_H
#define ISB_STUDY_STATISTICS_H

#include "study/study.h"

/* A mean with its 95 % interval by Student's t; NaN bounds below two values. */
typedef struct isb_estimate {
    double mean, deviation; /* sample standard deviation */
    double low, high;
} isb_estimate;

/* One variant over its seeds. Runs that are missing, diverged or failed do not count. */
typedef struct isb_variant_summary {
    size_t runs;             /* done */
    size_t failures;         /* diverged, failed, or done without a finite metric to compare by */
    isb_estimate metric;     /* the one to compare by */
    isb_estimate test;       /* test accuracy, else test loss; NaN without a test part */
    size_t pairs;            /* seeds done here and in the baseline */
    isb_estimate difference; /* from the baseline, paired by seed; of the baseline itself NaN */
    double p;                /* two-sided sign-flip; NaN for the baseline and below two pairs */
    double p_holm;           /* adjusted over all variants but the baseline */
    size_t rank;             /* from 1: the variants with a better mean, and one; 0 without a run */
    bool best;               /* of rank 1 the first; one in a study that has a run */
    bool like_best; /* no difference from the best is shown: it itself, and every variant with
                       runs whose Holm-adjusted paired p against it is not up to 0.05 */
    size_t
        seeds_needed; /* to find the difference from the baseline as large as it was found, at
                         5 % (Holm-Bonferroni over the comparisons) with 80 % power; 0: not known */
} isb_variant_summary;

typedef struct isb_study_summary {
    isb_variant_summary *variants; /* one a variant */
    size_t count;
    bool higher_is_better;
    bool test_accuracy; /* what `test` is: accuracy, else loss */
    double smallest_p;  /* that this study can reach after Holm, with its numbers of seeds and
                           variants;  NaN for a single variant */
} isb_study_summary;

/* Only from what is done so far: missing runs are no error. The same bits on every machine. */
isb_status isb_study_summarize(isb_study_summary *out, const isb_study *study,
                               const isb_outcomes *outcomes, isb_error *error);
void isb_study_summary_free(isb_study_summary *summary);

/* The pieces, for tests and reports. */

/* `count` values. */
isb_estimate isb_estimate_of(const double *values, size_t count);

/* Quantile of Student's t, 0 < p < 1, with at least one degree of freedom; NaN else. Infinite
 * beyond 1e150. */
double isb_student_quantile(double p, double freedom);

/* Two-sided sign-flip permutation test that the mean of paired differences is 0: all 2^n flips up
 * to 20 differences, above that 2^20 seeded draws (the share with one added to both sides). 1 where
 * all are 0, NaN where one is not finite. */
double isb_sign_flip(const double *differences, size_t count);

/* Holm's step-down adjustment in place; NaN stay and do not count. */
void isb_holm(double *p, size_t count);

/* The smallest p that `comparisons` Holm-adjusted sign-flip tests with `pairs` pairs can reach; NaN
 * without a comparison. */
double isb_smallest_p(size_t pairs, size_t comparisons);

/* Pairs that a paired t-test needs to find `difference` with this standard deviation at two-sided
 * level `alpha` with 80 % power; 0 where no number up to 1,000,000 does. */
size_t isb_pairs_needed(double difference, double deviation, double alpha);

#endif
