/* Columns of texts that are meant to be numbers: written in another notation, or spoilt by a few
 * texts. A feature a text is not what anyone wants of them. */
#ifndef ISB_DATA_TABLE_NOTATION_H
#define ISB_DATA_TABLE_NOTATION_H

#include "data/frame.h"

typedef enum isb_notation_kind {
    ISB_NOTATION_TEXT,    /* texts indeed */
    ISB_NOTATION_MARKER,  /* numbers, but for what usually stands for a missing cell */
    ISB_NOTATION_STRAY,   /* numbers, but for a few texts */
    ISB_NOTATION_GROUPS,  /* 3,14 or 1,234 or 1 234 */
    ISB_NOTATION_PERCENT, /* 12 % */
    ISB_NOTATION_MONEY,   /* $12 */
    ISB_NOTATION_UNIT,    /* 12 kg, the same unit everywhere */
} isb_notation_kind;

typedef struct isb_notation {
    isb_notation_kind kind;
    const char *text; /* the first one, in byte order, that is no number as Isobit reads it */
    size_t code;      /* its code */
    size_t cells;     /* with it */
} isb_notation;

/* Of the texts with a count above 0. */
isb_notation isb_notation_of(const isb_column *column, const size_t *counts);

/* "holds numbers with a percent sign"; "write them without it". Not of texts. */
const char *isb_notation_what(isb_notation_kind kind);
const char *isb_notation_mend(isb_notation_kind kind);

/* Whether all of these texts, at least three, are dates or times: 2024-12-31, 31.12.2024 23:59,
 * 12/31/24, 23:59:01. */
bool isb_holds_dates(const isb_column *column, const size_t *counts);

/* "?", "NA", "null" and the like. */
bool isb_is_marker(const char *text);

/* How many of `count` rows hold each text; `rows` NULL: the first ones. One more than there are
 * texts, so that it is never empty; NULL without memory; released by free(). */
size_t *isb_column_count_texts(const isb_column *column, const uint32_t *rows, size_t count);

#endif
