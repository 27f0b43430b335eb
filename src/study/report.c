#include "study/report.h"
#include "study/answer.h"
#include "study/figures.h"
#include "study/markup.h"
#include "study/phrases.h"
#include "study/plots.h"
#include "study/report_parts.h"
#include "study/svg.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double WIDE = 888, NARROW = 358; /* the column of a desk and of a phone */

static void put_head(isb_text *html, const isb_study *study) {
    isb_text_add(html,
                 "<!DOCTYPE html>\n"
                 "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
                 "<meta charset=\"utf-8\"/>\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                 "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
                 "<meta http-equiv=\"Content-Security-Policy\" "
                 "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"/>\n"
                 "<link rel=\"icon\" href=\"data:,\"/>\n<title>");
    isb_put_escaped_name(html, study->name, ISB_REPORT_LABEL);
    isb_text_format(html,
                    ": a study</title>\n<style>\n:root{color-scheme:light dark;--box:#f4f5f6;%s}\n"
                    "@media (prefers-color-scheme:dark){:root{--box:#202224;%s}}\n"
                    "@media print{:root{--box:#f4f5f6;%s}}\n",
                    isb_svg_light, isb_svg_dark, isb_svg_light);
    isb_text_add(html, isb_report_style);
    isb_text_add(html, isb_svg_style);
    isb_text_add(html, "</style>\n</head>\n");
}

static void put_title(isb_text *html, const isb_findings *findings) {
    const isb_study *study = findings->study;
    const isb_run_counts runs = isb_count_runs(findings);
    isb_text_add(html, "<body>\n<main>\n<header>\n<h1>");
    isb_put_escaped_name(html, study->name, ISB_REPORT_LABEL);
    isb_text_format(html,
                    "</h1>\n<p class=\"quiet\">%zu variant%s, %zu seed%s each, %zu of %zu runs "
                    "done; compared by %s with \xe2\x80\x9c",
                    study->variant_count, study->variant_count == 1 ? "" : "s", study->seed_count,
                    study->seed_count == 1 ? "" : "s", runs.done, runs.all,
                    isb_metric_words(study->metric));
    isb_report_label(html, study, study->baseline);
    isb_text_add(html, "\xe2\x80\x9d</p>\n</header>\n");
}

/* The plot for desks and the one for phones; the style shows one of them. */
static void put_figure(isb_text *html, const isb_findings *findings, isb_plot_kind kind,
                       size_t axis, const char *id, const char *heading, const char *caption) {
    char wide[64], narrow[64];
    if (!isb_plot_possible(findings, kind, axis))
        return;
    snprintf(wide, sizeof wide, "%s-wide", id);
    snprintf(narrow, sizeof narrow, "%s-narrow", id);
    isb_text_format(html, "<section id=\"%s\">\n<h2>", id);
    isb_put_escaped(html, heading);
    isb_text_add(html, "</h2>\n<figure>\n");
    isb_plot_draw(html, findings, &(isb_plot){kind, axis, WIDE, wide, "wide", false});
    isb_plot_draw(html, findings, &(isb_plot){kind, axis, NARROW, narrow, "narrow", false});
    isb_text_format(html, "<figcaption>%s</figcaption>\n</figure>\n</section>\n", caption);
}

static void put_axes(isb_text *html, const isb_findings *findings) {
    for (size_t a = 0; a < findings->study->axis_count; a++) {
        char id[48];
        isb_text heading = {0};
        snprintf(id, sizeof id, "axis-%zu", a + 1);
        isb_text_add(&heading, isb_metric_words(findings->study->metric));
        isb_capitalize(&heading, 0);
        isb_text_add(&heading, " by ");
        isb_put_name(&heading, isb_axis_short_name(&findings->study->axes[a]), 40, true);
        put_figure(
            html, findings, ISB_PLOT_AXIS, a, id, heading.data == NULL ? "" : heading.data,
            "Means with their 95 % intervals, a little beside each other where they have the same "
            "value.");
        html->failed = html->failed || heading.failed;
        free(heading.data);
    }
}

static void put_gap(isb_text *html, const isb_findings *findings) {
    put_figure(html, findings, ISB_PLOT_GAP, 0, "gap", "The gap between training and validation",
               isb_plot_gap_is_fair(findings)
                   ? "Means over seeds, training measured with dropout off; at the right "
                     "validation less training. The wider the gap, the more was learnt by heart."
                   : "Means over seeds; at the right validation less training. Training is "
                     "measured while it goes on, with dropout on and weights still changing: that "
                     "alone makes it look worse where more is dropped. train_eval among the "
                     "experiment's metrics measures it with dropout off.");
}

/* A paragraph a sentence. */
static void put_answer(isb_text *html, char *answer) {
    isb_text_add(html, "<section id=\"answer\" class=\"answer\">\n");
    for (char *sentence = answer, *next; sentence != NULL; sentence = next) {
        next = strchr(sentence, '\n');
        if (next != NULL)
            *next++ = '\0';
        isb_text_add(html, "<p>");
        isb_put_escaped(html, sentence);
        isb_text_add(html, "</p>\n");
    }
    isb_text_add(html, "</section>\n");
}

static void put_body(isb_text *html, const isb_findings *findings, const isb_study_record *record,
                     char *answer, const size_t *order) {
    put_title(html, findings);
    put_answer(html, answer);
    put_figure(html, findings, ISB_PLOT_DIFFERENCES, 0, "differences",
               "Differences from the baseline",
               "Seed by seed: a seed moves all variants alike, and here that is taken out.");
    isb_report_ranking(html, findings, order);
    put_figure(html, findings, ISB_PLOT_MEANS, 0, "means", "Means with their intervals",
               "Two intervals may overlap and the variants yet be told apart: seeds are compared "
               "in pairs, as above.");
    put_axes(html, findings);
    put_figure(html, findings, ISB_PLOT_CURVES, 0, "curves", "Learning curves",
               "All panels have the same axes.");
    put_gap(html, findings);
    isb_report_runs(html, findings);
    isb_report_repeat(html, findings, record);
    isb_report_made(html, record);
    isb_text_add(html, "</main>\n</body>\n</html>\n");
}

isb_status isb_study_report(const isb_findings *findings, const isb_study_record *record,
                            char **text, isb_error *error) {
    char *answer;
    *text = NULL;
    isb_status status = isb_study_answer(findings, true, &answer, error);
    if (status != ISB_OK)
        return status;
    size_t *order = isb_ranking(findings);
    isb_text html = {0};
    if (order != NULL) {
        put_head(&html, findings->study);
        put_body(&html, findings, record, answer, order);
    }
    const bool good = order != NULL && !html.failed;
    if (!good)
        free(html.data);
    *text = good ? html.data : NULL;
    free(order);
    free(answer);
    return good ? ISB_OK : isb_fail_memory(error, "the report of the study");
}
