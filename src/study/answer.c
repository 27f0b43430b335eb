#include "study/answer.h"
#include "study/phrases.h"
#include <math.h>
#include <stdlib.h>

static const double LEVEL = 0.05;

/* The variants, the best first, each kind by itself. */
typedef struct kind {
    size_t *variants;
    size_t count;
} kind;

typedef struct speaker {
    const isb_findings *findings;
    const isb_study *study;
    const isb_variant_summary *of; /* by variant */
    isb_unit unit;
    bool utf8;
    size_t *order;
    kind kinds[ISB_NOT_COMPARED + 1]; /* by isb_verdict; all but the baseline */
    kind like_best;                   /* but the best */
    size_t best;
    bool has_best;
    isb_text out;
} speaker;

static void say(speaker *s, const char *text) { isb_text_add(&s->out, text); }

static void say_variant(speaker *s, size_t v) { isb_put_variant(&s->out, s->study, v, s->utf8); }

static void say_baseline(speaker *s) { say_variant(s, s->study->baseline); }

static const char *plural(size_t count) { return count == 1 ? "" : "s"; }

/* "97.52 +- 0.11 % validation accuracy", "a validation loss of 0.1 +- 0.01" */
static void say_mean(speaker *s, size_t v) {
    const bool percent = s->unit.symbol[0] != '\0';
    if (!percent)
        isb_text_format(&s->out, "a %s of ", isb_metric_words(s->study->metric));
    isb_put_mean(&s->out, s->unit, s->of[v].metric, s->utf8);
    if (percent)
        isb_text_format(&s->out, " %s %s", s->unit.symbol, isb_metric_words(s->study->metric));
}

/* "0.21 +- 0.06 points of validation accuracy" */
static void say_margin(speaker *s, size_t v) {
    isb_estimate size = s->of[v].difference;
    size.mean = fabs(size.mean);
    isb_put_mean(&s->out, s->unit, size, s->utf8);
    isb_text_format(&s->out, s->unit.symbol[0] != '\0' ? " points of %s" : " in %s",
                    isb_metric_words(s->study->metric));
}

/* Variants that are compared with the baseline. */
static size_t compared(const speaker *s) {
    return s->kinds[ISB_BETTER].count + s->kinds[ISB_WORSE].count + s->kinds[ISB_UNDECIDED].count;
}

static void say_p(speaker *s, size_t v) {
    say(s, " (");
    isb_put_p_equals(&s->out, s->of[v].p_holm);
    say(s, isb_count_tests(s->findings) > 1 ? ", Holm-adjusted)" : ")");
}

/* Sentences, a line each. */

static void say_gaps(speaker *s) {
    const isb_run_counts runs = isb_count_runs(s->findings);
    if (runs.missing > 0)
        isb_text_format(&s->out, "This study is not complete: %zu of %zu run%s %s missing.\n",
                        runs.missing, runs.all, plural(runs.all), runs.missing == 1 ? "is" : "are");
}

/* "On this data, at 10 seeds, " */
static void say_scope(speaker *s, size_t seeds) {
    isb_text_format(&s->out, "On this data, at %zu seed%s, ", seeds, plural(seeds));
}

/* The best that beats the baseline. */
static void say_winner(speaker *s) {
    const size_t winner = s->kinds[ISB_BETTER].variants[0];
    say_scope(s, s->of[winner].pairs);
    say_variant(s, winner);
    say(s, " beats ");
    say_baseline(s);
    say(s, " by ");
    say_margin(s, winner);
    say_p(s, winner);
    say(s, ".");
}

/* Nothing beats the baseline, which may have the best mean nevertheless. */
static void say_no_winner(speaker *s) {
    const size_t baseline = s->study->baseline, best = s->best;
    const bool all_alike = s->kinds[ISB_WORSE].count == 0;
    say_scope(s, best == baseline ? s->of[baseline].runs : s->of[best].pairs);
    say(s, all_alike ? "nothing can be told apart from " : "nothing beats ");
    say_baseline(s);
    if (best == baseline) {
        say(s, ", which has the best mean, ");
        say_mean(s, baseline);
        say(s, ".");
        return;
    }
    const bool higher = s->of[best].difference.mean > 0;
    const bool lower = s->of[best].difference.mean < 0;
    if (s->findings->summary->higher_is_better ? higher : lower) {
        say(s, ": the best mean, that of ");
        say_variant(s, best);
        say(s, ", is better by ");
        say_margin(s, best);
        say_p(s, best);
        say(s, ", which may be chance.");
    } else {
        say(s, "; ");
        say_variant(s, best);
        say(s, " has the best mean, but not on the seeds that both have.");
    }
}

