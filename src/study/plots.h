/* The plots of a study, as SVG. */
#ifndef ISB_STUDY_PLOTS_H
#define ISB_STUDY_PLOTS_H

#include "io/text.h"
#include "study/findings.h"

typedef enum isb_plot_kind {
    ISB_PLOT_MEANS,  /* every variant's mean with its interval, and single seeds */
    ISB_PLOT_AXIS,   /* the mean along an axis of numbers, a line for each setting of the others */
    ISB_PLOT_CURVES, /* the metric from epoch to epoch, a panel a variant */
    ISB_PLOT_GAP,    /* training beside validation */
    ISB_PLOT_DIFFERENCES, /* from the baseline, seed by seed */
} isb_plot_kind;

typedef struct isb_plot {
    isb_plot_kind kind;
    size_t axis;     /* of ISB_PLOT_AXIS */
    double width;    /* in pixels; the height follows. From 300 on. */
    const char *id;  /* unique in the page */
    const char *fit; /* a further class: for which pages it is; "" */
    bool standalone; /* a file of its own */
} isb_plot;

/* Whether the study has what the plot needs. */
bool isb_plot_possible(const isb_findings *findings, isb_plot_kind kind, size_t axis);

/* Appends the drawing. The only failure is lack of memory, which marks `out` as failed. */
void isb_plot_draw(isb_text *out, const isb_findings *findings, const isb_plot *plot);

/* One plot as an SVG file; *text is released by free(). */
isb_status isb_study_plot(const isb_findings *findings, const isb_plot *plot, char **text,
                          isb_error *error);

/* Whether the gap's training side is computed with dropout off. */
bool isb_plot_gap_is_fair(const isb_findings *findings);

#endif
