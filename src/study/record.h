/* How a study was made: what its report and its result.json say beyond what it found. */
#ifndef ISB_STUDY_RECORD_H
#define ISB_STUDY_RECORD_H

#include "study/findings.h"
#include <time.h>

/* All texts are borrowed; NULL where not known. */
typedef struct isb_study_record {
    /* The same whenever and wherever the study is made. */
    const char *data_source;
    const char *data_sha256;
    const char *study_text; /* the study file */
    const char *base_text;  /* the base experiment, resolved */
    const char *command;    /* that makes the study again, quoted for a shell */
    /* One a variant: a command that makes its run with the first seed again; NULL: none. */
    const char *const *run_commands;

    /* Of this time. */
    const char *cpu; /* the CPU's name */
    const char *isa;
    size_t threads;           /* 0: not known */
    time_t started, finished; /* 0: not known */
    double seconds;           /* spent on runs, in all; NaN: not known */
} isb_study_record;

/* "2026-11-23T18:00:00Z"; "" where the time cannot be written. */
#define ISB_TIME_SIZE 32
const char *isb_time_text(char out[ISB_TIME_SIZE], time_t time);

/* The compiler that built this library, with its version. */
const char *isb_compiler_text(void);

/* "host Linux 6.1.0 x86_64"; never fails. */
#define ISB_HOST_SIZE 256
const char *isb_host_text(char out[ISB_HOST_SIZE]);

#endif
