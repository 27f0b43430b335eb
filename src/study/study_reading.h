/* What the parts of reading a study file share. */
#ifndef ISB_STUDY_STUDY_READING_H
#define ISB_STUDY_STUDY_READING_H

#include "study/study_form.h"

enum { ISB_MOST_SOURCES = 32 };

/* An experiment that the study names, settings laid over it. */
typedef struct isb_study_source {
    const isb_node *node; /* that names it */
    const char *text;     /* of the node */
    char *file;           /* its path, as messages have it */
    size_t length;        /* of the file's text */
    isb_node *root;
    isb_experiment experiment;
} isb_study_source;

typedef struct isb_study_reading {
    const char *path;   /* of the study file */
    const char *folder; /* for the working directory; NULL: that itself */
    size_t length;      /* of its text */
    const isb_setting *settings;
    size_t setting_count;
    isb_pool pool;
    isb_problems problems;
    char *here;     /* the working directory */
    char **folders; /* of the study file, then of each source */
    isb_study_form form;
    isb_study_source *sources; /* the first one is the base */
    size_t source_count;
    size_t *source_of; /* of each named variant */
    bool rough;        /* the file has errors: variants are only looked through for more of them */
    isb_study *study;
} isb_study_reading;

/* A reader for trees made of all that, which reports to `problems`. */
isb_reader isb_study_reader(const isb_study_reading *reading, isb_pool *pool,
                            isb_problems *problems);

/* Finds and reads the experiments; the first one becomes study->base. False after an error. */
bool isb_study_read_sources(isb_study_reading *reading);
void isb_study_free_sources(isb_study_reading *reading);

/* Which metric decides. */
void isb_study_choose_metric(isb_study_reading *reading);

/* Whether a variant's experiment computes it; `label` and `place` are the variant's. */
void isb_study_check_metric(const isb_study_reading *reading, isb_problems *problems,
                            const isb_experiment *experiment, const char *label, isb_place place);

/* Puts the variants together: study->axes and study->variants. False where not all are there. */
bool isb_study_make_variants(isb_study_reading *reading);

/* The variant that the others are compared with. */
void isb_study_choose_baseline(isb_study_reading *reading);

#endif
