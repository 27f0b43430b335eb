#include "study/plots.h"
#include "study/plot_parts.h"
#include <stdlib.h>

bool isb_plot_possible(const isb_findings *findings, isb_plot_kind kind, size_t axis) {
    switch (kind) {
    case ISB_PLOT_AXIS: return isb_plot_axis_possible(findings, axis);
    case ISB_PLOT_CURVES: return isb_plot_curves_possible(findings);
    case ISB_PLOT_GAP: return isb_plot_gap_possible(findings);
    case ISB_PLOT_DIFFERENCES: return isb_plot_differences_possible(findings);
    default: return true;
    }
}

void isb_plot_draw(isb_text *out, const isb_findings *findings, const isb_plot *plot) {
    static void (*const draw[])(isb_text *, const isb_findings *, const isb_plot *) = {
        [ISB_PLOT_MEANS] = isb_plot_means,
        [ISB_PLOT_AXIS] = isb_plot_axis,
        [ISB_PLOT_CURVES] = isb_plot_curves,
        [ISB_PLOT_GAP] = isb_plot_gap,
        [ISB_PLOT_DIFFERENCES] = isb_plot_differences,
    };
    draw[plot->kind](out, findings, plot);
}

isb_status isb_study_plot(const isb_findings *findings, const isb_plot *plot, char **text,
                          isb_error *error) {
    isb_text out = {0};
    isb_plot_draw(&out, findings, plot);
    const bool good = !out.failed && out.data != NULL;
    if (!good)
        free(out.data);
    *text = good ? out.data : NULL;
    return good ? ISB_OK : isb_fail_memory(error, "a plot of the study");
}