/* There is nothing to compare with. */
static void say_alone(speaker *s) {
    if (!s->has_best) {
        say(s, "No run has come to its end, so that there is nothing to compare.");
        return;
    }
    say_scope(s, s->of[s->best].runs);
    say_variant(s, s->best);
    say(s, s->study->variant_count > 1 ? " has the best mean, " : " comes to ");
    say_mean(s, s->best);
    if (s->study->variant_count == 1)
        say(s, "; there is nothing to compare it with.");
    else if (s->of[s->study->baseline].runs == 0)
        say(s, "; no run of the baseline has come to its end, so that nothing is compared.");
    else
        say(s, "; a comparison needs two seeds or more that both sides have.");
}

/* The one variant besides those named so far. */
static void say_single(speaker *s, size_t v, isb_verdict verdict) {
    static const char *const words[] = {
        [ISB_UNDECIDED] = " cannot be told apart from ",
        [ISB_BETTER] = " beats it too, by ",
        [ISB_WORSE] = " is worse than ",
    };
    say(s, "\n");
    const size_t start = s->out.length;
    say_variant(s, v);
    isb_capitalize(&s->out, start);
    say(s, words[verdict]);
    if (verdict != ISB_BETTER)
        say_baseline(s);
    if (verdict == ISB_WORSE)
        say(s, " by ");
    if (verdict != ISB_UNDECIDED)
        say_margin(s, v);
    say_p(s, v);
    say(s, ".");
}

/* "2 beat no dropout too ("a" and "b")"; `from` variants of the kind are left out: they were named.
 */
static void say_kind(speaker *s, isb_verdict verdict, size_t from, size_t *said) {
    static const struct {
        const char *one, *many, *after;
    } words[] = {
        [ISB_UNDECIDED] = {"cannot be told apart from ", "cannot be told apart from ", ""},
        [ISB_BETTER] = {"beats ", "beat ", " too"},
        [ISB_WORSE] = {"is worse than ", "are worse than ", ""},
    };
    const kind *of = &s->kinds[verdict];
    const size_t count = of->count - from;
    if (count == 0)
        return;
    isb_text_format(&s->out, "%s%zu %s", *said > 0 ? "; " : "\nOf the others, ", count,
                    count == 1 ? words[verdict].one : words[verdict].many);
    if (*said > 0)
        say(s, "it");
    else
        say_baseline(s);
    isb_text_format(&s->out, "%s (", words[verdict].after);
    isb_put_labels(&s->out, s->study, of->variants + from, count, s->utf8);
    say(s, ")");
    ++*said;
}

/* What became of the variants that the first sentence does not name. */
static void say_others(speaker *s) {
    const size_t named = s->kinds[ISB_BETTER].count > 0;
    const size_t all = compared(s);
    if (all == named || all == s->kinds[ISB_UNDECIDED].count)
        return; /* all are in the first sentence */
    if (all == named + 1) {
        for (isb_verdict verdict = ISB_UNDECIDED; verdict < ISB_NOT_COMPARED; verdict++) {
            const size_t from = verdict == ISB_BETTER ? named : 0;
            if (s->kinds[verdict].count > from)
                say_single(s, s->kinds[verdict].variants[from], verdict);
        }
        return;
    }
    size_t said = 0;
    say_kind(s, ISB_BETTER, named, &said);
    say_kind(s, ISB_UNDECIDED, 0, &said);
    say_kind(s, ISB_WORSE, 0, &said);
    say(s, ".");
}

/* Where the best is the baseline, that was said. */
static void say_like_best(speaker *s) {
    const size_t count = s->like_best.count;
    if (s->best == s->study->baseline || count == 0 || s->kinds[ISB_BETTER].count == 0)
        return;
    say(s, "\n");
    const size_t start = s->out.length;
    if (count == 1)
        isb_put_variant(&s->out, s->study, s->like_best.variants[0], s->utf8);
    else
        isb_put_labels(&s->out, s->study, s->like_best.variants, count, s->utf8);
    isb_capitalize(&s->out, start);
    say(s, " cannot be told apart from the best");
    if (s->best != s->kinds[ISB_BETTER].variants[0]) {
        say(s, ", ");
        say_variant(s, s->best);
    }
    say(s, ".");
}

/* The least pairs of which a sign-flip test can come to 0.05 after Holm: 2/2^n for each comparison.
 */
static size_t least_pairs(size_t of_comparisons) {
    size_t pairs = 2;
    for (double p = (double)of_comparisons / 2; p > LEVEL; p /= 2)
        pairs++;
    return pairs;
}

/* Of the variants that cannot be told from the baseline, the one that needs the fewest seeds. */
static bool find_nearest(const speaker *s, size_t *nearest) {
    const kind *open = &s->kinds[ISB_UNDECIDED];
    size_t least = 0;
    for (size_t i = 0; i < open->count; i++) {
        const isb_variant_summary *of = &s->of[open->variants[i]];
        if (of->seeds_needed > s->study->seed_count && (least == 0 || of->seeds_needed < least)) {
            least = of->seeds_needed;
            *nearest = open->variants[i];
        }
    }
    return least > 0;
}

