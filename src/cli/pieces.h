/* A table on standard input, in pieces of whole records, each with the header in front. Memory does
 * not grow with the table. */
#ifndef ISB_CLI_PIECES_H
#define ISB_CLI_PIECES_H

#include <isobit/error.h>
#include <stdbool.h>
#include <stddef.h>

#define ISB_PIECES_NAME "standard input"

typedef struct isb_pieces {
    bool has_header;
    char *text; /* of the piece at hand; owned */
    size_t length;
    size_t line_offset; /* lines of earlier pieces */

    size_t capacity, held; /* bytes of `text`, and those that were read */
    size_t header;         /* bytes of the header */
    bool started, ended;
} isb_pieces;

/* The next piece; length 0 at the end. ISB_DATA where nothing can be read, or where a record is
 * larger than a table's may be. Released by free(pieces->text). */
isb_status isb_pieces_next(isb_pieces *pieces, isb_error *error);

#endif
