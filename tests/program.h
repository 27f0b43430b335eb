/* Runs the program in a directory of its own and collects what it prints. */
#ifndef ISB_TESTS_PROGRAM_H
#define ISB_TESTS_PROGRAM_H

#include <stdbool.h>

/* A temporary directory; relative paths below are within it. */
typedef struct place {
    char path[64];
} place;

place place_open(void);
void place_close(const place *p); /* removes everything in it */
void place_write(const place *p, const char *path, const char *text);
bool place_has(const place *p, const char *path);
bool place_same(const place *p, const char *a, const char *b); /* byte for byte */

typedef struct request {
    const char *const *arguments;   /* after the program's name; NULL at the end */
    const char *const *environment; /* the whole of it; NULL: empty */
    const char *out;                /* a file to be standard output */
    bool broken_pipe;               /* standard output is a pipe that nobody reads */
    bool terminal;                  /* standard error is a terminal of 100 columns */
} request;

typedef struct output {
    int status; /* 128 + signal where one ended it */
    char *out, *err;
} output;

output program_run(const place *p, const request *r);
void output_free(output *o);

#endif
