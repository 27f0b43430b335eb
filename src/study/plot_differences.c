/* Every variant's difference from the baseline with its interval, over the differences of single
 * seeds. */
#include "study/plot_rows.h"
#include <math.h>
#include <stdlib.h>

bool isb_plot_differences_possible(const isb_findings *findings) {
    for (size_t v = 0; v < findings->study->variant_count; v++)
        if (isfinite(findings->summary->variants[v].difference.mean))
            return true;
    return false;
}

/* NaN where one of the two runs is not done. */
static double difference_at(const isb_findings *findings, size_t variant, size_t seed) {
    const isb_outcome *run = isb_outcome_at(findings, variant, seed);
    const isb_outcome *other = isb_outcome_at(findings, findings->study->baseline, seed);
    if (run->state != ISB_OUTCOME_DONE || other->state != ISB_OUTCOME_DONE)
        return NAN;
    return run->metrics[findings->study->metric] - other->metrics[findings->study->metric];
}

static isb_scale find_scale(const isb_findings *findings, double factor, isb_frame frame) {
    isb_range range = {0, 0}; /* no difference is always in sight */
    for (size_t v = 0; v < findings->study->variant_count; v++) {
        isb_range_take(&range, factor * findings->summary->variants[v].difference.low);
        isb_range_take(&range, factor * findings->summary->variants[v].difference.high);
        for (size_t s = 0; s < findings->study->seed_count; s++)
            isb_range_take(&range, factor * difference_at(findings, v, s));
    }
    return isb_scale_over(range, frame.left, frame.right);
}

static void draw_seeds(isb_svg *svg, const isb_findings *findings, const isb_scale *scale,
                       double factor, size_t variant, double y) {
    for (size_t s = 0; s < findings->study->seed_count; s++) {
        const double value = difference_at(findings, variant, s);
        const double aside = 3.0 * ((double)(s % 3) - 1); /* so that equal values show */
        if (isfinite(value))
            isb_svg_marker(svg, "cq color seed", ISB_CIRCLE,
                           (isb_point){isb_scale_at(scale, factor * value), y + aside}, 2.5);
    }
}

static void draw_row(isb_svg *svg, const isb_findings *findings, const isb_rows *rows,
                     const isb_scale *scale, size_t row, size_t variant) {
    const isb_unit unit = isb_unit_of(findings);
    const isb_estimate *of = &findings->summary->variants[variant].difference;
    const isb_verdict verdict = isb_verdict_of(findings, variant);
    const bool sure = verdict == ISB_BETTER || verdict == ISB_WORSE;
    const double y = isb_row_y(rows, row);
    isb_text numbers = {0};
    if (variant == findings->study->baseline)
        isb_text_add(&numbers, "baseline");
    else
        isb_put_difference(&numbers, unit, *of, true);
    isb_draw_row_texts(svg, rows, row, findings->study, variant, &numbers);
    if (variant == findings->study->baseline || !isfinite(of->mean))
        return;
    draw_seeds(svg, findings, scale, unit.factor, variant, y);
    if (isfinite(of->low) && isfinite(of->high))
        isb_svg_line(svg, sure ? "c0 color whisker" : "cq color whisker",
                     (isb_point){isb_scale_at(scale, unit.factor * of->low), y},
                     (isb_point){isb_scale_at(scale, unit.factor * of->high), y});
    isb_svg_marker(svg, sure ? "c0 color marker" : "cq color marker hollow", ISB_CIRCLE,
                   (isb_point){isb_scale_at(scale, unit.factor * of->mean), y}, 4.5);
}

/* Returns its height. */
static double draw_legend(isb_svg *svg, double width) {
    static const isb_legend_item items[] = {
        {ISB_LEGEND_MARKER, "c0 color marker", ISB_CIRCLE, 4.5, "better or worse (p up to 0.05)"},
        {ISB_LEGEND_MARKER, "cq color marker hollow", ISB_CIRCLE, 4.5, "may be chance"},
        {ISB_LEGEND_LINE, "cq color whisker", ISB_CIRCLE, 0, "95 % interval"},
        {ISB_LEGEND_MARKER, "cq color seed", ISB_CIRCLE, 2.5, "a single seed"},
    };
    return isb_draw_legend(svg, items, sizeof items / sizeof items[0], 0, width, 0);
}

static void draw(isb_text *out, const isb_findings *findings, const isb_plot *plot,
                 const size_t *order, const char *axis_name) {
    const isb_rows rows = isb_rows_of(findings->study, plot->width, draw_legend(NULL, plot->width));
    const isb_scale scale = find_scale(findings, isb_unit_of(findings).factor, rows.frame);
    const double zero = isb_scale_at(&scale, 0);
    isb_svg svg = {out, plot->width, rows.height};
    const isb_svg_head head = {plot->id, plot->fit, "Differences from the baseline",
                               "A row a variant, the best first: the mean of its differences from "
                               "the baseline, seed by seed, with its 95 % interval; the table has "
                               "the same numbers.",
                               plot->standalone};
    isb_svg_open(&svg, &head);
    draw_legend(&svg, plot->width);
    isb_draw_x_axis(&svg, rows.frame, &scale, plot->width < 500 ? 4 : 7, axis_name);
    isb_svg_line(&svg, "dashed", (isb_point){zero, rows.frame.top},
                 (isb_point){zero, rows.frame.bottom});
    for (size_t i = 0; i < findings->study->variant_count; i++)
        draw_row(&svg, findings, &rows, &scale, i, order[i]);
    isb_svg_close(&svg);
}

void isb_plot_differences(isb_text *out, const isb_findings *findings, const isb_plot *plot) {
    size_t *order = isb_ranking(findings);
    isb_text name = {0};
    isb_text_format(&name, "difference in %s%s", isb_metric_words(findings->study->metric),
                    isb_unit_of(findings).symbol[0] != '\0' ? ", points" : "");
    if (order != NULL && !name.failed)
        draw(out, findings, plot, order, name.data);
    else
        out->failed = true;
    free(name.data);
    free(order);
}
