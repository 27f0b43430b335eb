/* What isb_study_summarize says of made-up outcomes. Expected values: SciPy 1.17, statsmodels 0.15.
 */
#include "check.h"
#include "study/statistics.h"
#include <fenv.h>
#include <math.h>
#include <string.h>

enum { SEEDS = 8, MOST_VARIANTS = 5, MISSING = -1, DIVERGED = -2, FAILED = -3, UNKNOWN = -4 };

/* Right rows of 1000, or one of the above. */
typedef int made_up[SEEDS];

typedef struct material {
    isb_study study;
    isb_outcomes outcomes;
    isb_outcome items[MOST_VARIANTS * SEEDS];
} material;

static isb_outcome outcome_from(int right, isb_metric metric) {
    isb_outcome outcome = {.state = ISB_OUTCOME_DONE, .test_loss = NAN, .test_accuracy = NAN};
    for (int i = 0; i < ISB_METRICS; i++)
        outcome.metrics[i] = NAN;
    if (right >= 0) {
        outcome.metrics[metric] = right / 1000.0;
        outcome.test_loss = 2 - right / 1000.0;
        outcome.test_accuracy = right / 1000.0 - 0.5;
    } else if (right != UNKNOWN) {
        outcome.state = right == MISSING    ? ISB_OUTCOME_MISSING
                        : right == DIVERGED ? ISB_OUTCOME_DIVERGED
                                            : ISB_OUTCOME_FAILED;
    }
    return outcome;
}

static void make(material *m, const made_up *rows, size_t variants, isb_metric metric) {
    *m = (material){.study = {.variant_count = variants, .seed_count = SEEDS, .metric = metric}};
    m->outcomes = (isb_outcomes){m->items, variants * SEEDS};
    for (size_t i = 0; i < variants * SEEDS; i++)
        m->items[i] = outcome_from(rows[i / SEEDS][i % SEEDS], metric);
}

static isb_study_summary summarize(const material *m) {
    isb_study_summary summary;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_study_summarize(&summary, &m->study, &m->outcomes, &error) == ISB_OK);
    CHECK(error.count == 0 && summary.count == m->study.variant_count);
    return summary;
}

static bool near(double found, double expected) {
    return fabs(found - expected) <= 1e-12 * fabs(expected);
}

static bool is(const isb_estimate *e, double mean, double deviation, double low, double high) {
    return near(e->mean, mean) && near(e->deviation, deviation) && near(e->low, low) &&
           near(e->high, high);
}

static bool is_unknown(const isb_estimate *e) {
    return isnan(e->mean) && isnan(e->deviation) && isnan(e->low) && isnan(e->high);
}

enum { BASE, UP, SAME, HURT, TOP }; /* UP and TOP are right as often */

static const made_up five[] = {
    {900, 912, 905, 897, 910, 903, 908, 899},
    {915, 921, 917, 909, 925, 914, 919, 911},
    {901, 911, 907, 897, 908, 905, 906, 900},
    {880, 895, MISSING, 889, UNKNOWN, DIVERGED, 893, FAILED},
    {914, 922, 918, 908, 925, 916, 917, 911},
};

CASE(study_summary, describes_variants) {
    material m;
    make(&m, five, 5, ISB_METRIC_VAL_ACCURACY);
    isb_study_summary s = summarize(&m);
    const isb_variant_summary *v = s.variants;
    CHECK(v[BASE].runs == 8 && v[BASE].failures == 0);
    CHECK(
        is(&v[BASE].metric, 0.90425, 0.005444525428617007, 0.8996982628333312, 0.9088017371666688));
    CHECK(v[HURT].runs == 4 && v[HURT].failures == 3);
    CHECK(
        is(&v[HURT].metric, 0.88925, 0.006652067347825041, 0.8786650764232078, 0.899834923576792));
    CHECK(s.higher_is_better && s.test_accuracy);
    CHECK(near(v[HURT].test.mean, 0.38925) && near(v[HURT].test.deviation, 0.006652067347825041));
    CHECK(s.smallest_p == 8.0 / 256);
    isb_study_summary_free(&s);
    CHECK(s.variants == NULL && s.count == 0);
}

