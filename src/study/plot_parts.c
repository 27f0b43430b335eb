#include "study/plot_parts.h"
#include <math.h>
#include <stdlib.h>

/* Scales. */

void isb_range_take(isb_range *range, double value) {
    if (!isfinite(value))
        return;
    range->low = value < range->low ? value : range->low;
    range->high = value > range->high ? value : range->high;
}

isb_scale isb_scale_over(isb_range range, double from, double to) {
    if (range.low > range.high)
        range = (isb_range){0, 1};
    double margin = 0.04 * (range.high - range.low);
    if (!(margin > 0))
        margin = range.low != 0 ? 0.01 * fabs(range.low) : 0.5;
    return (isb_scale){range.low - margin, range.high + margin, from, to, false};
}

double isb_scale_at(const isb_scale *scale, double value) {
    double low = scale->low, high = scale->high;
    if (scale->logarithmic) {
        low = log(low);
        high = log(high);
        value = log(value);
    }
    const double at = scale->from + (value - low) / (high - low) * (scale->to - scale->from);
    return isfinite(at) ? at : scale->from; /* beyond what numbers can hold */
}

/* The smallest of 1, 2, 5, 10, 20, ... (and 0.5, 0.2, 0.1, ...) that is not below `wanted`. */
static double round_step(double wanted) {
    double step = 1;
    while (step > wanted && step > 1e-300)
        step /= 10;
    while (step * 10 < wanted)
        step *= 10;
    if (step * 2 >= wanted)
        return step >= wanted ? step : step * 2;
    return step * 5 >= wanted ? step * 5 : step * 10;
}

static int decimals_of(double step) {
    int decimals = 0;
    for (double unit = 1; unit > step * 1.001 && decimals < 9; unit /= 10)
        decimals++;
    return decimals;
}

isb_ticks isb_ticks_of(const isb_scale *scale, size_t most) {
    isb_ticks ticks = {.count = 0};
    const double span = scale->high - scale->low;
    if (!isfinite(span) || !(span > 0))
        return ticks;
    const double step = round_step(span / (double)most);
    ticks.decimals = decimals_of(step);
    for (double k = ceil(scale->low / step); k * step <= scale->high; k++) {
        if (ticks.count == ISB_MOST_TICKS)
            break;
        ticks.values[ticks.count++] = k * step;
    }
    return ticks;
}

/* Texts. */

void isb_draw_text(isb_svg *svg, const char *classes, isb_point at, isb_text *text) {
    if (text->data != NULL)
        isb_svg_text(svg, classes, at, text->data);
    svg->out->failed = svg->out->failed || text->failed;
    free(text->data);
    *text = (isb_text){0};
}

void isb_draw_label(isb_svg *svg, const char *classes, isb_point at, const isb_study *study,
                    size_t variant, size_t columns) {
    isb_text text = {0};
    isb_put_name(&text, study->variants[variant].label, columns, true);
    isb_draw_text(svg, classes, at, &text);
}

char *isb_metric_axis_name(const char *words, isb_unit unit) {
    isb_text text = {0};
    isb_text_add(&text, words);
    if (unit.symbol[0] != '\0')
        isb_text_format(&text, ", %s", unit.symbol);
    if (!text.failed)
        return text.data;
    free(text.data);
    return NULL;
}
/* Axes. */

static void draw_number(isb_svg *svg, const char *classes, isb_point at, double value,
                        int decimals) {
    isb_text text = {0};
    isb_put_fixed(&text, value, decimals);
    isb_draw_text(svg, classes, at, &text);
}

void isb_draw_x_axis(isb_svg *svg, isb_frame frame, const isb_scale *scale, size_t most,
                     const char *name) {
    const isb_ticks ticks = isb_ticks_of(scale, most);
    for (size_t i = 0; i < ticks.count; i++) {
        const double x = isb_scale_at(scale, ticks.values[i]);
        isb_svg_line(svg, "grid", (isb_point){x, frame.top}, (isb_point){x, frame.bottom});
        draw_number(svg, "quiet middle", (isb_point){x, frame.bottom + 16}, ticks.values[i],
                    ticks.decimals);
    }
    if (name != NULL)
        isb_svg_text(svg, "quiet middle",
                     (isb_point){(frame.left + frame.right) / 2, frame.bottom + 34}, name);
}

void isb_draw_y_axis(isb_svg *svg, isb_frame frame, const isb_scale *scale, size_t most,
                     bool labels) {
    const isb_ticks ticks = isb_ticks_of(scale, most);
    for (size_t i = 0; i < ticks.count; i++) {
        const double y = isb_scale_at(scale, ticks.values[i]);
        isb_svg_line(svg, "grid", (isb_point){frame.left, y}, (isb_point){frame.right, y});
        if (labels)
            draw_number(svg, "quiet end", (isb_point){frame.left - 6, y + 4}, ticks.values[i],
                        ticks.decimals);
    }
}

/* Legends. */

enum { SWATCH = 22, LINE_HEIGHT = 20, ITEM_GAP = 16 };

static void draw_item(isb_svg *svg, const isb_legend_item *item, isb_point at) {
    const isb_point start = {at.x, at.y - 4}, end = {at.x + SWATCH - 6, at.y - 4};
    if (item->kind == ISB_LEGEND_MARKER)
        isb_svg_marker(svg, item->classes, item->marker,
                       (isb_point){(start.x + end.x) / 2, start.y}, item->radius);
    else if (item->kind == ISB_LEGEND_LINE)
        isb_svg_line(svg, item->classes, start, end);
    else
        isb_svg_rectangle(svg, item->classes, (isb_point){start.x, start.y - 5},
                          (isb_point){end.x, end.y + 5});
    isb_svg_text(svg, "quiet", (isb_point){at.x + SWATCH, at.y}, item->text);
}

double isb_draw_legend(isb_svg *svg, const isb_legend_item *items, size_t count, double left,
                       double right, double top) {
    double x = left, y = top + 14;
    for (size_t i = 0; i < count; i++) {
        const double width = SWATCH + isb_svg_text_width(isb_columns(items[i].text));
        if (x > left && x + width > right) {
            x = left;
            y += LINE_HEIGHT;
        }
        if (svg != NULL)
            draw_item(svg, &items[i], (isb_point){x, y});
        x += width + ITEM_GAP;
    }
    return count > 0 ? y + 8 - top : 0;
}