static void say_seeds(speaker *s) {
    size_t nearest;
    const size_t tests = isb_count_tests(s->findings), least = least_pairs(tests);
    const double smallest = isb_smallest_p(s->study->seed_count, tests);
    if (smallest > LEVEL) {
        isb_text_format(&s->out, "\nWith so few seeds p cannot come below ");
        isb_put_p(&s->out, smallest);
        isb_text_format(&s->out,
                        " in %zu comparison%s, whatever the runs give: 0.05 takes at least "
                        "%zu seeds.",
                        tests, plural(tests), least);
    } else if (find_nearest(s, &nearest)) {
        const size_t needed = s->of[nearest].seeds_needed;
        isb_text_format(&s->out, "\nAbout %zu seeds would tell ", needed > least ? needed : least);
        say_variant(s, nearest);
        say(s, " from ");
        say_baseline(s);
        say(s, ", if the difference is as large as it looks.");
    }
}

static void say_eliminated(speaker *s) {
    const isb_run_counts runs = isb_count_runs(s->findings);
    if (runs.eliminated > 0)
        isb_text_format(&s->out,
                        "\nHalving ended %zu of %zu runs early, for others did better; they enter "
                        "no mean, and p is adjusted for them as well.",
                        runs.eliminated, runs.all);
}

/* "Of 130 runs 3  diverged and 1 failed ("a" and "b") and do not count." */
static void say_failures(speaker *s) {
    const isb_run_counts runs = isb_count_runs(s->findings);
    if (runs.diverged + runs.failed == 0)
        return;
    kind with = {s->order, 0}; /* the order is no longer needed */
    for (size_t i = 0; i < s->study->variant_count; i++)
        if (s->of[s->order[i]].failures > 0)
            with.variants[with.count++] = s->order[i];
    isb_text_format(&s->out, "\nOf %zu runs", runs.all);
    if (runs.diverged > 0)
        isb_text_format(&s->out, " %zu diverged%s", runs.diverged, runs.failed > 0 ? " and" : "");
    if (runs.failed > 0)
        isb_text_format(&s->out, " %zu failed", runs.failed);
    say(s, " (");
    isb_put_labels(&s->out, s->study, with.variants, with.count, s->utf8);
    isb_text_format(&s->out, ") and do%s not count.", runs.diverged + runs.failed == 1 ? "es" : "");
}

/* Sorting the variants. */

static void release(speaker *s) {
    free(s->order);
    free(s->like_best.variants);
    for (size_t i = 0; i <= ISB_NOT_COMPARED; i++)
        free(s->kinds[i].variants);
}

static bool reserve(speaker *s) {
    s->order = isb_ranking(s->findings);
    s->like_best.variants = calloc(s->study->variant_count + 1, sizeof(size_t));
    bool good = s->order != NULL && s->like_best.variants != NULL;
    for (size_t i = 0; i <= ISB_NOT_COMPARED; i++) {
        s->kinds[i].variants = calloc(s->study->variant_count + 1, sizeof(size_t));
        good = good && s->kinds[i].variants != NULL;
    }
    return good;
}

static void sort_out(speaker *s) {
    for (size_t i = 0; i < s->study->variant_count; i++) {
        const size_t v = s->order[i];
        kind *of = &s->kinds[isb_verdict_of(s->findings, v)];
        if (i == 0) {
            s->best = v;
            s->has_best = s->of[v].runs > 0;
        }
        if (v != s->study->baseline)
            of->variants[of->count++] = v;
        if (s->of[v].like_best && v != s->best)
            s->like_best.variants[s->like_best.count++] = v;
    }
}

static void speak(speaker *s) {
    say_gaps(s);
    if (compared(s) == 0) {
        say_alone(s);
    } else {
        if (s->kinds[ISB_BETTER].count > 0)
            say_winner(s);
        else
            say_no_winner(s);
        say_others(s);
        say_like_best(s);
        say_seeds(s);
    }
    say_eliminated(s);
    say_failures(s);
}

isb_status isb_study_answer(const isb_findings *findings, bool utf8, char **text,
                            isb_error *error) {
    speaker s = {.findings = findings,
                 .study = findings->study,
                 .of = findings->summary->variants,
                 .unit = isb_unit_of(findings),
                 .utf8 = utf8};
    *text = NULL;
    bool good = reserve(&s);
    if (good) {
        sort_out(&s);
        speak(&s);
        good = !s.out.failed;
    }
    release(&s);
    if (!good) {
        free(s.out.data);
        return isb_fail_memory(error, "the answer of the study");
    }
    *text = s.out.data;
    return ISB_OK;
}
