/* One way through a table of text, by several threads: each takes the next block as soon as it is
 * done with one. What comes out does not depend on who took which. */
#ifndef ISB_DATA_CSV_PASS_H
#define ISB_DATA_CSV_PASS_H

#include "data/csv_cells.h"
#include "data/csv_shape.h"

/* A block that was read. */
typedef struct isb_csv_chunk {
    size_t row, rows, line;
    size_t reader;
    uint32_t *offsets; /* of its rows' lines from that; NULL: a row a line */
} isb_csv_chunk;

typedef struct isb_csv_pass {
    isb_csv_table *table;
    const isb_csv_shape *shape;
    isb_input *input;
    size_t line_offset; /* lines before the input's first, beside the header */
    size_t capacity;    /* rows that the columns have room for */
    size_t rows;
    isb_csv_chunk *chunks;
    size_t chunk_count, chunk_capacity;
    isb_csv_reader *readers;
    size_t reader_count;
} isb_csv_pass;

/* Reads from the input's beginning to its end, or no more than its first block. Of the shape the
 * pass takes what stands in front of the rows. Columns that are read already stay as they are. */
isb_status isb_csv_pass_run(isb_csv_pass *pass, const char *path, size_t threads, bool first_block,
                            isb_error *error);

/* Forgets chunks and readers, not the cells. */
void isb_csv_pass_clear(isb_csv_pass *pass);

#endif
