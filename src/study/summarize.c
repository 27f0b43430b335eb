#include "cpu/fpenv.h"
#include "study/statistics.h"
#include "train/metric.h"
#include <math.h>
#include <stdlib.h>

#define LEVEL 0.05

/* A study with what came out, and room to gather values in. */
typedef struct material {
    const isb_study *study;
    const isb_outcome *outcomes;
    double *values; /* one a seed */
    double *p;      /* one a variant */
} material;

static const isb_outcome *outcome_of(const material *m, size_t variant, size_t seed) {
    return &m->outcomes[variant * m->study->seed_count + seed];
}

static double metric_of(const material *m, size_t variant, size_t seed) {
    return outcome_of(m, variant, seed)->metrics[m->study->metric];
}

/* Done, with a number to compare by. */
static bool counts(const material *m, size_t variant, size_t seed) {
    return outcome_of(m, variant, seed)->state == ISB_OUTCOME_DONE &&
           isfinite(metric_of(m, variant, seed));
}

/* Whether the study's test part was measured by accuracy: one kind for all variants. */
static bool has_test_accuracy(const material *m) {
    for (size_t v = 0; v < m->study->variant_count; v++)
        for (size_t s = 0; s < m->study->seed_count; s++)
            if (counts(m, v, s) && isfinite(outcome_of(m, v, s)->test_accuracy))
                return true;
    return false;
}

/* Came to an end that it should not have: also done, but without a number. */
static bool failed(isb_outcome_state state) {
    return state != ISB_OUTCOME_MISSING && state != ISB_OUTCOME_ELIMINATED;
}

static void describe(isb_variant_summary *out, const material *m, size_t variant) {
    for (size_t s = 0; s < m->study->seed_count; s++) {
        if (counts(m, variant, s))
            m->values[out->runs++] = metric_of(m, variant, s);
        else
            out->failures += failed(outcome_of(m, variant, s)->state);
    }
    out->metric = isb_estimate_of(m->values, out->runs);
}

static void describe_test(isb_variant_summary *out, const material *m, size_t variant,
                          bool accuracy) {
    size_t count = 0;
    for (size_t s = 0; s < m->study->seed_count; s++) {
        const isb_outcome *o = outcome_of(m, variant, s);
        const double value = accuracy ? o->test_accuracy : o->test_loss;
        if (counts(m, variant, s) && isfinite(value))
            m->values[count++] = value;
    }
    out->test = isb_estimate_of(m->values, count);
}

/* Gathers `variant` less `reference` over the seeds that both have. */
static size_t pair(const material *m, size_t variant, size_t reference) {
    size_t count = 0;
    for (size_t s = 0; s < m->study->seed_count; s++)
        if (counts(m, variant, s) && counts(m, reference, s))
            m->values[count++] = metric_of(m, variant, s) - metric_of(m, reference, s);
    return count;
}

static double sign_flip(const material *m, size_t pairs) {
    return pairs < 2 ? NAN : isb_sign_flip(m->values, pairs);
}

/* Enough for the effect, and enough for the test to reach the level at all. */
static size_t seeds_needed(const isb_estimate *difference, size_t comparisons) {
    size_t seeds =
        isb_pairs_needed(difference->mean, difference->deviation, LEVEL / (double)comparisons);
    while (seeds > 0 && seeds <= 20 && isb_smallest_p(seeds, comparisons) > LEVEL)
        seeds++;
    return isb_smallest_p(seeds, comparisons) > LEVEL ? 0 : seeds;
}

static bool eliminated(const material *m, size_t variant) {
    for (size_t s = 0; s < m->study->seed_count; s++)
        if (outcome_of(m, variant, s)->state == ISB_OUTCOME_ELIMINATED)
            return true;
    return false;
}

/* Adjusts m->p. Halving chose those that went on by the same seeds: the others are tests as well,
 * that show nothing. */