CASE(study_summary, compares_with_the_baseline) {
    material m;
    make(&m, five, 5, ISB_METRIC_VAL_ACCURACY);
    isb_study_summary s = summarize(&m);
    const isb_variant_summary *v = s.variants;
    CHECK(v[BASE].pairs == 8 && is_unknown(&v[BASE].difference));
    CHECK(isnan(v[BASE].p) && isnan(v[BASE].p_holm) && v[BASE].seeds_needed == 0);

    CHECK(v[UP].pairs == 8 && v[UP].p == 2.0 / 256 && v[UP].p_holm == 8.0 / 256);
    CHECK(is(&v[UP].difference, 0.012125, 0.00203100960115899, 0.010427033481400269,
             0.013822966518599732));
    CHECK(v[UP].seeds_needed == 8); /* of fewer the test could not find anything */

    CHECK(v[SAME].p == 1 && v[SAME].p_holm == 1 && v[SAME].seeds_needed == 1928);
    CHECK(is(&v[SAME].difference, 0.000125, 0.0016420805617960927, -0.0012478137046630033,
             0.0014978137046630035));

    CHECK(v[HURT].pairs == 4 && v[HURT].p == 0.125 && v[HURT].p_holm == 0.25);
    CHECK(is(&v[HURT].difference, -0.015, 0.005099019513592784, -0.023113677905801443,
             -0.006886322094198559));
    isb_study_summary_free(&s);
}

CASE(study_summary, ranks) {
    material m;
    make(&m, five, 5, ISB_METRIC_VAL_ACCURACY);
    isb_study_summary s = summarize(&m);
    static const size_t ranks[] = {4, 1, 3, 5, 1};
    static const bool best[] = {false, true, false, false, false};
    static const bool like_best[] = {false, true, false, true, true}; /* HURT has too few pairs */
    for (size_t v = 0; v < 5; v++) {
        CHECKF(s.variants[v].rank == ranks[v], "%zu: rank %zu", v, s.variants[v].rank);
        CHECKF(s.variants[v].best == best[v], "%zu", v);
        CHECKF(s.variants[v].like_best == like_best[v], "%zu", v);
    }
    isb_study_summary_free(&s);
}

CASE(study_summary, means_that_differ_by_rounding_share_a_rank) {
    material m;
    make(&m, five, 5, ISB_METRIC_VAL_ACCURACY);
    double *metric = &m.items[TOP * SEEDS].metrics[ISB_METRIC_VAL_ACCURACY];
    *metric += 1e-14;
    isb_study_summary s = summarize(&m);
    CHECK(s.variants[TOP].metric.mean > s.variants[UP].metric.mean);
    CHECK(s.variants[UP].rank == 1 && s.variants[TOP].rank == 1 && s.variants[UP].best);
    isb_study_summary_free(&s);
    *metric += 1e-10;
    s = summarize(&m);
    CHECK(s.variants[UP].rank == 2 && s.variants[TOP].rank == 1 && s.variants[TOP].best);
    isb_study_summary_free(&s);
}

CASE(study_summary, a_loss_is_better_low) {
    static const isb_metric losses[] = {ISB_METRIC_LOSS, ISB_METRIC_VAL_LOSS,
                                        ISB_METRIC_TRAIN_EVAL_LOSS};
    for (size_t i = 0; i < 3; i++) {
        material m;
        make(&m, five, 5, losses[i]);
        m.study.baseline = UP;
        isb_study_summary s = summarize(&m);
        CHECK(!s.higher_is_better && s.variants[HURT].best && s.variants[HURT].rank == 1);
        CHECK(s.variants[BASE].rank == 2 && s.variants[SAME].rank == 3);
        CHECK(s.variants[UP].rank == 4 && s.variants[TOP].rank == 4);
        CHECK(isnan(s.variants[UP].p) && near(s.variants[BASE].difference.mean, -0.012125));
        isb_study_summary_free(&s);
    }
    static const isb_metric accuracies[] = {ISB_METRIC_ACCURACY, ISB_METRIC_TRAIN_EVAL_ACCURACY};
    for (size_t i = 0; i < 2; i++) {
        material m;
        make(&m, five, 5, accuracies[i]);
        isb_study_summary s = summarize(&m);
        CHECK(s.higher_is_better && s.variants[UP].best);
        isb_study_summary_free(&s);
    }
}

CASE(study_summary, nothing_is_done_yet) {
    static const made_up rows[] = {
        {MISSING, DIVERGED, FAILED, MISSING, FAILED, FAILED, MISSING, DIVERGED},
        {DIVERGED, MISSING, FAILED, DIVERGED, MISSING, MISSING, FAILED, UNKNOWN},
    };
    material m;
    make(&m, rows, 2, ISB_METRIC_VAL_LOSS);
    isb_study_summary s = summarize(&m);
    for (size_t i = 0; i < 2; i++) {
        const isb_variant_summary *v = &s.variants[i];
        CHECK(v->runs == 0 && v->failures == 5 && v->pairs == 0 && v->rank == 0);
        CHECK(!v->best && !v->like_best && isnan(v->p) && isnan(v->p_holm));
        CHECK(is_unknown(&v->metric) && is_unknown(&v->test) && is_unknown(&v->difference));
    }
    CHECK(s.smallest_p == 2.0 / 256);
    isb_study_summary_free(&s);
}

