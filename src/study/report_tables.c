/* The tables of the report: the ranked variants, and every run. */
#include "study/figures.h"
#include "study/markup.h"
#include "study/report_parts.h"
#include "study/results.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

void isb_report_label(isb_text *html, const isb_study *study, size_t variant) {
    isb_put_escaped_name(html, study->variants[variant].label, ISB_REPORT_LABEL);
}

void isb_report_open_box(isb_text *html, const char *name) {
    isb_text_format(
        html, "<div class=\"box tall\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n", name);
}

void isb_report_close_box(isb_text *html) { isb_text_add(html, "</div>\n"); }

static bool has_test(const isb_findings *findings) {
    return isb_test_loss_is_computed(findings) || isb_test_accuracy_is_computed(findings);
}

/* The ranked table. */

static void put_ranking_head(isb_text *html, const isb_findings *findings) {
    const isb_unit unit = isb_unit_of(findings);
    const bool percent = unit.symbol[0] != '\0';
    isb_text_format(html,
                    "<thead><tr><th scope=\"col\"><abbr title=\"rank\">#</abbr></th>"
                    "<th scope=\"col\" class=\"name\">variant</th><th scope=\"col\">runs</th>"
                    "<th scope=\"col\">%s%s</th>",
                    isb_metric_words(findings->study->metric), percent ? ", %" : "");
    isb_text_format(html, "<th scope=\"col\">sd</th><th scope=\"col\">difference%s</th>",
                    percent ? ", points" : "");
    isb_text_add(html,
                 "<th scope=\"col\">p (Holm)</th><th scope=\"col\" class=\"word\">verdict</th>"
                 "<th scope=\"col\">seeds needed</th>");
    if (has_test(findings))
        isb_text_format(html, "<th scope=\"col\" class=\"apart\">%s%s<br/>(looked at once)</th>",
                        isb_test_words(findings),
                        isb_test_unit_of(findings).symbol[0] != '\0' ? ", %" : "");
    isb_text_add(html, "</tr></thead>\n");
}

static void put_count(isb_text *html, size_t count) {
    if (count > 0)
        isb_text_format(html, "<td>%zu</td>", count);
    else
        isb_text_add(html, "<td>-</td>");
}

/* The difference from the baseline, its p, and what follows from it. */
static void put_comparison(isb_text *html, const isb_findings *findings, size_t variant) {
    const isb_variant_summary *of = &findings->summary->variants[variant];
    const bool baseline = variant == findings->study->baseline;
    isb_text_add(html, "<td>");
    if (baseline)
        isb_text_add(html, "baseline");
    else
        isb_put_difference(html, isb_unit_of(findings), of->difference, true);
    isb_text_add(html, "</td><td>");
    if (!baseline && of->p_holm < 0.001)
        isb_text_add(html, "&lt;0.001");
    else if (!baseline)
        isb_put_p(html, of->p_holm);
    isb_text_format(html, "</td><td class=\"word\">%s</td>",
                    of->best        ? "best"
                    : of->like_best ? "indistinguishable"
                                    : "");
    put_count(html, of->seeds_needed);
}

static void put_ranked(isb_text *html, const isb_findings *findings, size_t variant) {
    const isb_variant_summary *of = &findings->summary->variants[variant];
    const isb_unit unit = isb_unit_of(findings);
    isb_text_add(html, of->best ? "<tr class=\"best\">" : "<tr>");
    put_count(html, of->rank);
    isb_text_add(html, "<td class=\"name\">");
    isb_report_label(html, findings->study, variant);
    isb_text_format(html, "</td><td>%zu%s", of->runs,
                    of->runs == findings->study->seed_count ? "" : " of ");
    if (of->runs != findings->study->seed_count)
        isb_text_format(html, "%zu", findings->study->seed_count);
    isb_text_add(html, "</td><td>");
    isb_put_mean(html, unit, of->metric, true);
    isb_text_add(html, "</td><td>");
    isb_put_value(html, unit, of->metric.deviation);
    isb_text_add(html, "</td>");
    put_comparison(html, findings, variant);
    if (has_test(findings)) {
        isb_text_add(html, "<td class=\"apart\">");
        isb_put_mean(html, isb_test_unit_of(findings), of->test, true);
        isb_text_add(html, "</td>");
    }
    isb_text_add(html, "</tr>\n");
}

