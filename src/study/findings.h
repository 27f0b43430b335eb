/* Everything that a study found, for those who tell of it. */
#ifndef ISB_STUDY_FINDINGS_H
#define ISB_STUDY_FINDINGS_H

#include "study/statistics.h"

typedef struct isb_findings {
    const isb_study *study;
    const isb_outcomes *outcomes;
    const isb_study_summary *summary;
} isb_findings;

typedef struct isb_run_counts {
    size_t all, done, missing, diverged, failed;
    size_t eliminated; /* by halving */
} isb_run_counts;

isb_run_counts isb_count_runs(const isb_findings *findings);

const isb_outcome *isb_outcome_at(const isb_findings *findings, size_t variant, size_t seed);

/* Whether halving ended it early. */
bool isb_variant_eliminated(const isb_findings *findings, size_t variant);

/* The variants, the best first, those without a run last; released by free(). NULL: no memory. */
size_t *isb_ranking(const isb_findings *findings);

/* Whether some variant stands beside the axes, with a name of its own. */
bool isb_study_has_named(const isb_study *study);

/* The place of an axis among the study's; `axis_count` where there is none. */
size_t isb_axis_find(const isb_study *study, const char *name);

bool isb_metric_is_accuracy(isb_metric metric);

/* Whether the base experiment computes the metric, or some run did. */
bool isb_metric_is_computed(const isb_findings *findings, isb_metric metric);
bool isb_test_loss_is_computed(const isb_findings *findings);
bool isb_test_accuracy_is_computed(const isb_findings *findings);

/* What the variant is against the baseline, at a Holm-adjusted p of at most 0.05. */
typedef enum isb_verdict { ISB_UNDECIDED, ISB_BETTER, ISB_WORSE, ISB_NOT_COMPARED } isb_verdict;

isb_verdict isb_verdict_of(const isb_findings *findings, size_t variant);

/* The tests that a p is adjusted for: of variants that are compared, and of those that halving
 * ended early. */
size_t isb_count_tests(const isb_findings *findings);

/* "best", "indistinguishable from best", "" */
const char *isb_standing(const isb_variant_summary *variant);

#endif
