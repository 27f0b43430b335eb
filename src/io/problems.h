/* The errors of experiments and studies, collected from wherever they are found and reported in the
 * order of their places: first those of files, then those of settings. */
#ifndef ISB_IO_PROBLEMS_H
#define ISB_IO_PROBLEMS_H

#include <isobit/error.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct isb_place {
    const char *origin; /* the file, or the setting as it was typed; borrowed */
    uint32_t source;    /* files in the order they were named, from 0, then settings */
    uint32_t line;      /* from 1; 0 where there are no lines: a setting, or a whole file */
    uint32_t column;    /* in characters, from 1 */
} isb_place;

enum { ISB_MOST_PROBLEMS = 63 }; /* with the line that counts the others, what an isb_error keeps */

typedef struct isb_problem {
    isb_place place;
    char *text;
} isb_problem;

/* Start with {0}. */
typedef struct isb_problems {
    isb_problem items[ISB_MOST_PROBLEMS]; /* the first ones by place */
    size_t kept;
    size_t count; /* with those that are not kept */
    bool no_memory;
} isb_problems;

void isb_problems_add(isb_problems *problems, isb_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Moves everything from `from`, but what is already there, word for word at the same place. */
void isb_problems_merge(isb_problems *problems, isb_problems *from);

/* Forgets what was found in a source: where its syntax is broken, the rest is guesswork. */
void isb_problems_drop(isb_problems *problems, uint32_t source);

/* Releases everything. */
void isb_problems_clear(isb_problems *problems);

/* Moves everything to `error`; ISB_OK where there is nothing. */
isb_status isb_problems_report(isb_problems *problems, const char *file, isb_error *error);

/* "file:line:column", or the setting. NULL without memory; released by free(). */
char *isb_place_text(isb_place place);

#endif
