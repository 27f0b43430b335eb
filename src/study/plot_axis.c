/* The mean along an axis of numbers, a line for each setting of the other axes. */
#include "base/number.h"
#include "study/plot_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SERIES = 6, LEFT = 52, BOTTOM = 44, INSIDE = 28, HEIGHT = 280 };

static const char *const line_classes[MOST_SERIES] = {"c0 color", "c1 color", "c2 color",
                                                      "c3 color", "c4 color", "c5 color"};
static const char *const whisker_classes[MOST_SERIES] = {"c0 color whisker", "c1 color whisker",
                                                         "c2 color whisker", "c3 color whisker",
                                                         "c4 color whisker", "c5 color whisker"};
static const char *const marker_classes[MOST_SERIES] = {"c0 color marker", "c1 color marker",
                                                        "c2 color marker", "c3 color marker",
                                                        "c4 color marker", "c5 color marker"};

/* Variants that differ along the axis alone. */
typedef struct series {
    size_t first; /* one of them */
    size_t count;
} series;

typedef struct layout {
    const isb_findings *findings;
    size_t axis;
    isb_unit unit;
    series series[MOST_SERIES];
    size_t count; /* of series; MOST_SERIES + 1: too many */
    isb_frame frame;
    isb_scale x, y;
} layout;

/* The variant's number on the axis; false where it has none. */
static bool number_of(const isb_study *study, size_t variant, size_t axis, double *number) {
    return isb_parse_double(study->variants[variant].values[axis], number);
}

static bool same_series(const isb_study *study, size_t a, size_t b, size_t axis) {
    for (size_t i = 0; i < study->axis_count; i++)
        if (i != axis && strcmp(study->variants[a].values[i], study->variants[b].values[i]) != 0)
            return false;
    return true;
}

static size_t series_of(const layout *of, size_t variant) {
    size_t i = 0;
    while (i < of->count &&
           !same_series(of->findings->study, of->series[i].first, variant, of->axis))
        i++;
    return i;
}

static void find_series(layout *of) {
    const isb_study *study = of->findings->study;
    double number;
    for (size_t v = 0; v < study->variant_count && of->count <= MOST_SERIES; v++) {
        if (!number_of(study, v, of->axis, &number))
            continue;
        const size_t found = series_of(of, v);
        if (found == MOST_SERIES)
            of->count = MOST_SERIES + 1;
        else if (found == of->count)
            of->series[of->count++] = (series){v, 1};
        else
            of->series[found].count++;
    }
}

static bool all_numbers(const isb_axis *axis) {
    double number;
    for (size_t i = 0; i < axis->count; i++)
        if (!isb_parse_double(axis->values[i], &number))
            return false;
    return axis->count >= 2;
}

bool isb_plot_axis_possible(const isb_findings *findings, size_t axis) {
    layout of = {.findings = findings, .axis = axis};
    if (axis >= findings->study->axis_count || !all_numbers(&findings->study->axes[axis]))
        return false;
    find_series(&of);
    return of.count >= 1 && of.count <= MOST_SERIES;
}

/* Numbers that span more than this lie at their logarithms. */
static const double LOGARITHMIC_FROM = 20;

static isb_scale x_scale(const isb_axis *axis, isb_frame frame) {
    isb_range range = ISB_NO_RANGE;
    double number;
    for (size_t i = 0; i < axis->count; i++)
        if (isb_parse_double(axis->values[i], &number))
            isb_range_take(&range, number);
    if (!(range.high > range.low))
        range.high = range.low + 1;
    return (isb_scale){range.low, range.high, frame.left + INSIDE, frame.right - INSIDE,
                       range.low > 0 && range.high / range.low >= LOGARITHMIC_FROM};
}

static void take_estimate(isb_range *range, const isb_estimate *of, double factor) {
    isb_range_take(range, factor * of->mean);
    isb_range_take(range, factor * of->low);
    isb_range_take(range, factor * of->high);
}

/* The baseline stands off the axis: it is drawn from side to side. */
static bool baseline_is_off(const layout *of) {
    double number;
    return !number_of(of->findings->study, of->findings->study->baseline, of->axis, &number) &&
           isfinite(of->findings->summary->variants[of->findings->study->baseline].metric.mean);
}

