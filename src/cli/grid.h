/* A table in a frame of box-drawing characters, as Keras 3 prints its summaries. */
#ifndef ISB_CLI_GRID_H
#define ISB_CLI_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { ISB_GRID_COLUMNS = 3 };

typedef struct isb_grid {
    FILE *out;
    bool utf8;                       /* else a frame of ASCII */
    size_t widths[ISB_GRID_COLUMNS]; /* of the cells' text */
    bool right[ISB_GRID_COLUMNS];    /* text stands at the right */
} isb_grid;

/* The top of the frame, the header, and the heavy line below it. */
void isb_grid_header(const isb_grid *grid, const char *const cells[ISB_GRID_COLUMNS]);
void isb_grid_row(const isb_grid *grid, const char *const cells[ISB_GRID_COLUMNS]);
void isb_grid_line(const isb_grid *grid); /* between two rows */
void isb_grid_end(const isb_grid *grid);

#endif
