/* What the plots are made of: scales, axes, legends. */
#ifndef ISB_STUDY_PLOT_PARTS_H
#define ISB_STUDY_PLOT_PARTS_H

#include "study/figures.h"
#include "study/plots.h"
#include "study/svg.h"

/* Values low to high lie at from to to; by their logarithms where `logarithmic`. */
typedef struct isb_scale {
    double low, high;
    double from, to;
    bool logarithmic;
} isb_scale;

/* The smallest range that holds all values so far; empty where low > high. */
typedef struct isb_range {
    double low, high;
} isb_range;

#define ISB_NO_RANGE ((isb_range){INFINITY, -INFINITY})

void isb_range_take(isb_range *range, double value); /* what is not finite is passed over */

/* A scale over the range, a little wider. */
isb_scale isb_scale_over(isb_range range, double from, double to);
double isb_scale_at(const isb_scale *scale, double value);

/* Round values on a scale, from low to high. */
enum { ISB_MOST_TICKS = 12 };
typedef struct isb_ticks {
    double values[ISB_MOST_TICKS];
    size_t count;
    int decimals; /* that tell them apart */
} isb_ticks;

isb_ticks isb_ticks_of(const isb_scale *scale, size_t most);

/* The share of the sheet that a plot fills. */
typedef struct isb_frame {
    double left, right, top, bottom;
} isb_frame;

/* Grid lines with values; the axis' name where it is not NULL. */
void isb_draw_x_axis(isb_svg *svg, isb_frame frame, const isb_scale *scale, size_t most,
                     const char *name);
void isb_draw_y_axis(isb_svg *svg, isb_frame frame, const isb_scale *scale, size_t most,
                     bool labels);

typedef struct isb_legend_item {
    enum { ISB_LEGEND_MARKER, ISB_LEGEND_LINE, ISB_LEGEND_BAND } kind;
    const char *classes;
    isb_marker marker;
    double radius;
    const char *text;
} isb_legend_item;

/* Items from left to right, in as many lines as they need. With `svg` NULL nothing is drawn.
 * Returns the height. */
double isb_draw_legend(isb_svg *svg, const isb_legend_item *items, size_t count, double left,
                       double right, double top);

/* Draws a text that was put together, and releases it; where memory lacked, the drawing has failed.
 */
void isb_draw_text(isb_svg *svg, const char *classes, isb_point at, isb_text *text);

/* A variant's label of at most so many columns. */
void isb_draw_label(isb_svg *svg, const char *classes, isb_point at, const isb_study *study,
                    size_t variant, size_t columns);

/* "validation accuracy, %": the name of an axis. *name is released by free(); NULL: no memory. */
char *isb_metric_axis_name(const char *words, isb_unit unit);

/* The drawings themselves. */
void isb_plot_means(isb_text *out, const isb_findings *findings, const isb_plot *plot);
void isb_plot_axis(isb_text *out, const isb_findings *findings, const isb_plot *plot);
void isb_plot_curves(isb_text *out, const isb_findings *findings, const isb_plot *plot);
void isb_plot_gap(isb_text *out, const isb_findings *findings, const isb_plot *plot);
void isb_plot_differences(isb_text *out, const isb_findings *findings, const isb_plot *plot);

bool isb_plot_axis_possible(const isb_findings *findings, size_t axis);
bool isb_plot_curves_possible(const isb_findings *findings);
bool isb_plot_gap_possible(const isb_findings *findings);
bool isb_plot_differences_possible(const isb_findings *findings);

#endif
