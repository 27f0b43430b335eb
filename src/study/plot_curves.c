/* Learning curves: a panel a variant, the median over seeds within its range. */
#include "study/plot_parts.h"
#include <math.h>
#include <stdlib.h>

enum { PANEL_HEIGHT = 110, TITLE = 18, BOTTOM = 26, LEFT = 46, GAP = 14 };
enum { PHONE = 500, PHONE_PANEL = 140, DESK_PANEL = 190 }; /* widths; of panels: at least */
enum { MOST_POINTS = 160 };                                /* drawn of a curve */

/* Of one epoch over the seeds; NaN where no run came so far. */
typedef struct band {
    size_t epoch;
    double low, median, high;
} band;

/* A variant's, at the epochs that are drawn. */
typedef struct curve {
    band bands[MOST_POINTS];
    size_t count;
} curve;

typedef struct layout {
    const isb_findings *findings;
    double factor;
    size_t epochs; /* of the longest run */
    size_t in_a_row;
    double panel_width;
    isb_range range;
    curve baseline;
    double *values; /* room for one a seed */
} layout;

/* Those that halving ended early show how far they came. */
static bool finished(const isb_outcome *run) {
    return (run->state == ISB_OUTCOME_DONE || run->state == ISB_OUTCOME_ELIMINATED) &&
           run->curve != NULL;
}

static size_t longest_run(const isb_findings *findings) {
    size_t epochs = 0;
    for (size_t i = 0; i < findings->outcomes->count; i++)
        if (finished(&findings->outcomes->items[i]) && findings->outcomes->items[i].epochs > epochs)
            epochs = findings->outcomes->items[i].epochs;
    return epochs;
}

/* A curve needs two points. */
bool isb_plot_curves_possible(const isb_findings *findings) { return longest_run(findings) >= 2; }

static int compare_doubles(const void *a, const void *b) {
    const double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

static band band_at(const layout *of, size_t variant, size_t epoch) {
    const isb_metric metric = of->findings->study->metric;
    size_t count = 0;
    for (size_t s = 0; s < of->findings->study->seed_count; s++) {
        const isb_outcome *run = isb_outcome_at(of->findings, variant, s);
        if (finished(run) && epoch <= run->epochs &&
            isfinite(run->curve[epoch - 1].metrics[metric]))
            of->values[count++] = of->factor * run->curve[epoch - 1].metrics[metric];
    }
    if (count == 0)
        return (band){epoch, NAN, NAN, NAN};
    qsort(of->values, count, sizeof *of->values, compare_doubles);
    const double median = (of->values[(count - 1) / 2] + of->values[count / 2]) / 2;
    return (band){epoch, of->values[0], median, of->values[count - 1]};
}

/* All epochs, or MOST_POINTS of them at equal distances, with the first and the last. */
static void make_curve(curve *out, const layout *of, size_t variant) {
    const size_t count = of->epochs < MOST_POINTS ? of->epochs : MOST_POINTS;
    out->count = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t epoch =
            1 + (size_t)((double)i * (double)(of->epochs - 1) / (double)(count - 1) + 0.5);
        const band at = band_at(of, variant, epoch);
        if (!isnan(at.median))
            out->bands[out->count++] = at;
    }
}

static void take_range(layout *of) {
    curve one;
    for (size_t v = 0; v < of->findings->study->variant_count; v++) {
        make_curve(&one, of, v);
        for (size_t i = 0; i < one.count; i++) {
            isb_range_take(&of->range, one.bands[i].low);
            isb_range_take(&of->range, one.bands[i].high);
        }
    }
}

static void draw_curve(isb_svg *svg, const curve *of, const char *classes, const isb_scale *x,
                       const isb_scale *y) {
    isb_point points[MOST_POINTS];
    for (size_t i = 0; i < of->count; i++)
        points[i] = (isb_point){isb_scale_at(x, (double)of->bands[i].epoch),
                                isb_scale_at(y, of->bands[i].median)};
    isb_svg_path(svg, classes, points, of->count);
    if (of->count == 1)
        isb_svg_marker(svg, classes, ISB_CIRCLE, points[0], 2.5);
}

static void draw_band(isb_svg *svg, const curve *of, const isb_scale *x, const isb_scale *y) {
    isb_point points[2 * MOST_POINTS];
    for (size_t i = 0; i < of->count; i++) {
        const band *at = &of->bands[i];
        const double epoch = isb_scale_at(x, (double)at->epoch);
        points[i] = (isb_point){epoch, isb_scale_at(y, at->high)};
        points[2 * of->count - 1 - i] = (isb_point){epoch, isb_scale_at(y, at->low)};
    }
    isb_svg_area(svg, "c0 color band", points, 2 * of->count);
}

