/* Columns that any number of spaces and tabs stand between: each run of them becomes one tab, those
 * at the ends of a line go, and what is left is a table with tabs. */
#ifndef ISB_DATA_CSV_SPACES_H
#define ISB_DATA_CSV_SPACES_H

#include <stdbool.h>
#include <stddef.h>

/* Where in a line the text has come to. Start with {0}. */
typedef struct isb_csv_spaces {
    bool begun;  /* a field of the line has */
    bool quoted; /* within quotes, where spaces stay */
    bool tab;    /* the last byte is a tab that a field is to follow */
} isb_csv_spaces;

/* Squeezes the bytes from `begin` to `end`, behind those that were squeezed already; gives the new
 * end. The one before `begin` may go. */
size_t isb_csv_squeeze(isb_csv_spaces *state, char *text, size_t begin, size_t end);

/* Behind the last byte of all; gives the new end. */
size_t isb_csv_squeeze_end(isb_csv_spaces *state, size_t end);

/* Whether each of the first lines, at least two, has as many words as the others, more than one,
 * and the first no usual separator. */
bool isb_csv_has_words_alike(const char *text, const char *limit, size_t lines);

#endif
