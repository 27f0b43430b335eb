#include "study/findings.h"
#include "io/experiment_monitors.h"
#include "train/metric.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LEVEL = 0.05;

isb_run_counts isb_count_runs(const isb_findings *findings) {
    isb_run_counts counts = {.all = findings->outcomes->count};
    for (size_t i = 0; i < counts.all; i++) {
        const isb_outcome_state state = findings->outcomes->items[i].state;
        counts.done += state == ISB_OUTCOME_DONE;
        counts.eliminated += state == ISB_OUTCOME_ELIMINATED;
        counts.missing += state == ISB_OUTCOME_MISSING;
        counts.diverged += state == ISB_OUTCOME_DIVERGED;
        counts.failed += state == ISB_OUTCOME_FAILED;
    }
    return counts;
}

const isb_outcome *isb_outcome_at(const isb_findings *findings, size_t variant, size_t seed) {
    return &findings->outcomes->items[variant * findings->study->seed_count + seed];
}

bool isb_variant_eliminated(const isb_findings *findings, size_t variant) {
    for (size_t s = 0; s < findings->study->seed_count; s++)
        if (isb_outcome_at(findings, variant, s)->state == ISB_OUTCOME_ELIMINATED)
            return true;
    return false;
}

typedef struct place {
    size_t rank, variant;
} place;

static int compare_places(const void *a, const void *b) {
    const place *one = a, *other = b;
    const size_t first = one->rank - 1, second = other->rank - 1; /* 0, no rank, comes last */
    if (first != second)
        return first < second ? -1 : 1;
    return one->variant < other->variant ? -1 : one->variant > other->variant;
}

size_t *isb_ranking(const isb_findings *findings) {
    const size_t count = findings->study->variant_count;
    place *places = calloc(count + 1, sizeof *places);
    size_t *order = calloc(count + 1, sizeof *order);
    if (places == NULL || order == NULL) {
        free(places);
        free(order);
        return NULL;
    }
    for (size_t v = 0; v < count; v++)
        places[v] = (place){findings->summary->variants[v].rank, v};
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++)
        order[i] = places[i].variant;
    free(places);
    return order;
}

bool isb_study_has_named(const isb_study *study) {
    for (size_t v = 0; v < study->variant_count; v++)
        if (study->variants[v].named)
            return true;
    return false;
}

size_t isb_axis_find(const isb_study *study, const char *name) {
    size_t axis = 0;
    while (axis < study->axis_count && strcmp(study->axes[axis].name, name) != 0)
        axis++;
    return axis;
}

bool isb_metric_is_accuracy(isb_metric metric) {
    return isb_metric_measure(metric) == ISB_MEASURE_ACCURACY;
}

bool isb_metric_is_computed(const isb_findings *findings, isb_metric metric) {
    bool computed = isb_metric_computed(&findings->study->base, metric);
    for (size_t i = 0; i < findings->outcomes->count && !computed; i++)
        computed = findings->outcomes->items[i].state == ISB_OUTCOME_DONE &&
                   !isnan(findings->outcomes->items[i].metrics[metric]);
    return computed;
}

bool isb_test_loss_is_computed(const isb_findings *findings) {
    for (size_t i = 0; i < findings->outcomes->count; i++)
        if (findings->outcomes->items[i].state == ISB_OUTCOME_DONE &&
            !isnan(findings->outcomes->items[i].test_loss))
            return true;
    return false;
}

bool isb_test_accuracy_is_computed(const isb_findings *findings) {
    for (size_t i = 0; i < findings->outcomes->count; i++)
        if (findings->outcomes->items[i].state == ISB_OUTCOME_DONE &&
            !isnan(findings->outcomes->items[i].test_accuracy))
            return true;
    return false;
}

isb_verdict isb_verdict_of(const isb_findings *findings, size_t variant) {
    const isb_variant_summary *summary = &findings->summary->variants[variant];
    if (variant == findings->study->baseline || isnan(summary->p_holm))
        return ISB_NOT_COMPARED;
    if (summary->p_holm > LEVEL)
        return ISB_UNDECIDED;
    const bool higher = summary->difference.mean > 0;
    return higher == findings->summary->higher_is_better ? ISB_BETTER : ISB_WORSE;
}

size_t isb_count_tests(const isb_findings *findings) {
    size_t count = 0;
    for (size_t v = 0; v < findings->study->variant_count; v++)
        count +=
            isb_verdict_of(findings, v) != ISB_NOT_COMPARED || isb_variant_eliminated(findings, v);
    return count;
}

const char *isb_standing(const isb_variant_summary *variant) {
    if (variant->best)
        return "best";
    return variant->like_best ? "indistinguishable from best" : "";
}