static void draw_epochs(isb_svg *svg, isb_frame frame, size_t epochs) {
    isb_text last = {0};
    isb_text_format(&last, "%zu", epochs);
    const double y = frame.bottom + 15;
    isb_svg_text(svg, "quiet", (isb_point){frame.left, y}, "1");
    isb_svg_text(svg, "quiet middle", (isb_point){(frame.left + frame.right) / 2, y}, "epoch");
    isb_draw_text(svg, "quiet end", (isb_point){frame.right, y}, &last);
}

static isb_frame panel_frame(const layout *of, size_t index, double top) {
    const double left = LEFT + (double)(index % of->in_a_row) * (of->panel_width + GAP);
    const double panel =
        top + (double)(index / of->in_a_row) * (TITLE + PANEL_HEIGHT + BOTTOM) + TITLE;
    return (isb_frame){left, left + of->panel_width, panel, panel + PANEL_HEIGHT};
}

static void draw_panel(isb_svg *svg, const layout *of, size_t index, size_t variant, double top) {
    const isb_frame frame = panel_frame(of, index, top);
    const isb_scale x = {1, (double)of->epochs, frame.left, frame.right, false};
    const isb_scale y = isb_scale_over(of->range, frame.bottom, frame.top);
    const size_t columns = (size_t)(of->panel_width / isb_svg_text_width(1));
    curve own;
    make_curve(&own, of, variant);
    isb_draw_label(svg, variant == of->findings->study->baseline ? "label strong" : "label",
                   (isb_point){frame.left, frame.top - 6}, of->findings->study, variant, columns);
    isb_draw_y_axis(svg, frame, &y, 4, index % of->in_a_row == 0);
    isb_svg_line(svg, "axis", (isb_point){frame.left, frame.bottom},
                 (isb_point){frame.right, frame.bottom});
    draw_epochs(svg, frame, of->epochs);
    if (own.count == 0)
        isb_svg_text(svg, "quiet middle",
                     (isb_point){(frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2},
                     "no run");
    draw_band(svg, &own, &x, &y);
    draw_curve(svg, &of->baseline, "dashed", &x, &y);
    draw_curve(svg, &own, "c0 color", &x, &y);
}

/* Returns its height. */
static double draw_legend(isb_svg *svg, double width) {
    static const isb_legend_item items[] = {
        {ISB_LEGEND_LINE, "c0 color whisker", ISB_CIRCLE, 0, "median over seeds"},
        {ISB_LEGEND_BAND, "c0 color band", ISB_CIRCLE, 0, "lowest to highest seed"},
        {ISB_LEGEND_LINE, "dashed", ISB_CIRCLE, 0, "median of the baseline"},
    };
    return isb_draw_legend(svg, items, 3, 0, width, 0);
}

static void draw(isb_text *out, const layout *of, const isb_plot *plot, const size_t *order,
                 const char *metric) {
    const size_t panels = of->findings->study->variant_count;
    const size_t rows = (panels + of->in_a_row - 1) / of->in_a_row;
    const double top = draw_legend(NULL, plot->width) + 26;
    isb_svg svg = {out, plot->width, top + (double)rows * (TITLE + PANEL_HEIGHT + BOTTOM)};
    const isb_svg_head head = {plot->id, plot->fit, "Learning curves",
                               "A panel a variant, the best first; all have the same axes.",
                               plot->standalone};
    isb_svg_open(&svg, &head);
    draw_legend(&svg, plot->width);
    isb_svg_text(&svg, "quiet", (isb_point){0, top - 10}, metric);
    for (size_t i = 0; i < panels; i++)
        draw_panel(&svg, of, i, order[i], top);
    isb_svg_close(&svg);
}

void isb_plot_curves(isb_text *out, const isb_findings *findings, const isb_plot *plot) {
    const isb_unit unit = isb_unit_of(findings);
    layout of = {.findings = findings,
                 .factor = unit.factor,
                 .epochs = longest_run(findings),
                 .range = ISB_NO_RANGE};
    const double least = plot->width < PHONE ? PHONE_PANEL : DESK_PANEL;
    of.in_a_row = (size_t)((plot->width - LEFT + GAP) / (least + GAP));
    of.in_a_row = of.in_a_row < 1 ? 1 : of.in_a_row;
    of.panel_width = (plot->width - LEFT - 2 + GAP) / (double)of.in_a_row - GAP;
    of.values = calloc(findings->study->seed_count + 1, sizeof *of.values);
    size_t *order = isb_ranking(findings);
    char *metric = isb_metric_axis_name(isb_metric_words(findings->study->metric), unit);
    if (of.values != NULL && order != NULL && metric != NULL) {
        take_range(&of);
        make_curve(&of.baseline, &of, findings->study->baseline);
        draw(out, &of, plot, order, metric);
    } else {
        out->failed = true;
    }
    free(metric);
    free(order);
    free(of.values);
}
