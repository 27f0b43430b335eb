/* The directory of a study. */
#ifndef ISB_STUDY_STUDY_DIRECTORY_H
#define ISB_STUDY_STUDY_DIRECTORY_H

#include "study/study_data.h"

#define ISB_STUDY_RECORD "study.json" /* marks the directory of a study */
#define ISB_STUDY_JOURNAL "runs.jsonl"
#define ISB_STUDY_VARIANTS "variants" /* a directory */
#define ISB_STUDY_RESULTS "results.csv"
#define ISB_STUDY_SUMMARY "summary.csv"
#define ISB_STUDY_REPORT "report.html"
#define ISB_STUDY_PLOT "means.svg"
#define ISB_STUDY_RESULT "result.json"

/* What study.json holds: enough to read the study again. */
typedef struct isb_study_origin {
    char *file;            /* of the study, absolute */
    char *folder;          /* the working directory: what paths in settings are relative to; NULL:
                              not known */
    isb_setting *settings; /* laid over the base experiment */
    size_t setting_count;
    char *command;
    double seconds;      /* of its time box; 0: it has none */
    isb_study_data data; /* names and digests alone */
} isb_study_origin;

isb_status isb_study_origin_read(isb_study_origin *out, const char *directory, isb_error *error);
void isb_study_origin_free(isb_study_origin *origin);

typedef struct isb_study_directory {
    char *path;
    int lock;     /* -1: not locked */
    char *before; /* the file of the study that it held; NULL: none */
} isb_study_directory;

/* Makes or takes the directory and locks it. ISB_USAGE: it holds something else. `force`: what a
 * study left there is removed. ISB_FAILURE: another process works there. */
isb_status isb_study_directory_open(isb_study_directory *out, const char *path, bool force,
                                    isb_error *error);
void isb_study_directory_close(isb_study_directory *directory);

/* Writes study.json. */
isb_status isb_study_directory_record(const isb_study_directory *directory,
                                      const isb_study_origin *origin, isb_error *error);

/* Writes the experiment of every variant as a file of its own, so that `isobit train` repeats any
 * run. isb_study_variant_file is its path, from 0; NULL without memory; released by free(). */
isb_status isb_study_directory_variants(const isb_study_directory *directory,
                                        const isb_study *study, isb_error *error);
char *isb_study_variant_file(const isb_study_directory *directory, size_t variant);

/* Replaces a file by the text. */
isb_status isb_study_directory_write(const isb_study_directory *directory, const char *name,
                                     const char *text, isb_error *error);

#endif
