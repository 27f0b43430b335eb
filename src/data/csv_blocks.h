/* A file of text in blocks of whole records. Quotes are counted, so that no block ends within a
 * quoted field; records and lines are counted, too, so that blocks can be taken apart in any order.
 * Where the blocks end depends on the file alone. */
#ifndef ISB_DATA_CSV_BLOCKS_H
#define ISB_DATA_CSV_BLOCKS_H

#include "data/csv_spaces.h"
#include "data/input.h"
#include <stddef.h>

enum { ISB_CSV_BLOCK_SIZE = 256 << 10, ISB_CSV_LARGEST_RECORD = 16 << 20 };

/* Where a block lies: the reader's, reused from block to block. Start with {0}; released by free().
 */
typedef struct isb_csv_buffer {
    char *memory;
    size_t capacity;
} isb_csv_buffer;

typedef struct isb_csv_block {
    const char *text; /* ends with '\n'; some bytes behind it are readable */
    size_t length;    /* 0: the file is at its end */
    size_t row, rows; /* rows before it and in it; blank lines are none */
    size_t line;      /* of its first byte, from 1 */
    size_t line_ends;
    bool cut;      /* it is the beginning of one record that is too large */
    bool squeezed; /* spaces between fields became tabs */
} isb_csv_block;

typedef struct isb_csv_blocks {
    const char *path;
    isb_input *input;
    uint64_t left;        /* bytes that the file is to have yet; of gzip not known */
    isb_csv_buffer carry; /* what stands behind the last whole record */
    size_t carried;
    size_t row, line;
    bool started, at_end;
    bool squeeze; /* spaces between fields */
    bool commas;  /* are decimal */
    isb_csv_spaces spaces;
} isb_csv_blocks;

/* Starts with the input, which stays the caller's, at its beginning. `squeeze`: runs of spaces
 * between fields become tabs; `commas`: decimal ones become points. */
void isb_csv_blocks_open(isb_csv_blocks *blocks, isb_input *input, const char *path, bool squeeze,
                         bool commas);
void isb_csv_blocks_close(isb_csv_blocks *blocks);

/* ISB_DATA where the file cannot be read, is shorter than it was, or is another kind of file. The
 * last block may end within a quoted field: the end of the file does, or the record is too large.
 */
isb_status isb_csv_blocks_next(isb_csv_blocks *blocks, isb_csv_buffer *buffer, isb_csv_block *out,
                               isb_error *error);

#endif
