/* The answer of a study in words, to the letter. */
#include "study/answer.h"
#include "check.h"
#include "sample_study.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_answer(const sample *s, bool utf8, const char *expected) {
    char *text;
    CHECK(isb_study_answer(&s->findings, utf8, &text, NULL) == ISB_OK);
    CHECKF(strcmp(text, expected) == 0, "got\n%s\nexpected\n%s", text, expected);
    free(text);
}

/* Every run done, so that none is said to be missing. */
static void finish_runs(sample *s) {
    for (size_t i = 0; i < s->outcomes.count; i++)
        s->outcomes.items[i].state = ISB_OUTCOME_DONE;
}

/* Variants none, before and after at one rate; none is the baseline. */
static void open_three(sample *s, size_t seeds) {
    sample_open(s, "three", seeds);
    sample_axis(s, "placement", "none;before;after");
    sample_axis(s, "rate", "0.2");
    sample_variant(s, "none", "none;");
    sample_variant(s, "before, rate 0.2", "before;0.2");
    sample_variant(s, "after, rate 0.2", "after;0.2");
    sample_ready(s);
    finish_runs(s);
}

CASE(answer, one_beats_the_baseline_and_one_does_not) {
    sample s;
    open_three(&s, 10);
    sample_mean(&s, 0, 3, 0.9700, 0.0010);
    sample_mean(&s, 1, 1, 0.9721, 0.0012);
    sample_mean(&s, 2, 2, 0.9703, 0.0011);
    sample_difference(&s, 1, 0.0021, 0.0006, 0.002);
    sample_difference(&s, 2, 0.0003, 0.0008, 0.41);
    check_answer(
        &s, false,
        "On this data, at 10 seeds, dropout of 0.2 before the dense layer beats no dropout "
        "by 0.21 +- 0.06 points of validation accuracy (p = 0.002, Holm-adjusted).\n"
        "Dropout of 0.2 after the dense layer cannot be told apart from no dropout "
        "(p = 0.41, Holm-adjusted).");
    s.summary.variants[2].seeds_needed = 57;
    s.summary.variants[2].like_best = true;
    check_answer(
        &s, true,
        "On this data, at 10 seeds, dropout of 0.2 before the dense layer beats no dropout "
        "by 0.21 \xc2\xb1 0.06 points of validation accuracy (p = 0.002, Holm-adjusted).\n"
        "Dropout of 0.2 after the dense layer cannot be told apart from no dropout "
        "(p = 0.41, Holm-adjusted).\n"
        "Dropout of 0.2 after the dense layer cannot be told apart from the best.\n"
        "About 57 seeds would tell dropout of 0.2 after the dense layer from no dropout, if "
        "the difference is as large as it looks.");
    sample_close(&s);
}

CASE(answer, the_other_may_win_too_or_lose) {
    sample s;
    open_three(&s, 10);
    sample_mean(&s, 0, 3, 0.9700, 0.0010);
    sample_mean(&s, 1, 1, 0.9721, 0.0012);
    sample_mean(&s, 2, 2, 0.9720, 0.0011);
    sample_difference(&s, 1, 0.0021, 0.0006, 0.004);
    sample_difference(&s, 2, 0.0020, 0.0008, 0.0004);
    check_answer(
        &s, false,
        "On this data, at 10 seeds, dropout of 0.2 before the dense layer beats no dropout "
        "by 0.21 +- 0.06 points of validation accuracy (p = 0.004, Holm-adjusted).\n"
        "Dropout of 0.2 after the dense layer beats it too, by 0.20 +- 0.08 points of "
        "validation accuracy (p < 0.001, Holm-adjusted).");
    sample_difference(&s, 2, -0.0120, 0.0008, 0.004);
    check_answer(
        &s, false,
        "On this data, at 10 seeds, dropout of 0.2 before the dense layer beats no dropout "
        "by 0.21 +- 0.06 points of validation accuracy (p = 0.004, Holm-adjusted).\n"
        "Dropout of 0.2 after the dense layer is worse than no dropout by 1.20 +- 0.08 "
        "points of validation accuracy (p = 0.004, Holm-adjusted).");
    sample_close(&s);
}

