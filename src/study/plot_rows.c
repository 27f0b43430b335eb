#include "study/plot_rows.h"

enum { LABEL_COLUMNS = 30, NUMBERS_WIDTH = 108, EDGE = 10, AXIS_HEIGHT = 44 };

/* Columns of the longest label, up to LABEL_COLUMNS. */
static size_t longest_label(const isb_study *study) {
    size_t longest = 0;
    for (size_t v = 0; v < study->variant_count; v++) {
        const size_t columns = isb_columns(study->variants[v].label);
        longest = columns > longest ? columns : longest;
    }
    return longest < LABEL_COLUMNS ? longest : LABEL_COLUMNS;
}

isb_rows isb_rows_of(const isb_study *study, double width, double legend_height) {
    isb_rows rows = {.columns = longest_label(study)};
    const double labels = isb_svg_text_width(rows.columns) + EDGE;
    rows.beside = width - labels - NUMBERS_WIDTH >= 280;
    rows.row_height = rows.beside ? 26 : 42;
    rows.mark = rows.beside ? 13 : 29;
    rows.frame.left = rows.beside ? labels : EDGE;
    rows.frame.right = width - (rows.beside ? NUMBERS_WIDTH : EDGE);
    rows.frame.top = legend_height + 6;
    rows.frame.bottom = rows.frame.top + (double)study->variant_count * rows.row_height + 4;
    rows.height = rows.frame.bottom + AXIS_HEIGHT;
    return rows;
}

double isb_row_y(const isb_rows *rows, size_t row) {
    return rows->frame.top + (double)row * rows->row_height + rows->mark;
}

void isb_draw_row_texts(isb_svg *svg, const isb_rows *rows, size_t row, const isb_study *study,
                        size_t variant, isb_text *numbers) {
    const char *classes = variant == study->baseline ? "label strong" : "label";
    const double y = isb_row_y(rows, row) + (rows->beside ? 4 : -13);
    isb_draw_label(svg, classes, (isb_point){0, y}, study, variant, rows->columns);
    isb_draw_text(svg, "quiet end", (isb_point){svg->width, y}, numbers);
}
