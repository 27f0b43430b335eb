/* Every variant's mean with its interval, over the values of single seeds. */
#include "study/plot_rows.h"
#include <math.h>
#include <stdlib.h>

static isb_scale find_scale(const isb_findings *findings, isb_unit unit, isb_frame frame) {
    const isb_study *study = findings->study;
    isb_range range = ISB_NO_RANGE;
    for (size_t i = 0; i < findings->outcomes->count; i++)
        if (findings->outcomes->items[i].state == ISB_OUTCOME_DONE)
            isb_range_take(&range,
                           unit.factor * findings->outcomes->items[i].metrics[study->metric]);
    for (size_t v = 0; v < study->variant_count; v++) {
        isb_range_take(&range, unit.factor * findings->summary->variants[v].metric.low);
        isb_range_take(&range, unit.factor * findings->summary->variants[v].metric.high);
    }
    return isb_scale_over(range, frame.left, frame.right);
}

/* Filled and blue: the best; hollow: like it; grey: the others. The baseline is a diamond. */
static const char *marker_classes(const isb_variant_summary *of) {
    if (of->best)
        return "c0 color marker";
    return of->like_best ? "c0 color marker hollow" : "cq color marker";
}

static void draw_seeds(isb_svg *svg, const isb_findings *findings, const isb_scale *scale,
                       isb_unit unit, size_t variant, double y) {
    for (size_t s = 0; s < findings->study->seed_count; s++) {
        const isb_outcome *run = isb_outcome_at(findings, variant, s);
        const double value = run->metrics[findings->study->metric];
        if (run->state != ISB_OUTCOME_DONE || !isfinite(value))
            continue;
        const double aside = 3.0 * ((double)(s % 3) - 1); /* so that equal values show */
        isb_svg_marker(svg, "cq color seed", ISB_CIRCLE,
                       (isb_point){isb_scale_at(scale, unit.factor * value), y + aside}, 2.5);
    }
}

static void draw_mean(isb_svg *svg, const isb_variant_summary *of, const isb_scale *scale,
                      isb_unit unit, double y, bool baseline) {
    if (!isfinite(of->metric.mean))
        return;
    if (isfinite(of->metric.low) && isfinite(of->metric.high))
        isb_svg_line(svg, of->best || of->like_best ? "c0 color whisker" : "cq color whisker",
                     (isb_point){isb_scale_at(scale, unit.factor * of->metric.low), y},
                     (isb_point){isb_scale_at(scale, unit.factor * of->metric.high), y});
    isb_svg_marker(svg, marker_classes(of), baseline ? ISB_DIAMOND : ISB_CIRCLE,
                   (isb_point){isb_scale_at(scale, unit.factor * of->metric.mean), y}, 4.5);
}

static void draw_row(isb_svg *svg, const isb_findings *findings, const isb_rows *rows,
                     const isb_scale *scale, size_t row, size_t variant) {
    const isb_unit unit = isb_unit_of(findings);
    const isb_variant_summary *of = &findings->summary->variants[variant];
    const double y = isb_row_y(rows, row);
    isb_text numbers = {0};
    if (of->runs > 0)
        isb_put_mean(&numbers, unit, of->metric, true);
    else
        isb_text_add(&numbers,
                     isb_variant_eliminated(findings, variant) ? "ended early" : "no run");
    isb_draw_row_texts(svg, rows, row, findings->study, variant, &numbers);
    draw_seeds(svg, findings, scale, unit, variant, y);
    draw_mean(svg, of, scale, unit, y, variant == findings->study->baseline);
}

static void draw_baseline(isb_svg *svg, const isb_findings *findings, const isb_rows *rows,
                          const isb_scale *scale) {
    const isb_estimate *mean = &findings->summary->variants[findings->study->baseline].metric;
    if (!isfinite(mean->mean))
        return;
    const double x = isb_scale_at(scale, isb_unit_of(findings).factor * mean->mean);
    isb_svg_line(svg, "dashed", (isb_point){x, rows->frame.top},
                 (isb_point){x, rows->frame.bottom});
}

static bool any_like_best(const isb_findings *findings) {
    for (size_t v = 0; v < findings->study->variant_count; v++)
        if (findings->summary->variants[v].like_best && !findings->summary->variants[v].best)
            return true;
    return false;
}

/* Returns its height. */
static double draw_legend(isb_svg *svg, const isb_findings *findings, double width) {
    const isb_legend_item items[] = {
        {ISB_LEGEND_MARKER, "c0 color marker", ISB_CIRCLE, 4.5, "best"},
        {ISB_LEGEND_LINE, "cq color whisker", ISB_CIRCLE, 0, "95 % interval of the mean"},
        {ISB_LEGEND_MARKER, "cq color seed", ISB_CIRCLE, 2.5, "a single seed"},
        {ISB_LEGEND_MARKER, "cq color marker", ISB_DIAMOND, 4.5, "baseline"},
        {ISB_LEGEND_LINE, "dashed", ISB_CIRCLE, 0, "its mean"},
        {ISB_LEGEND_MARKER, "c0 color marker hollow", ISB_CIRCLE, 4.5,
         "not to be told apart from the best"},
    };
    const size_t count = sizeof items / sizeof items[0];
    return isb_draw_legend(svg, items, any_like_best(findings) ? count : count - 1, 0, width, 0);
}

static void describe(isb_text *out, const isb_findings *findings, const size_t *order) {
    const isb_unit unit = isb_unit_of(findings);
    const size_t shown = findings->study->variant_count < 3 ? findings->study->variant_count : 3;
    isb_text_add(out, "Means over seeds, the best first: ");
    for (size_t i = 0; i < shown; i++) {
        isb_text_add(out, i > 0 ? "; " : "");
        isb_put_name(out, findings->study->variants[order[i]].label, 60, true);
        isb_text_add(out, " ");
        isb_put_mean(out, unit, findings->summary->variants[order[i]].metric, true);
    }
    isb_text_add(out,
                 shown < findings->study->variant_count ? "; and so on, as in the table." : ".");
}

static void draw(isb_text *out, const isb_findings *findings, const isb_plot *plot,
                 const size_t *order, const char *axis_name, const char *description) {
    const isb_rows rows =
        isb_rows_of(findings->study, plot->width, draw_legend(NULL, findings, plot->width));
    const isb_scale scale = find_scale(findings, isb_unit_of(findings), rows.frame);
    isb_svg svg = {out, plot->width, rows.height};
    const isb_svg_head head = {plot->id, plot->fit, "Mean of every variant with its 95 % interval",
                               description, plot->standalone};
    isb_svg_open(&svg, &head);
    draw_legend(&svg, findings, plot->width);
    isb_draw_x_axis(&svg, rows.frame, &scale, plot->width < 500 ? 4 : 7, axis_name);
    draw_baseline(&svg, findings, &rows, &scale);
    for (size_t i = 0; i < findings->study->variant_count; i++)
        draw_row(&svg, findings, &rows, &scale, i, order[i]);
    isb_svg_close(&svg);
}

void isb_plot_means(isb_text *out, const isb_findings *findings, const isb_plot *plot) {
    size_t *order = isb_ranking(findings);
    char *axis_name =
        isb_metric_axis_name(isb_metric_words(findings->study->metric), isb_unit_of(findings));
    isb_text description = {0};
    if (order != NULL)
        describe(&description, findings, order);
    if (order != NULL && axis_name != NULL && !description.failed)
        draw(out, findings, plot, order, axis_name, description.data);
    else
        out->failed = true;
    free(description.data);
    free(axis_name);
    free(order);
}