void isb_report_ranking(isb_text *html, const isb_findings *findings, const size_t *order) {
    isb_text_add(html, "<section id=\"table\">\n<h2>The variants, ranked</h2>\n"
                       "<div class=\"box\" tabindex=\"0\" role=\"region\" "
                       "aria-label=\"The ranked table\">\n<table>\n");
    put_ranking_head(html, findings);
    isb_text_add(html, "<tbody>\n");
    for (size_t i = 0; i < findings->study->variant_count; i++)
        put_ranked(html, findings, order[i]);
    isb_text_add(html, "</tbody>\n</table>\n</div>\n");
    isb_text_format(
        html,
        "<p class=\"note\">After \xc2\xb1 stands half of the 95 %% interval; sd is the standard "
        "deviation between seeds. Indistinguishable: from the best. Differences are taken seed by "
        "seed: a seed gives all variants the "
        "same split, initial weights and order of rows as far as they allow it. p is that of a "
        "sign-flip test, adjusted after Holm for %zu comparison%s. Seeds needed: to find, with "
        "a "
        "power of 80 %%, a difference as large as this one.%s</p>\n</section>\n",
        isb_count_tests(findings), isb_count_tests(findings) == 1 ? "" : "s",
        has_test(findings)
            ? " Test data stands apart: it decides nothing here, and whoever picks a "
              "variant by it has no test data left."
            : "");
}

/* Every run. */

static void put_runs_head(isb_text *html, const isb_findings *findings) {
    isb_text_add(html, "<thead><tr><th scope=\"col\" class=\"name\">variant</th>"
                       "<th scope=\"col\">seed</th><th scope=\"col\" class=\"word\">status</th>");
    for (size_t m = 0; m < ISB_METRICS; m++)
        if (isb_metric_is_computed(findings, (isb_metric)m))
            isb_text_format(html, "<th scope=\"col\">%s</th>", isb_metric_name((isb_metric)m));
    if (isb_test_loss_is_computed(findings))
        isb_text_add(html, "<th scope=\"col\">test_loss</th>");
    if (isb_test_accuracy_is_computed(findings))
        isb_text_add(html, "<th scope=\"col\">test_accuracy</th>");
    isb_text_add(html,
                 "<th scope=\"col\">epochs</th>"
                 "<th scope=\"col\" class=\"name digest\">weights sha256</th></tr></thead>\n");
}

/* With as many digits as tell runs apart; results.csv has all. */
static void put_metric(isb_text *html, const isb_outcome *run, double value) {
    isb_text_add(html, "<td>");
    if (run->state == ISB_OUTCOME_DONE || run->state == ISB_OUTCOME_DIVERGED)
        isb_put_fixed(html, value, 5);
    isb_text_add(html, "</td>");
}

/* "done", "failed: why", "diverged in epoch 2" */
static void put_state(isb_text *html, const isb_outcome *run) {
    const char *state = isb_outcome_state_name(run->state);
    isb_text_format(html, "<td class=\"word%s\">", run->message != NULL ? " reason" : "");
    if (run->message == NULL || strncmp(run->message, state, strlen(state)) != 0)
        isb_text_format(html, "%s%s", state, run->message != NULL ? ": " : "");
    if (run->message != NULL)
        isb_put_escaped_name(html, run->message, 300);
    isb_text_add(html, "</td>");
}

static void put_run(isb_text *html, const isb_findings *findings, size_t variant, size_t seed) {
    const isb_outcome *run = isb_outcome_at(findings, variant, seed);
    isb_text_add(html, "<tr><td class=\"name\">");
    isb_report_label(html, findings->study, variant);
    isb_text_format(html, "</td><td>%" PRIu64 "</td>", findings->study->seeds[seed]);
    put_state(html, run);
    for (size_t m = 0; m < ISB_METRICS; m++)
        if (isb_metric_is_computed(findings, (isb_metric)m))
            put_metric(html, run, run->metrics[m]);
    if (isb_test_loss_is_computed(findings))
        put_metric(html, run, run->test_loss);
    if (isb_test_accuracy_is_computed(findings))
        put_metric(html, run, run->test_accuracy);
    put_count(html, run->epochs);
    isb_text_add(html, "<td class=\"name digest\"><code>");
    isb_put_escaped(html, run->weights_sha256);
    isb_text_add(html, "</code></td></tr>\n");
}

void isb_report_runs(isb_text *html, const isb_findings *findings) {
    isb_text_add(html, "<section id=\"runs\">\n<h2>Every run</h2>\n");
    isb_report_open_box(html, "Every run");
    isb_text_add(html, "<table>\n");
    put_runs_head(html, findings);
    isb_text_add(html, "<tbody>\n");
    for (size_t v = 0; v < findings->study->variant_count; v++)
        for (size_t s = 0; s < findings->study->seed_count; s++)
            put_run(html, findings, v, s);
    isb_text_add(html, "</tbody>\n</table>\n");
    isb_report_close_box(html);
    isb_text_add(html, "<p class=\"note\">Metrics are those of the weights that a run ends with. "
                       "results.csv has them in full.</p>\n</section>\n");
}