CASE(study_summary, one_pair_tells_no_difference) {
    static const made_up rows[] = {
        {900, MISSING, MISSING, MISSING, MISSING, MISSING, MISSING, 930},
        {910, 920, MISSING, MISSING, MISSING, MISSING, MISSING, MISSING},
        {MISSING, MISSING, 905, MISSING, MISSING, MISSING, MISSING, MISSING},
    };
    material m;
    make(&m, rows, 3, ISB_METRIC_VAL_ACCURACY);
    isb_study_summary s = summarize(&m);
    CHECK(s.variants[1].pairs == 1 && near(s.variants[1].difference.mean, 0.01));
    CHECK(isnan(s.variants[1].difference.low) && isnan(s.variants[1].p));
    CHECK(s.variants[2].pairs == 0 && is_unknown(&s.variants[2].difference));
    CHECK(s.variants[0].rank == 1 && s.variants[1].rank == 1 && s.variants[2].rank == 3);
    CHECK(s.variants[0].best && s.variants[1].like_best && s.variants[2].like_best);
    CHECK(s.variants[1].seeds_needed == 0);
    isb_study_summary_free(&s);
}

CASE(study_summary, one_variant_compares_with_nothing) {
    material m;
    make(&m, five, 1, ISB_METRIC_VAL_ACCURACY);
    isb_study_summary s = summarize(&m);
    CHECK(isnan(s.smallest_p) && s.variants[0].rank == 1 && s.variants[0].best);
    isb_study_summary_free(&s);
}

CASE(study_summary, the_test_part_may_have_a_loss_alone_or_not_be) {
    material m;
    make(&m, five, 5, ISB_METRIC_VAL_ACCURACY);
    for (size_t i = 0; i < m.outcomes.count; i++)
        m.items[i].test_accuracy = NAN;
    isb_study_summary s = summarize(&m);
    CHECK(!s.test_accuracy && near(s.variants[UP].test.mean, 2 - 0.916375));
    isb_study_summary_free(&s);
    for (size_t i = 0; i < m.outcomes.count; i++)
        m.items[i].test_loss = NAN;
    s = summarize(&m);
    CHECK(is_unknown(&s.variants[UP].test) && near(s.variants[UP].metric.mean, 0.916375));
    isb_study_summary_free(&s);
}

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static bool same_estimate(const isb_estimate *a, const isb_estimate *b) {
    return bits_of(a->mean) == bits_of(b->mean) && bits_of(a->deviation) == bits_of(b->deviation) &&
           bits_of(a->low) == bits_of(b->low) && bits_of(a->high) == bits_of(b->high);
}

CASE(study_summary, a_host_that_rounds_up_changes_no_bit) {
    material m;
    make(&m, five, 5, ISB_METRIC_VAL_ACCURACY);
    isb_study_summary expected = summarize(&m);
    CHECK(fesetround(FE_UPWARD) == 0);
    isb_study_summary found = summarize(&m);
    CHECK(fegetround() == FE_UPWARD && fesetround(FE_TONEAREST) == 0);
    for (size_t v = 0; v < 5; v++) {
        CHECK(same_estimate(&found.variants[v].metric, &expected.variants[v].metric));
        CHECK(v == BASE ||
              same_estimate(&found.variants[v].difference, &expected.variants[v].difference));
        CHECK(found.variants[v].seeds_needed == expected.variants[v].seeds_needed);
    }
    isb_study_summary_free(&found);
    isb_study_summary_free(&expected);
}

/* Those that went on were chosen by the same seeds. */
CASE(study_summary, variants_that_ended_early_are_tests) {
    static const made_up rows[] = {{900, 901, 902, 903, 904, 905, 906, 907},
                                   {910, 912, 913, 911, 916, 917, 915, 919},
                                   {800, 801, 802, 803, 804, 805, 806, 807}};
    material m;
    isb_study_summary all, halved;
    isb_error error = ISB_ERROR_INIT;
    make(&m, rows, 3, ISB_METRIC_VAL_ACCURACY);
    CHECK(isb_study_summarize(&all, &m.study, &m.outcomes, &error) == ISB_OK);
    CHECK(all.variants[1].p == 2 / 256.0 && all.variants[1].p_holm == 4 / 256.0);
    for (size_t seed = 0; seed < SEEDS; seed++)
        m.items[2 * SEEDS + seed].state = ISB_OUTCOME_ELIMINATED;
    CHECK(isb_study_summarize(&halved, &m.study, &m.outcomes, &error) == ISB_OK);
    CHECK(halved.variants[1].p == 2 / 256.0 && halved.variants[1].p_holm == 4 / 256.0);
    CHECK(isnan(halved.variants[2].p) && isnan(halved.variants[2].p_holm));
    CHECK(halved.variants[2].rank == 0 && halved.variants[1].rank == 1);
    isb_study_summary_free(&all);
    isb_study_summary_free(&halved);
}
