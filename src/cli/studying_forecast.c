/* What a study will cost, from a measured piece of it. */
#include "cli/page.h"
#include "cli/studying_rounds.h"
#include "cpu/memory.h"
#include "io/json.h"
#include "study/packing.h"
#include "study/statistics.h"
#include <math.h>
#include <stdio.h>

/* Evaluation is a forward pass over rows that are not trained on; a tenth covers it. */
static const double EVALUATION = 1.1;

typedef struct forecast {
    double seconds; /* of all runs, on as many threads as they can feed; infinite: not known */
    size_t fed;     /* threads that a run can feed, at most */
    size_t bytes;   /* of the whole process */
} forecast;

/* From the speed, in multiply-adds a second, of one thread. */
static forecast sum_up(const isb_studying *s, double speed) {
    forecast out = {.fed = 1};
    double work = 0;
    size_t bytes = 0;
    for (size_t v = 0; v < s->study.variant_count; v++) {
        const isb_study_cost *cost = &s->costs[v];
        const size_t fed = isb_threads_fed(cost);
        work += EVALUATION * cost->multiply_adds * (double)s->study.seed_count;
        out.fed = fed > out.fed ? fed : out.fed;
        bytes = cost->bytes > bytes ? cost->bytes : bytes;
    }
    const double fed = (double)out.fed * (double)s->outcomes.count;
    const double threads = fed < (double)s->plan.threads ? fed : (double)s->plan.threads;
    out.seconds = isb_studying_halving_share(s) * work / speed / threads;
    out.bytes = isb_memory_held("") + s->most_runs * bytes;
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

static void print_time(isb_page *page, const isb_studying *s, double seconds) {
    char limit[64] = "";
    if (s->study.seconds > 0)
        snprintf(limit, sizeof limit, "; seeds are added as long as %g s allow", s->study.seconds);
    if (s->study.halving.epochs > 0)
        snprintf(limit, sizeof limit, " under halving");
    if (!isfinite(seconds))
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

static isb_status print_page(const isb_studying *s, const forecast *f, isb_error *error) {
    isb_page page;
    const isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    isb_page_row(&page, "study", "%s", s->study.name);
    isb_page_row(&page, "compare", "%s, against %s", isb_metric_name(s->study.metric),
                 s->study.variants[s->study.baseline].label);
    isb_page_row(&page, "runs", "%zu: %zu variant%s x %zu seed%s", s->outcomes.count,
                 s->study.variant_count, plural(s->study.variant_count), s->study.seed_count,
                 plural(s->study.seed_count));
    for (size_t v = 0; v < s->study.variant_count; v++)
        isb_page_row(&page, v == 0 ? "variants" : "", "%s%s", s->study.variants[v].label,
                     v == s->study.baseline ? " (baseline)" : "");
    print_packing(&page, s, f);
    print_time(&page, s, f->seconds);
    isb_page_row(&page, "memory", "about %.0f MB", ceil((double)f->bytes / 1e6));
    print_power(&page, s);
    return isb_page_print(&page, error);
}

static isb_status print_json(const isb_studying *s, const forecast *f, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    char *text;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "name", s->study.name);
    isb_json_string(&json, "metric", isb_metric_name(s->study.metric));
    isb_json_string(&json, "baseline", s->study.variants[s->study.baseline].label);
    isb_json_array(&json, "variants");
    for (size_t v = 0; v < s->study.variant_count; v++)
        isb_json_string(&json, NULL, s->study.variants[v].label);
    isb_json_end_array(&json);
    isb_json_unsigned(&json, "seeds", s->study.seed_count);
    isb_json_unsigned(&json, "runs", s->outcomes.count);
    isb_json_unsigned(&json, "runs_at_a_time", s->most_runs);
    isb_json_unsigned(&json, "threads", s->plan.threads);
    isb_json_double(&json, "seconds", f->seconds);
    isb_json_unsigned(&json, "bytes", f->bytes);
    isb_json_double(&json, "smallest_p",
                    isb_smallest_p(s->study.seed_count, s->study.variant_count - 1));
    isb_json_end_object(&json);
    const isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}

isb_status isb_studying_forecast(const isb_studying *s, isb_error *error) {
    const isb_study_task first = isb_studying_task(s, 0, 0, 0);
    double speed;
    const isb_status status = isb_study_measure(&speed, &first, error);
    if (status != ISB_OK)
        return status;
    const forecast f = sum_up(s, speed);
    return s->options->given[ISB_OPTION_JSON] ? print_json(s, &f, error) : print_page(s, &f, error);
}
