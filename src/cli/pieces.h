/* A table on standard input, gzipped or not, in pieces of whole records, each with the header in
 * front. Memory does not grow with the table, and no piece waits for records that are yet to come.
 */
#ifndef ISB_CLI_PIECES_H
#define ISB_CLI_PIECES_H

#include "data/input.h"
#include <stddef.h>

#define ISB_PIECES_NAME "standard input"

typedef struct isb_pieces {
    isb_input *input;
    char *text; /* of the piece at hand; owned */
    size_t length;
    size_t line_offset; /* lines of earlier pieces */

    size_t capacity, held; /* bytes of `text`, and those that were read */
    size_t header;         /* bytes of the first record, with what stands in front of it */
    bool started, ended;
} isb_pieces;

/* Start with {0}. Waits for the first bytes. Released by isb_pieces_close, also after a failure. */
isb_status isb_pieces_open(isb_pieces *pieces, isb_error *error);
void isb_pieces_close(isb_pieces *pieces);

/* The next piece; length 0 at the end. ISB_DATA where nothing can be read, or where a record is
 * larger than a table's may be. */
isb_status isb_pieces_next(isb_pieces *pieces, isb_error *error);

/* After the first piece: its first record was a row, and is not to stand in front of the others. */
void isb_pieces_have_no_header(isb_pieces *pieces);

#endif