CASE(answer, nothing_can_be_told_apart) {
    sample s;
    open_three(&s, 8);
    sample_mean(&s, 0, 1, 0.9700, 0.0010);
    sample_mean(&s, 1, 2, 0.9690, 0.0012);
    sample_mean(&s, 2, 3, 0.9680, 0.0011);
    sample_difference(&s, 1, -0.0010, 0.0016, 0.5);
    sample_difference(&s, 2, -0.0020, 0.0028, 0.0501);
    s.summary.variants[1].seeds_needed = 64;
    s.summary.variants[2].seeds_needed = 31;
    check_answer(
        &s, false,
        "On this data, at 8 seeds, nothing can be told apart from no dropout, which has the "
        "best mean, 97.00 +- 0.10 % validation accuracy.\n"
        "About 31 seeds would tell dropout of 0.2 after the dense layer from no dropout, if "
        "the difference is as large as it looks.");
    s.summary.variants[0].best = false;
    s.summary.variants[0].rank = 3;
    sample_mean(&s, 2, 1, 0.9720, 0.0011);
    sample_difference(&s, 2, 0.0020, 0.0028, 0.0501);
    check_answer(
        &s, false,
        "On this data, at 8 seeds, nothing can be told apart from no dropout: the best mean, "
        "that of dropout of 0.2 after the dense layer, is better by 0.20 +- 0.28 points of "
        "validation accuracy (p = 0.05010, Holm-adjusted), which may be chance.\n"
        "About 31 seeds would tell dropout of 0.2 after the dense layer from no dropout, if "
        "the difference is as large as it looks.");
    sample_close(&s);
}

CASE(answer, variants_that_ended_early_count_as_tests) {
    sample s;
    open_three(&s, 6);
    sample_mean(&s, 0, 2, 0.9700, 0.0010);
    sample_mean(&s, 1, 1, 0.9721, 0.0012);
    sample_difference(&s, 1, 0.0021, 0.0006, 0.0625);
    s.summary.variants[2] = (isb_variant_summary){.p = NAN, .p_holm = NAN};
    for (size_t seed = 0; seed < 6; seed++)
        s.outcomes.items[2 * 6 + seed].state = ISB_OUTCOME_ELIMINATED;
    check_answer(&s, false,
                 "On this data, at 6 seeds, nothing can be told apart from no dropout: the best "
                 "mean, that of dropout of 0.2 before the dense layer, is better by 0.21 +- 0.06 "
                 "points of validation accuracy (p = 0.062, Holm-adjusted), which may be chance.\n"
                 "With so few seeds p cannot come below 0.062 in 2 comparisons, whatever the runs "
                 "give: 0.05 takes at least 7 seeds.\n"
                 "Halving ended 6 of 18 runs early, for others did better; they enter no mean, and "
                 "p is adjusted for them as well.");
    sample_close(&s);
}

/* Of two that were to be compared one diverged: p of the other one is a single test's. */
CASE(answer, what_p_can_reach_is_that_of_the_tests_there_are) {
    sample s;
    open_three(&s, 3);
    sample_mean(&s, 0, 2, 0.9700, 0.0010);
    sample_mean(&s, 1, 1, 0.9721, 0.0012);
    sample_difference(&s, 1, 0.0021, 0.0006, 0.25);
    s.summary.variants[2] = (isb_variant_summary){.p = NAN, .p_holm = NAN, .failures = 3};
    s.summary.smallest_p = 0.5;
    for (size_t seed = 0; seed < 3; seed++)
        s.outcomes.items[2 * 3 + seed].state = ISB_OUTCOME_DIVERGED;
    check_answer(&s, false,
                 "On this data, at 3 seeds, nothing can be told apart from no dropout: the best "
                 "mean, that of dropout of 0.2 before the dense layer, is better by 0.21 +- 0.06 "
                 "points of validation accuracy (p = 0.25), which may be chance.\n"
                 "With so few seeds p cannot come below 0.25 in 1 comparison, whatever the runs "
                 "give: 0.05 takes at least 6 seeds.\n"
                 "Of 9 runs 3 diverged (\"after, rate 0.2\") and do not count.");
    sample_close(&s);
}