static isb_scale y_scale(const layout *of) {
    const isb_study *study = of->findings->study;
    isb_range range = ISB_NO_RANGE;
    double number;
    for (size_t v = 0; v < study->variant_count; v++)
        if (number_of(study, v, of->axis, &number) || (v == study->baseline && baseline_is_off(of)))
            take_estimate(&range, &of->findings->summary->variants[v].metric, of->unit.factor);
    return isb_scale_over(range, of->frame.bottom, of->frame.top);
}

static double y_at(const layout *of, double value) {
    return isb_scale_at(&of->y, of->unit.factor * value);
}

static void draw_baseline(isb_svg *svg, const layout *of) {
    const isb_estimate *mean =
        &of->findings->summary->variants[of->findings->study->baseline].metric;
    const isb_frame *frame = &of->frame;
    if (isfinite(mean->low) && isfinite(mean->high))
        isb_svg_rectangle(svg, "shade", (isb_point){frame->left, y_at(of, mean->high)},
                          (isb_point){frame->right, y_at(of, mean->low)});
    isb_svg_line(svg, "dashed", (isb_point){frame->left, y_at(of, mean->mean)},
                 (isb_point){frame->right, y_at(of, mean->mean)});
}

/* The values of the axis, as many as have room. */
static void draw_x_axis(isb_svg *svg, const layout *of) {
    const isb_axis *axis = &of->findings->study->axes[of->axis];
    double number, last = -INFINITY;
    for (size_t i = 0; i < axis->count; i++) {
        if (!isb_parse_double(axis->values[i], &number))
            continue;
        const double x = isb_scale_at(&of->x, number);
        const double width = isb_svg_text_width(isb_columns(axis->values[i])) + 6;
        isb_svg_line(svg, "grid", (isb_point){x, of->frame.top}, (isb_point){x, of->frame.bottom});
        if (fabs(x - last) <= width)
            continue;
        isb_text label = {0};
        isb_put_name(&label, axis->values[i], 12, true);
        isb_draw_text(svg, "quiet middle", (isb_point){x, of->frame.bottom + 16}, &label);
        last = x;
    }
    isb_text name = {0};
    isb_put_name(&name, isb_axis_short_name(axis), 40, true);
    isb_draw_text(svg, "quiet middle",
                  (isb_point){(of->frame.left + of->frame.right) / 2, of->frame.bottom + 34},
                  &name);
}

static int compare_points(const void *a, const void *b) {
    const isb_point *one = a, *other = b;
    return (one->x > other->x) - (one->x < other->x);
}

/* Series stand a little beside each other, so that their intervals do not hide. */
static void draw_series(isb_svg *svg, const layout *of, size_t index) {
    const isb_study *study = of->findings->study;
    const double aside = 5 * ((double)index - ((double)of->count - 1) / 2);
    isb_point *points = calloc(of->series[index].count, sizeof *points);
    size_t count = 0;
    double number;
    if (points == NULL) {
        svg->out->failed = true;
        return;
    }
    for (size_t v = 0; v < study->variant_count; v++) {
        const isb_estimate *mean = &of->findings->summary->variants[v].metric;
        if (!number_of(study, v, of->axis, &number) || series_of(of, v) != index ||
            !isfinite(mean->mean))
            continue;
        const double x = isb_scale_at(&of->x, number) + aside;
        if (isfinite(mean->low) && isfinite(mean->high))
            isb_svg_line(svg, whisker_classes[index], (isb_point){x, y_at(of, mean->low)},
                         (isb_point){x, y_at(of, mean->high)});
        points[count++] = (isb_point){x, y_at(of, mean->mean)};
    }
    qsort(points, count, sizeof *points, compare_points);
    isb_svg_path(svg, line_classes[index], points, count);
    for (size_t i = 0; i < count; i++)
        isb_svg_marker(svg, marker_classes[index], (isb_marker)index, points[i], 4.5);
    free(points);
}

