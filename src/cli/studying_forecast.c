/* What a study will cost, from a measured piece of it. */
#include "cli/page.h"
#include "cli/studying_rounds.h"
#include "cpu/memory.h"
#include "study/packing.h"
#include "study/statistics.h"
#include <math.h>
#include <stdio.h>

/* Evaluation is a forward pass over rows that are not trained on; a tenth covers it. */
static const double EVALUATION = 1.1;

typedef struct forecast {
    double work;  /* multiply-adds of all runs */
    size_t fed;   /* threads that a run can feed, at most */
    size_t bytes; /* of a run, at most */
} forecast;

static forecast sum_up(const isb_studying *s) {
    forecast out = {.fed = 1};
    for (size_t v = 0; v < s->study.variant_count; v++) {
        const isb_study_cost *cost = &s->costs[v];
        const size_t fed = isb_threads_fed(cost);
        out.work += EVALUATION * cost->multiply_adds * (double)s->study.seed_count;
        out.fed = fed > out.fed ? fed : out.fed;
        out.bytes = cost->bytes > out.bytes ? cost->bytes : out.bytes;
    }
    return out;
}

static const char *plural(size_t count) { return count == 1 ? "" : "s"; }

static void print_packing(isb_page *page, const isb_studying *s, const forecast *f) {
    const size_t all = s->plan.threads, least = all / s->most_runs;
    const size_t each = least < f->fed ? least : f->fed;
    const size_t most = all < f->fed ? all : f->fed;
    isb_page_row(page, "at a time", "%zu run%s on %zu thread%s each (%s)", s->most_runs,
                 plural(s->most_runs), each, plural(each), s->plan.reason);
    if (s->most_runs < all && s->most_runs < s->outcomes.count)
        isb_page_row(page, "", "no more, for memory");
    if (most > each)
        isb_page_row(page, "", "the last ones take threads that fall idle, up to %zu each", most);
}

/* On as many threads as the runs can feed. */
static void print_time(isb_page *page, const isb_studying *s, const forecast *f, double speed) {
    const double fed = (double)f->fed * (double)s->outcomes.count;
    const double threads = fed < (double)s->plan.threads ? fed : (double)s->plan.threads;
    const double seconds = isb_studying_halving_share(s) * f->work / speed / threads;
    char limit[64] = "";
    if (s->study.seconds > 0)
        snprintf(limit, sizeof limit, "; seeds are added as long as %g s allow", s->study.seconds);
    if (s->study.halving.epochs > 0)
        snprintf(limit, sizeof limit, " under halving");
    if (!(speed > 0))
        isb_page_row(page, "time", "not known: the first variant diverges at once");
    else if (seconds < 90)
        isb_page_row(page, "time", "about %.0f s%s", ceil(seconds), limit);
    else
        isb_page_row(page, "time", "about %.0f min%s", ceil(seconds / 60), limit);
}

static void print_power(isb_page *page, const isb_studying *s) {
    const size_t seeds = s->study.seed_count, comparisons = s->study.variant_count - 1;
    if (comparisons == 0)
        return;
    const double p = isb_smallest_p(seeds, comparisons);
    if (seeds == 1)
        isb_page_row(page, "smallest p", "none: one seed can show NO difference; take more seeds");
    else
        isb_page_row(page, "smallest p",
                     "%.2g after Holm's adjustment of %zu comparison%s at %zu seeds%s%s", p,
                     comparisons, plural(comparisons), seeds,
                     p > 0.05 ? ": this study can show NO difference; take more seeds" : "",
                     p > 0.05 && comparisons > 1 ? " or fewer variants" : "");
}

isb_status isb_studying_forecast(const isb_studying *s, isb_error *error) {
    const isb_study_task first = isb_studying_task(s, 0, 0, 0);
    const forecast f = sum_up(s);
    double speed;
    isb_page page;
    isb_status status = isb_study_measure(&speed, &first, error);
    if (status == ISB_OK)
        status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    const size_t memory = isb_memory_held("") + s->most_runs * f.bytes;
    isb_page_row(&page, "study", "%s", s->study.name);
    isb_page_row(&page, "compare", "%s, against %s", isb_metric_name(s->study.metric),
                 s->study.variants[s->study.baseline].label);
    isb_page_row(&page, "runs", "%zu: %zu variant%s x %zu seed%s", s->outcomes.count,
                 s->study.variant_count, plural(s->study.variant_count), s->study.seed_count,
                 plural(s->study.seed_count));
    for (size_t v = 0; v < s->study.variant_count; v++)
        isb_page_row(&page, v == 0 ? "variants" : "", "%s%s", s->study.variants[v].label,
                     v == s->study.baseline ? " (baseline)" : "");
    print_packing(&page, s, &f);
    print_time(&page, s, &f, speed);
    isb_page_row(&page, "memory", "about %.0f MB", ceil((double)memory / 1e6));
    print_power(&page, s);
    return isb_page_print(&page, error);
}
