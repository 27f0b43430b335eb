/* The parts of isobit inspect. */
#ifndef ISB_CLI_INSPECTING_H
#define ISB_CLI_INSPECTING_H

#include "cli/page.h"
#include "data/frame.h"
#include "io/json.h"
#include <isobit/dataset.h>

/* Classes in the order of their labels, with their rows. */
typedef struct isb_classes {
    uint32_t *labels;
    size_t *rows;
    size_t count;
} isb_classes;

isb_status isb_classes_count(isb_classes *out, const uint32_t *labels, size_t rows,
                             isb_error *error);
void isb_classes_free(isb_classes *classes);

enum {
    ISB_CLASSES_SHOWN = 20,   /* in a table */
    ISB_CLASSES_LISTED = 1024 /* in JSON */
};

/* Adds `"classes": [{"class", "rows"}, ...]`; null where there are too many. `names` holds what the
 * labels stand for; NULL: themselves. */
void isb_classes_json(isb_json *json, const isb_classes *classes, char *const *names);

/* A line for each class: its name, its rows, their share of all. */
void isb_classes_print(FILE *out, const isb_classes *classes, char *const *names);

/* What is worth a look, a sentence each. Start with {0}. */
typedef struct isb_notes {
    char **items;
    size_t count;
    bool no_memory;
} isb_notes;

void isb_notes_add(isb_notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));
void isb_notes_json(isb_json *json, const isb_notes *notes);
void isb_notes_print(FILE *out, const isb_notes *notes);
void isb_notes_free(isb_notes *notes);

/* What is to be shown, and how. */
typedef struct isb_inspection {
    const char *source;     /* a path, or what data.source of an experiment says */
    const char *label;      /* the column of a table; NULL: not given */
    const char *label_from; /* for messages: "--label" */
    bool regression;        /* its labels may be any numbers */
    bool json;
    isb_frame_options how; /* to read a table */
} isb_inspection;

/* A table of text. */
isb_status isb_inspect_frame(const isb_inspection *inspection, isb_error *error);

/* A data set of arrays: digits, IDX files, archives and files that belong together. */
isb_status isb_inspect_dataset(const isb_inspection *inspection, isb_error *error);

/* A NumPy array, or an archive of any. */
isb_status isb_inspect_arrays(const isb_inspection *inspection, bool archive, isb_error *error);

/* SHA-256 of a file as it lies on the disk, so that sha256sum says the same. */
isb_status isb_hash_file(const char *path, char hex[65], isb_error *error);

#endif
