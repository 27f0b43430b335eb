/* A set of rows by what they hold: eight bytes for each of those that differ. */
#ifndef ISB_DATA_ROW_SET_H
#define ISB_DATA_ROW_SET_H

#include <isobit/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sets of parts of the rows, one after the other, take less memory than one of all. */
enum { ISB_ROW_SETS = 4 };

typedef struct isb_row_slot {
    uint32_t tag;  /* of the row's hash */
    uint32_t next; /* the row + 1; 0: empty */
} isb_row_slot;

/* Start with {0}. */
typedef struct isb_row_set {
    isb_row_slot *slots;
    size_t capacity, count;
} isb_row_set;

/* Whether row `a` of the set holds the same as row `b` that is looked for. */
typedef bool isb_rows_equal(const void *rows, size_t a, size_t b);

/* ISB_DATA where there are more than 2^32 - 2. */
isb_status isb_row_set_check(size_t rows, isb_error *error);

/* The set, of ISB_ROW_SETS, of the rows of that hash, which has 61 bits at least. */
unsigned isb_row_set_of(uint64_t hash);

bool isb_row_set_has(const isb_row_set *set, uint64_t hash, size_t row, isb_rows_equal *equal,
                     const void *rows);

/* Adds a row that the set does not have; false without memory. */
bool isb_row_set_add(isb_row_set *set, uint64_t hash, size_t row);
void isb_row_set_free(isb_row_set *set);

#endif