static void adjust(const material *m, size_t variants) {
    for (size_t v = 0; v < variants; v++)
        m->p[v] = isnan(m->p[v]) && eliminated(m, v) ? 1 : m->p[v];
    isb_holm(m->p, variants);
    for (size_t v = 0; v < variants; v++)
        m->p[v] = eliminated(m, v) ? NAN : m->p[v];
}

static void compare_with_baseline(isb_study_summary *out, const material *m) {
    const size_t baseline = m->study->baseline, comparisons = out->count - 1;
    for (size_t v = 0; v < out->count; v++) {
        isb_variant_summary *variant = &out->variants[v];
        variant->pairs = pair(m, v, baseline);
        variant->difference = isb_estimate_of(m->values, v == baseline ? 0 : variant->pairs);
        variant->p = v == baseline ? NAN : sign_flip(m, variant->pairs);
        if (variant->pairs >= 2 && v != baseline)
            variant->seeds_needed = seeds_needed(&variant->difference, comparisons);
        m->p[v] = variant->p;
    }
    adjust(m, out->count);
    for (size_t v = 0; v < out->count; v++)
        out->variants[v].p_holm = m->p[v];
}

/* By more than rounding: means of the same shares of correct rows can differ in their last bits. */
static bool better(const isb_study_summary *out, size_t a, size_t b) {
    const double x = out->variants[a].metric.mean, y = out->variants[b].metric.mean;
    const double rounding = 1e-12 * (fabs(x) > fabs(y) ? fabs(x) : fabs(y));
    return (out->higher_is_better ? x - y : y - x) > rounding;
}

/* Gives the index of the best; `count` where there is no run. */
static size_t rank(isb_study_summary *out) {
    size_t best = out->count;
    for (size_t v = 0; v < out->count; v++) {
        if (out->variants[v].runs == 0)
            continue;
        out->variants[v].rank = 1;
        for (size_t other = 0; other < out->count; other++)
            out->variants[v].rank += out->variants[other].runs > 0 && better(out, other, v);
        if (out->variants[v].rank == 1 && best == out->count)
            best = v;
    }
    return best;
}

static void compare_with_best(isb_study_summary *out, const material *m, size_t best) {
    out->variants[best].best = true;
    for (size_t v = 0; v < out->count; v++)
        m->p[v] = v == best ? NAN : sign_flip(m, pair(m, v, best));
    adjust(m, out->count);
    for (size_t v = 0; v < out->count; v++)
        out->variants[v].like_best = out->variants[v].runs > 0 && !(m->p[v] <= LEVEL);
}

static void summarize(isb_study_summary *out, const material *m) {
    out->higher_is_better = isb_measure_rises(isb_metric_measure(m->study->metric));
    out->test_accuracy = has_test_accuracy(m);
    for (size_t v = 0; v < out->count; v++) {
        describe(&out->variants[v], m, v);
        describe_test(&out->variants[v], m, v, out->test_accuracy);
    }
    if (out->count == 0)
        return;
    out->smallest_p = isb_smallest_p(m->study->seed_count, out->count - 1);
    compare_with_baseline(out, m);
    const size_t best = rank(out);
    if (best < out->count)
        compare_with_best(out, m, best);
}

isb_status isb_study_summarize(isb_study_summary *out, const isb_study *study,
                               const isb_outcomes *outcomes, isb_error *error) {
    const size_t count = study->variant_count;
    *out =
        (isb_study_summary){.variants = calloc(count + 1, sizeof *out->variants), .count = count};
    const material m = {study, outcomes->items, calloc(study->seed_count + 1, sizeof(double)),
                        calloc(count + 1, sizeof(double))};
    const bool memory = out->variants != NULL && m.values != NULL && m.p != NULL;
    if (memory) {
        const isb_fpenv before = isb_fpenv_enter();
        summarize(out, &m);
        isb_fpenv_leave(before);
    } else {
        isb_study_summary_free(out);
    }
    free(m.values);
    free(m.p);
    return memory ? ISB_OK : isb_fail_memory(error, "the statistics of a study");
}

void isb_study_summary_free(isb_study_summary *summary) {
    free(summary->variants);
    *summary = (isb_study_summary){0};
}
