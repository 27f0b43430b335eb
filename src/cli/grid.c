#include "cli/grid.h"

/* left, dash, crossing, right */
static const char *const top[2][4] = {{"+", "-", "+", "+"}, {"┏", "━", "┳", "┓"}};
static const char *const below_header[2][4] = {{"+", "=", "+", "+"}, {"┡", "━", "╇", "┩"}};
static const char *const between[2][4] = {{"+", "-", "+", "+"}, {"├", "─", "┼", "┤"}};
static const char *const bottom[2][4] = {{"+", "-", "+", "+"}, {"└", "─", "┴", "┘"}};

static void draw_line(const isb_grid *grid, const char *const parts[2][4]) {
    const char *const *part = parts[grid->utf8];
    for (size_t column = 0; column < ISB_GRID_COLUMNS; column++) {
        fputs(part[column == 0 ? 0 : 2], grid->out);
        for (size_t i = 0; i < grid->widths[column] + 2; i++)
            fputs(part[1], grid->out);
    }
    fprintf(grid->out, "%s\n", part[3]);
}

static void draw_cells(const isb_grid *grid, const char *wall, const char *const *cells) {
    for (size_t column = 0; column < ISB_GRID_COLUMNS; column++) {
        int width = (int)grid->widths[column];
        fprintf(grid->out, "%s %*s ", wall, grid->right[column] ? width : -width, cells[column]);
    }
    fprintf(grid->out, "%s\n", wall);
}

void isb_grid_header(const isb_grid *grid, const char *const cells[ISB_GRID_COLUMNS]) {
    draw_line(grid, top);
    draw_cells(grid, grid->utf8 ? "┃" : "|", cells);
    draw_line(grid, below_header);
}

void isb_grid_row(const isb_grid *grid, const char *const cells[ISB_GRID_COLUMNS]) {
    draw_cells(grid, grid->utf8 ? "│" : "|", cells);
}

void isb_grid_line(const isb_grid *grid) { draw_line(grid, between); }

void isb_grid_end(const isb_grid *grid) { draw_line(grid, bottom); }
