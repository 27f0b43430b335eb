/* Runs the program in a directory of its own and collects what it prints. */
#ifndef ISB_TESTS_PROGRAM_H
#define ISB_TESTS_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

/* A temporary directory; relative paths below are within it. */
typedef struct place {
    char path[64];
} place;

place place_open(void);
place place_open_in_memory(void); /* where the machine has such a file system */
void place_close(const place *p); /* removes everything in it */
void place_write(const place *p, const char *path, const char *text);
bool place_has(const place *p, const char *path);
bool place_same(const place *p, const char *a, const char *b); /* byte for byte */
char *place_read(const place *p, const char *path);            /* its text, to be freed; or NULL */
void place_remove(const place *p, const char *path);           /* and all in it; it may be absent */

/* Makes the directory `to` one with the same files as `from`. */
void place_copy(const place *p, const char *from, const char *to);

/* Whether a file in the directory has a name that begins so. */
bool place_has_prefix(const place *p, const char *directory, const char *prefix);

typedef struct request {
    const char *const *arguments;   /* after the program's name; NULL at the end */
    const char *const *environment; /* the whole of it; NULL: empty */
    const char *out;                /* a file to be standard output */
    bool broken_pipe;               /* standard output is a pipe that nobody reads */
    bool broken_error;              /* and so is standard error */
    bool terminal;                  /* standard error is a terminal of 100 columns */
    bool session;                   /* and the program's own one: what hangs it up, gets SIGHUP */
    const char *program;            /* NULL: isobit */
} request;

typedef struct output {
    int status; /* 128 + signal where one ended it */
    char *out, *err;
} output;

output program_run(const place *p, const request *r);

/* The same in two steps. Until the second the output stays in its pipes. */
typedef struct process {
    pid_t child;
    int out, err; /* ends to read; -1: nobody reads */
} process;

process program_start(const place *p, const request *r);
output program_wait(process *process);

void output_free(output *o);

#endif
