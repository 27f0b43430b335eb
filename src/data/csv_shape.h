/* What a table of text looks like, told from its first records: separator, header, columns. */
#ifndef ISB_DATA_CSV_SHAPE_H
#define ISB_DATA_CSV_SHAPE_H

#include "data/csv_blocks.h"
#include "data/csv_field.h"
#include "data/csv_problems.h"
#include "data/frame.h"
#include "io/name_index.h"

enum { ISB_CSV_MOST_COLUMNS = 1 << 16 };

typedef struct isb_csv_shape {
    isb_csv_format format;
    char separator; /* ' ': any number of spaces; they are to be squeezed, and then are tabs */
    bool header;
    bool corner; /* the first name of it is empty */
    size_t columns;
    char **names;
    isb_name_index index; /* of them */
    size_t unnamed;       /* of the last columns */
    size_t begin;         /* of the first block's text: where the rows begin */
    size_t header_lines;  /* before them, with blank ones */
    size_t records;       /* before them */
} isb_csv_shape;

/* From the first block of the file. Where that is not squeezed, but should be, nothing but the
 * separator is found. What is wrong goes to the problems, or to `error`. */
isb_status isb_csv_shape_find(isb_csv_shape *out, const isb_csv_block *block, const char *path,
                              const isb_frame_options *options, isb_csv_problems *problems,
                              isb_error *error);
/* Whether the first record is a line such as "sep=;", with the header behind it. */
bool isb_csv_names_separator(const char *text, size_t length);

void isb_csv_shape_free(isb_csv_shape *shape);

#endif