CASE(answer, too_few_seeds_are_said_to_be_too_few) {
    sample s;
    open_three(&s, 4);
    sample_mean(&s, 0, 3, 0.9700, 0.0010);
    sample_mean(&s, 1, 2, 0.9710, 0.0012);
    sample_mean(&s, 2, 1, 0.9720, 0.0011);
    sample_difference(&s, 1, 0.0010, 0.0016, 0.25);
    sample_difference(&s, 2, 0.0020, 0.0008, 0.25);
    s.summary.variants[2].seeds_needed = 8;
    s.summary.smallest_p = 0.25;
    check_answer(
        &s, false,
        "On this data, at 4 seeds, nothing can be told apart from no dropout: the best mean, "
        "that of dropout of 0.2 after the dense layer, is better by 0.20 +- 0.08 points of "
        "validation accuracy (p = 0.25, Holm-adjusted), which may be chance.\n"
        "With so few seeds p cannot come below 0.25 in 2 comparisons, whatever the runs "
        "give: 0.05 takes at least 7 seeds.");
    sample_close(&s);
}

/* The least seeds that the answer names are those that isb_smallest_p says. */
CASE(answer, the_least_seeds_are_the_least) {
    CHECK(isb_smallest_p(6, 2) > 0.05 && isb_smallest_p(7, 2) <= 0.05);
}

/* Seven variants on two axes that are not dropout's, losses, two hidden layers. */
CASE(answer, many_variants_are_counted_and_some_named) {
    static const char *const labels[] = {
        "units 64, learning_rate 0.001", "b", "c", "d", "e", "f", "g"};
    sample s;
    sample_open(&s, "many", 12);
    s.study.metric = ISB_METRIC_VAL_LOSS;
    s.summary.higher_is_better = false;
    sample_axis(&s, "model.0.dense.units", "64");
    sample_axis(&s, "compile.optimizer.adam.learning_rate", "0.001");
    for (size_t v = 0; v < 7; v++)
        sample_variant(&s, labels[v], "64;0.001");
    sample_ready(&s);
    finish_runs(&s);
    for (size_t v = 0; v < 7; v++) {
        sample_mean(&s, v, v + 1, 0.1 + 0.01 * (double)v, 0.002);
        if (v != 3)
            sample_difference(&s, v, 0.01 * ((double)v - 3), 0.003, v < 3 ? 0.01 : 0.2);
    }
    s.study.baseline = 3;
    s.summary.variants[1].like_best = s.summary.variants[0].like_best = true;
    check_answer(
        &s, false,
        "On this data, at 12 seeds, \"units 64, learning_rate 0.001\" beats \"d\" by "
        "0.0300 +- 0.0030 in validation loss (p = 0.010, Holm-adjusted).\n"
        "Of the others, 2 beat \"d\" too (\"b\" and \"c\"); 3 cannot be told apart from it "
        "(\"e\", \"f\" and \"g\").\n"
        "\"b\" cannot be told apart from the best.");
    /* The best mean is not among those that surely beat the baseline. */
    s.summary.variants[0].p_holm = 0.3;
    s.summary.variants[6].p_holm = 0.01;
    check_answer(
        &s, false,
        "On this data, at 12 seeds, \"b\" beats \"d\" by 0.0200 +- 0.0030 in validation "
        "loss (p = 0.010, Holm-adjusted).\n"
        "Of the others, 1 beats \"d\" too (\"c\"); 3 cannot be told apart from it (\"units "
        "64, learning_rate 0.001\", \"e\" and \"f\"); 1 is worse than it (\"g\").\n"
        "\"b\" cannot be told apart from the best, \"units 64, learning_rate 0.001\".");
    /* The baseline is the best, and everything else is worse or open. */
    for (size_t v = 0; v < 7; v++)
        s.summary.variants[v].like_best = s.summary.variants[v].best = false;
    s.study.baseline = 0;
    for (size_t v = 1; v < 7; v++)
        sample_difference(&s, v, 0.01 * (double)v, 0.003, v < 6 ? 0.01 : 0.2);
    check_answer(
        &s, false,
        "On this data, at 12 seeds, nothing beats \"units 64, learning_rate 0.001\", which "
        "has the best mean, a validation loss of 0.1000 +- 0.0020.\n"
        "Of the others, 1 cannot be told apart from \"units 64, learning_rate 0.001\" "
        "(\"g\"); 5 are worse than it (\"b\", \"c\", \"d\" and 2 more).");
    sample_close(&s);
}

