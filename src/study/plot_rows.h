/* Plots with a row a variant, the best first. */
#ifndef ISB_STUDY_PLOT_ROWS_H
#define ISB_STUDY_PLOT_ROWS_H

#include "study/plot_parts.h"

/* Labels stand beside the rows where there is room, above them where there is not. */
typedef struct isb_rows {
    isb_frame frame; /* of the marks */
    double row_height;
    double mark;    /* of a row's marks, from its top */
    double height;  /* of the whole drawing */
    size_t columns; /* of a label */
    bool beside;
} isb_rows;

isb_rows isb_rows_of(const isb_study *study, double width, double legend_height);

/* The middle of the marks of row `row`. */
double isb_row_y(const isb_rows *rows, size_t row);

/* The variant's label, and at the right what the row says in numbers,
 * which are released. */
void isb_draw_row_texts(isb_svg *svg, const isb_rows *rows, size_t row, const isb_study *study,
                        size_t variant, isb_text *numbers);

#endif
