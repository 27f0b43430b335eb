/* The cells of a table of text: from the records of a block to the columns. */
#ifndef ISB_DATA_CSV_CELLS_H
#define ISB_DATA_CSV_CELLS_H

#include "data/csv_blocks.h"
#include "data/csv_field.h"
#include "data/csv_problems.h"
#include "data/csv_texts.h"
#include "simd/decimals.h"

typedef enum isb_csv_role {
    ISB_CSV_NUMBER, /* taken for numbers until a cell is none */
    ISB_CSV_TEXT,
    ISB_CSV_DONE, /* read already */
} isb_csv_role;

/* What the threads share while they read. */
typedef struct isb_csv_table {
    isb_csv_format format;
    size_t columns;
    char **names;
    isb_csv_role *roles; /* one a column, as the next two */
    bool *numbers;       /* anything else is an error */
    void **cells;        /* float, or uint32_t: number of the text among those of its thread */
    const isb_frame_options *options;
    float *missing_values; /* those of the texts for missing cells that are numbers */
    size_t missing_value_count;
    isb_decimals *decimals; /* NULL: this machine has none */
    isb_csv_problems problems;
} isb_csv_table;

/* The first number of a column that is beyond float32. */
typedef struct isb_csv_too_large {
    isb_csv_place place;
    char text[32];
} isb_csv_too_large;

/* What one thread has seen of a column. */
typedef struct isb_csv_tally {
    size_t missing, not_finite, first_not_finite;
    bool fraction; /* a number that is not whole */
    bool text;     /* a cell that is no number */
    isb_csv_too_large *too_large;
    isb_csv_texts texts;
} isb_csv_tally;

/* One thread's. */
typedef struct isb_csv_reader {
    const isb_csv_table *table;
    isb_csv_problems *problems;
    isb_csv_tally *tallies; /* one a column */
    char *copy;             /* of a field, without what quotes add */
    size_t copy_capacity;
    size_t line;      /* of the record that is read */
    const char *seen; /* the byte of it whose place was asked for last, */
    isb_csv_place seen_at;
    bool carriage_returns; /* end the block's lines, most likely */
    unsigned wait, pause;  /* how often not to try to read several numbers at once; the next time */
    bool no_memory;
} isb_csv_reader;

bool isb_csv_reader_open(isb_csv_reader *reader, isb_csv_table *table);
void isb_csv_reader_close(isb_csv_reader *reader);

/* Puts the cells of a block into the table, which has room for its rows; `offsets`, where it is not
 * NULL, gets the line of each of its rows, counted from the block's first. What is wrong goes to
 * the problems. */
void isb_csv_reader_block(isb_csv_reader *reader, const isb_csv_block *block, uint32_t *offsets);

/* Whether the field is a number and nothing else; infinite where it is beyond float32. */
bool isb_csv_field_number(const isb_csv_field *field, float *value);

#endif