CASE(answer, placements_go_with_other_axes_and_deep_networks) {
    sample s;
    sample_open(&s, "deep", 10);
    s.layers[1].kind = ISB_DENSE;
    sample_axis(&s, "placement", "none;both");
    sample_axis(&s, "fit.batch_size", "32;64");
    sample_variant(&s, "none, batch_size 32", "none;32");
    sample_variant(&s, "both, batch_size 64", "both;64");
    sample_ready(&s);
    finish_runs(&s);
    sample_mean(&s, 0, 2, 0.9, 0.01);
    sample_mean(&s, 1, 1, 0.93, 0.01);
    sample_difference(&s, 1, 0.03, 0.004, 0.002);
    check_answer(
        &s, false,
        "On this data, at 10 seeds, dropout before and after every hidden dense layer with "
        "batch_size 64 beats no dropout with batch_size 32 by 3.00 +- 0.40 points of "
        "validation accuracy (p = 0.002).");
    sample_close(&s);
}

CASE(answer, gaps_are_told) {
    sample s;
    open_three(&s, 10);
    sample_mean(&s, 0, 3, 0.9700, 0.0010);
    sample_mean(&s, 1, 1, 0.9721, 0.0012);
    sample_mean(&s, 2, 2, 0.9703, 0.0011);
    s.summary.variants[1].runs = 9;
    sample_difference(&s, 1, 0.0021, 0.0006, 0.002);
    sample_difference(&s, 2, 0.0003, 0.0008, 0.41);
    s.outcomes.items[10].state = ISB_OUTCOME_DIVERGED;
    s.summary.variants[1].failures = 1;
    const char *middle =
        "On this data, at 9 seeds, dropout of 0.2 before the dense layer beats no dropout by 0.21 "
        "+- 0.06 points of validation accuracy (p = 0.002, Holm-adjusted).\n"
        "Dropout of 0.2 after the dense layer cannot be told apart from no dropout (p = 0.41, "
        "Holm-adjusted).\n";
    char expected[1024];
    snprintf(expected, sizeof expected,
             "%sOf 30 runs 1 diverged (\"before, rate 0.2\") and does not count.", middle);
    check_answer(&s, false, expected);
    s.outcomes.items[29].state = s.outcomes.items[28].state = ISB_OUTCOME_FAILED;
    s.summary.variants[2].failures = 2;
    s.outcomes.items[0].state = ISB_OUTCOME_MISSING;
    snprintf(expected, sizeof expected,
             "This study is not complete: 1 of 30 runs is missing.\n%sOf 30 runs 1 diverged and 2 "
             "failed (\"before, rate 0.2\" and \"after, rate 0.2\") and do not count.",
             middle);
    check_answer(&s, false, expected);
    sample_close(&s);
}

