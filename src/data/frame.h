/* A table of named columns in memory, as a file of text holds it: numbers or texts, with gaps. */
#ifndef ISB_DATA_FRAME_H
#define ISB_DATA_FRAME_H

#include "io/name_index.h"
#include <isobit/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ISB_FRAME_MISSING UINT32_MAX /* the code of a text that is not there */

typedef enum isb_column_kind { ISB_COLUMN_NUMBER, ISB_COLUMN_TEXT } isb_column_kind;

typedef struct isb_column {
    char *name;
    isb_column_kind kind;
    float *numbers;  /* one a row; NaN: missing. NULL for texts */
    uint32_t *codes; /* one a row: index into `texts`, or ISB_FRAME_MISSING. NULL for numbers */
    char **texts;    /* distinct ones, UTF-8, in ascending byte order, so that codes do not depend
                        on threads */
    char **text_blocks; /* where they lie, one behind the other */
    size_t text_block_count;
    size_t text_count;
    size_t missing;          /* cells, also those of `not_finite` */
    size_t not_finite;       /* cells of a column of numbers that say nan or inf */
    size_t first_not_finite; /* row of the first of them */
    bool whole;              /* numbers: all of them whole */
    char *too_large;         /* NULL, or what is wrong where the column is used: the first number
                                that is beyond float32, which became infinite */
} isb_column;

/* Rows of a file, one behind the other. */
typedef struct isb_frame_stretch {
    size_t row, line;  /* the first row, and its line, from 1 */
    uint32_t *offsets; /* of each row's line from that; NULL: a row a line */
} isb_frame_stretch;

typedef struct isb_frame {
    char *file; /* it came from; for messages */
    size_t rows, column_count;
    isb_column *columns;
    isb_name_index index;         /* of their names */
    isb_frame_stretch *stretches; /* of all rows, in order; NULL: row r is line r + 1 (+ 1 with a
                                     header) */
    size_t stretch_count;
    bool header;
    bool corner;    /* the header's first name is empty */
    char separator; /* ' ': any number of spaces and tabs */
} isb_frame;

/* How a file is to be read; what is not given is found out. */
typedef struct isb_frame_options {
    char separator;             /* 0: found out among , ; tab | and spaces */
    int header;                 /* 1, 0; -1: found out */
    bool decimal_comma;         /* numbers are written 3,14 */
    const char *const *missing; /* texts that stand for a missing cell, as the empty cell always
                                   does; NULL: none besides it */
    size_t missing_count;
    const char *const *texts; /* columns whose cells are texts even where they look like numbers
                                 (the label) */
    size_t text_count;
    size_t threads;             /* at least 1; changes no bit */
    const char *const *numbers; /* columns in which a cell that is no number is an error */
    size_t number_count;
    size_t line_offset; /* of a piece of a table that has its header in front: lines left out */
} isb_frame_options;

/* Lets columns be found by their names; to be called when all are there, and again when others are.
 * False without memory. */
bool isb_frame_index(isb_frame *frame);

/* The column of that name; `column_count` where there is none. */
size_t isb_frame_find(const isb_frame *frame, const char *name);

/* The line of the file where a row begins, from 1. */
size_t isb_frame_line(const isb_frame *frame, size_t row);

/* Gives the memory of cells back, of the rows from `begin` to `end`; those before them are
 * forgotten already. Nothing may read them any more. */
void isb_column_forget(isb_column *column, size_t begin, size_t end);

/* The same of all cells and texts. */
void isb_column_forget_all(isb_column *column);

void isb_column_free(isb_column *column);
void isb_frame_free(isb_frame *frame);

#endif