/* "before", or "before, units 64": the values of the other axes. */
static void put_series_name(isb_text *out, const layout *of, size_t index) {
    const isb_study *study = of->findings->study;
    const isb_variant *first = &study->variants[of->series[index].first];
    isb_text name = {0};
    for (size_t a = 0; a < study->axis_count; a++) {
        if (a == of->axis || first->values[a][0] == '\0')
            continue;
        isb_text_add(&name, name.length > 0 ? ", " : "");
        if (strcmp(study->axes[a].name, "placement") != 0)
            isb_text_format(&name, "%s ", isb_axis_short_name(&study->axes[a]));
        isb_text_add(&name, first->values[a]);
    }
    isb_put_name(out, name.length > 0 ? name.data : "mean", 32, true);
    out->failed = out->failed || name.failed;
    free(name.data);
}

typedef struct legend {
    isb_legend_item items[MOST_SERIES + 1];
    isb_text names[MOST_SERIES + 1];
    size_t count;
} legend;

static void make_legend(legend *out, const layout *of) {
    for (size_t i = 0; i < of->count; i++) {
        put_series_name(&out->names[i], of, i);
        out->items[i] = (isb_legend_item){ISB_LEGEND_MARKER, marker_classes[i], (isb_marker)i, 4.5,
                                          out->names[i].data == NULL ? "" : out->names[i].data};
    }
    out->count = of->count > 1 || baseline_is_off(of) ? of->count : 0;
    if (!baseline_is_off(of))
        return;
    isb_text *name = &out->names[out->count];
    isb_put_name(name, of->findings->study->variants[of->findings->study->baseline].label, 32,
                 true);
    isb_text_add(name, " (baseline)");
    out->items[out->count++] = (isb_legend_item){ISB_LEGEND_LINE, "dashed", ISB_CIRCLE, 0,
                                                 name->data == NULL ? "" : name->data};
}

static void draw(isb_text *out, layout *of, const isb_plot *plot, const isb_svg_head *head,
                 const legend *names, const char *y_name) {
    isb_svg svg = {out, plot->width, 0};
    const double top = isb_draw_legend(NULL, names->items, names->count, 0, plot->width, 0) + 30;
    of->frame = (isb_frame){LEFT, plot->width - 4, top, top + HEIGHT - BOTTOM};
    of->x = x_scale(&of->findings->study->axes[of->axis], of->frame);
    of->y = y_scale(of);
    svg.height = top + HEIGHT;
    isb_svg_open(&svg, head);
    isb_draw_legend(&svg, names->items, names->count, 0, plot->width, 0);
    if (baseline_is_off(of))
        draw_baseline(&svg, of);
    isb_draw_y_axis(&svg, of->frame, &of->y, 6, true);
    isb_svg_text(&svg, "quiet", (isb_point){0, of->frame.top - 10}, y_name);
    draw_x_axis(&svg, of);
    for (size_t i = 0; i < of->count; i++)
        draw_series(&svg, of, i);
    isb_svg_close(&svg);
}

void isb_plot_axis(isb_text *out, const isb_findings *findings, const isb_plot *plot) {
    layout of = {.findings = findings, .axis = plot->axis, .unit = isb_unit_of(findings)};
    find_series(&of);
    legend names = {.count = 0};
    make_legend(&names, &of);
    isb_text title = {0};
    isb_text_format(&title, "Mean %s by ", isb_metric_words(findings->study->metric));
    isb_put_name(&title, isb_axis_short_name(&findings->study->axes[plot->axis]), 40, true);
    for (size_t i = 0; i <= MOST_SERIES; i++)
        out->failed = out->failed || names.names[i].failed;
    char *y_name = isb_metric_axis_name(isb_metric_words(findings->study->metric), of.unit);
    if (title.failed || out->failed || y_name == NULL) {
        out->failed = true;
    } else {
        const isb_svg_head head = {plot->id, plot->fit, title.data,
                                   "Means over seeds with their 95 % intervals; the table has the "
                                   "same numbers.",
                                   plot->standalone};
        draw(out, &of, plot, &head, &names, y_name);
    }
    free(y_name);
    free(title.data);
    for (size_t i = 0; i <= MOST_SERIES; i++)
        free(names.names[i].data);
}