CASE(answer, without_a_comparison_it_says_so) {
    sample s;
    open_three(&s, 1);
    sample_mean(&s, 0, 2, 0.97, NAN);
    sample_mean(&s, 1, 1, 0.98, NAN);
    sample_mean(&s, 2, 3, 0.96, NAN);
    check_answer(
        &s, false,
        "On this data, at 1 seed, dropout of 0.2 before the dense layer has the best mean, "
        "98.00 % validation accuracy; a comparison needs two seeds or more that both sides "
        "have.");
    s.summary.variants[0].runs = 0;
    s.outcomes.items[0].state = ISB_OUTCOME_FAILED;
    s.summary.variants[0].failures = 1;
    check_answer(
        &s, false,
        "On this data, at 1 seed, dropout of 0.2 before the dense layer has the best mean, "
        "98.00 % validation accuracy; no run of the baseline has come to its end, so that "
        "nothing is compared.\n"
        "Of 3 runs 1 failed (\"none\") and does not count.");
    sample_close(&s);
    open_three(&s, 2);
    for (size_t i = 0; i < s.outcomes.count; i++)
        s.outcomes.items[i].state = ISB_OUTCOME_MISSING;
    check_answer(&s, false,
                 "This study is not complete: 6 of 6 runs are missing.\n"
                 "No run has come to its end, so that there is nothing to compare.");
    sample_close(&s);
    sample_open(&s, "one", 3);
    sample_variant(&s, "the only", "");
    sample_ready(&s);
    finish_runs(&s);
    s.summary.smallest_p = NAN;
    sample_mean(&s, 0, 1, 0.97, 0.001);
    check_answer(&s, false,
                 "On this data, at 3 seeds, \"the only\" comes to 97.00 +- 0.10 % validation "
                 "accuracy; there is nothing to compare it with.");
    sample_close(&s);
}

CASE(answer, a_better_mean_on_other_seeds_is_no_lead) {
    sample s;
    open_three(&s, 4);
    sample_mean(&s, 0, 2, 0.9700, 0.0010);
    sample_mean(&s, 1, 1, 0.9710, 0.0012);
    sample_mean(&s, 2, 3, 0.9600, 0.0012);
    sample_difference(&s, 1, -0.0010, 0.0016, 0.5);
    sample_difference(&s, 2, -0.0100, 0.0016, 0.5);
    check_answer(&s, false,
                 "On this data, at 4 seeds, nothing can be told apart from no dropout; dropout of "
                 "0.2 before the dense layer has the best mean, but not on the seeds that both "
                 "have.\n"
                 "With so few seeds p cannot come below 0.25 in 2 comparisons, whatever the runs "
                 "give: 0.05 takes at least 7 seeds.");
    sample_close(&s);
}

CASE(answer, names_cannot_reach_the_terminal) {
    static char lengthy[301];
    memset(lengthy, 'w', sizeof lengthy - 1);
    sample s;
    sample_open(&s, "hostile", 10);
    sample_variant(&s, "\x1b[2J\n\x07\xc2\x9b\xe2\x80\xae\xff\xc3\xa9", "");
    sample_variant(&s, lengthy, "");
    sample_ready(&s);
    finish_runs(&s);
    sample_mean(&s, 0, 2, 0.9, 0.01);
    sample_mean(&s, 1, 1, 0.93, 0.01);
    sample_difference(&s, 1, 0.03, 0.004, 0.002);
#define W18 "wwwwwwwwwwwwwwwwww"
    check_answer(&s, false,
                 "On this data, at 10 seeds, \"" W18 W18 "ww..." W18 "w\" beats \"?[2J??????\" by "
                 "3.00 +- 0.40 points of validation accuracy (p = 0.002).");
#define BAD "\xef\xbf\xbd"
    check_answer(&s, true,
                 "On this data, at 10 seeds, \xe2\x80\x9c" W18 W18 "wwww\xe2\x80\xa6" W18
                 "w\xe2\x80\x9d beats \xe2\x80\x9c" BAD "[2J" BAD BAD BAD BAD BAD
                 "\xc3\xa9\xe2\x80\x9d by 3.00 \xc2\xb1 0.40 points of validation accuracy "
                 "(p = 0.002).");
    sample_close(&s);
}
