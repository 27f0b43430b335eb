/* What is wrong with a file of text, place by place. Several threads may add to it. */
#ifndef ISB_DATA_CSV_PROBLEMS_H
#define ISB_DATA_CSV_PROBLEMS_H

#include <isobit/error.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { ISB_CSV_MOST_PROBLEMS = 10 };

typedef struct isb_csv_place {
    size_t line, column; /* from 1; columns in characters */
} isb_csv_place;

/* The place of `at`, given that of `from`, before it. */
isb_csv_place isb_csv_place_behind(isb_csv_place place, const char *from, const char *at);

typedef struct isb_csv_problem {
    isb_csv_place place;
    char *text;
} isb_csv_problem;

typedef struct isb_csv_problems {
    pthread_mutex_t lock;
    isb_csv_problem items[ISB_CSV_MOST_PROBLEMS]; /* the first ones, in the order of their places */
    size_t kept, count;
    bool broken; /* something makes all behind it guesswork */
    isb_csv_place break_at;
    bool no_memory;
} isb_csv_problems;

void isb_csv_problems_open(isb_csv_problems *problems);
void isb_csv_problems_close(isb_csv_problems *problems);

/* Forgets all of them. */
void isb_csv_problems_clear(isb_csv_problems *problems);

void isb_csv_problems_add(isb_csv_problems *problems, isb_csv_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same; what is found behind the place does not count. */
void isb_csv_problems_break(isb_csv_problems *problems, isb_csv_place place, const char *text);

/* ISB_DATA with a message each, ISB_OK where there are none. */
isb_status isb_csv_problems_report(const isb_csv_problems *problems, const char *file,
                                   isb_error *error);

#endif
