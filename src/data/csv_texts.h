/* The distinct texts of a column. */
#ifndef ISB_DATA_CSV_TEXTS_H
#define ISB_DATA_CSV_TEXTS_H

#include "data/frame.h"

/* Those that one thread has met, in that order. Start with {0}. */
typedef struct isb_csv_texts {
    char *bytes; /* one behind the other, a NUL behind each */
    size_t length, capacity;
    struct isb_csv_text *items;
    uint32_t count, room;
    uint32_t *slots; /* of a hash table: 1 + the number of an item, or 0 */
    size_t slot_count;
    uint64_t key; /* of its hashes */
} isb_csv_texts;

/* The number of a text among those met so far; the next one where it is new. False without memory.
 */
bool isb_csv_texts_find(isb_csv_texts *texts, const char *text, size_t length, uint32_t *number);
void isb_csv_texts_free(isb_csv_texts *texts);

/* Gives the column the texts of all parts together, which are empty then, and each part a table
 * from its numbers to those of the column, released by free(). */
isb_status isb_csv_texts_merge(isb_column *column, isb_csv_texts *const *parts, size_t count,
                               uint32_t **tables, isb_error *error);

#endif
