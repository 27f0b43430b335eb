/* Training beside validation, a row a variant: what was learnt by heart. */
#include "study/plot_rows.h"
#include <math.h>
#include <stdlib.h>

typedef struct sides {
    isb_metric training, validation;
} sides;

bool isb_plot_gap_is_fair(const isb_findings *findings) {
    const bool accuracy = isb_metric_is_accuracy(findings->study->metric);
    return isb_metric_is_computed(findings, accuracy ? ISB_METRIC_TRAIN_EVAL_ACCURACY
                                                     : ISB_METRIC_TRAIN_EVAL_LOSS);
}

static sides sides_of(const isb_findings *findings) {
    const bool fair = isb_plot_gap_is_fair(findings);
    if (isb_metric_is_accuracy(findings->study->metric))
        return (sides){fair ? ISB_METRIC_TRAIN_EVAL_ACCURACY : ISB_METRIC_ACCURACY,
                       ISB_METRIC_VAL_ACCURACY};
    return (sides){fair ? ISB_METRIC_TRAIN_EVAL_LOSS : ISB_METRIC_LOSS, ISB_METRIC_VAL_LOSS};
}

bool isb_plot_gap_possible(const isb_findings *findings) {
    return isb_metric_is_computed(findings, sides_of(findings).validation);
}

/* Over the runs that have both; NaN where none has. */
static double mean_of(const isb_findings *findings, size_t variant, sides of, isb_metric metric) {
    double sum = 0;
    size_t count = 0;
    for (size_t s = 0; s < findings->study->seed_count; s++) {
        const isb_outcome *run = isb_outcome_at(findings, variant, s);
        if (run->state != ISB_OUTCOME_DONE || !isfinite(run->metrics[of.training]) ||
            !isfinite(run->metrics[of.validation]))
            continue;
        sum += run->metrics[metric];
        count++;
    }
    return count > 0 ? sum / (double)count : NAN;
}

static isb_scale find_scale(const isb_findings *findings, sides of, double factor,
                            isb_frame frame) {
    isb_range range = ISB_NO_RANGE;
    for (size_t v = 0; v < findings->study->variant_count; v++) {
        isb_range_take(&range, factor * mean_of(findings, v, of, of.training));
        isb_range_take(&range, factor * mean_of(findings, v, of, of.validation));
    }
    return isb_scale_over(range, frame.left, frame.right);
}

static void draw_row(isb_svg *svg, const isb_findings *findings, const isb_rows *rows,
                     const isb_scale *scale, size_t row, size_t variant) {
    const sides of = sides_of(findings);
    const isb_unit unit = isb_unit_of(findings);
    const double training = mean_of(findings, variant, of, of.training);
    const double validation = mean_of(findings, variant, of, of.validation);
    const double y = isb_row_y(rows, row);
    isb_text numbers = {0};
    isb_put_signed(&numbers, unit, validation - training);
    isb_draw_row_texts(svg, rows, row, findings->study, variant, &numbers);
    if (isnan(training) || isnan(validation))
        return;
    const isb_point from = {isb_scale_at(scale, unit.factor * training), y};
    const isb_point to = {isb_scale_at(scale, unit.factor * validation), y};
    isb_svg_line(svg, "cq color whisker", from, to);
    isb_svg_marker(svg, "c1 color marker hollow", ISB_SQUARE, from, 4.5);
    isb_svg_marker(svg, "c0 color marker", ISB_CIRCLE, to, 4.5);
}

/* Returns its height. */
static double draw_legend(isb_svg *svg, const isb_findings *findings, double width) {
    const sides of = sides_of(findings);
    const isb_legend_item items[] = {
        {ISB_LEGEND_MARKER, "c1 color marker hollow", ISB_SQUARE, 4.5,
         isb_metric_words(of.training)},
        {ISB_LEGEND_MARKER, "c0 color marker", ISB_CIRCLE, 4.5, isb_metric_words(of.validation)},
    };
    return isb_draw_legend(svg, items, 2, 0, width, 0);
}

static void draw(isb_text *out, const isb_findings *findings, const isb_plot *plot,
                 const size_t *order, const char *axis_name) {
    const isb_rows rows =
        isb_rows_of(findings->study, plot->width, draw_legend(NULL, findings, plot->width));
    const isb_scale scale =
        find_scale(findings, sides_of(findings), isb_unit_of(findings).factor, rows.frame);
    isb_svg svg = {out, plot->width, rows.height};
    const isb_svg_head head = {plot->id, plot->fit, "The gap between training and validation",
                               "A row a variant, the best first: the mean over seeds on the "
                               "training rows and on the validation rows; at the right, validation "
                               "less training.",
                               plot->standalone};
    isb_svg_open(&svg, &head);
    draw_legend(&svg, findings, plot->width);
    isb_draw_x_axis(&svg, rows.frame, &scale, plot->width < 500 ? 4 : 7, axis_name);
    for (size_t i = 0; i < findings->study->variant_count; i++)
        draw_row(&svg, findings, &rows, &scale, i, order[i]);
    isb_svg_close(&svg);
}

void isb_plot_gap(isb_text *out, const isb_findings *findings, const isb_plot *plot) {
    size_t *order = isb_ranking(findings);
    char *axis_name =
        isb_metric_axis_name(isb_metric_is_accuracy(findings->study->metric) ? "accuracy" : "loss",
                             isb_unit_of(findings));
    if (order != NULL && axis_name != NULL)
        draw(out, findings, plot, order, axis_name);
    else
        out->failed = true;
    free(axis_name);
    free(order);
}
