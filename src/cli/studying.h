/* A study of the command line: what it holds, and its stages. */
#ifndef ISB_CLI_STUDYING_H
#define ISB_CLI_STUDYING_H

#include "cli/options.h"
#include "cpu/threads.h"
#include "study/findings.h"
#include "study/journal.h"
#include "study/study_cost.h"
#include "study/study_directory.h"
#include <time.h>

/* Progress over the whole study. */
typedef struct isb_study_display {
    bool lines; /* one a run */
    bool bar;   /* instead, on a terminal */
    double start, drawn;
    double work,
        done; /* multiply-adds: of the runs to do, 0 where not known; of those done since */
    size_t runs, finished; /* in all, also those of earlier commands */
    bool dirty;
} isb_study_display;

typedef struct isb_studying {
    const isb_options *options;
    const char *command_line;
    isb_study study;
    isb_study_data data;
    isb_study_cost *costs; /* of a run of each variant */
    isb_thread_plan plan;
    size_t most_runs;        /* at a time */
    isb_outcomes outcomes;   /* variants x seeds */
    bool *eliminated;        /* a variant each: by halving */
    isb_study_state *states; /* where each run of a halving stands; NULL: not kept */
    isb_study_directory directory;
    isb_journal journal; /* as it was at the beginning */
    char *journal_path;
    bool only_look; /* nothing is run: what is missing stays so */
    isb_study_display display;
    time_t started;
} isb_studying;

/* Reads study, data and all variants, and checks every one of them; writes nothing. */
isb_status isb_studying_prepare(isb_studying *studying, isb_error *error);

/* Room for the outcomes of all variants and seeds. */
isb_status isb_studying_make_outcomes(isb_studying *studying, isb_error *error);

/* Does the runs that are missing, in rounds where a time or halving asks for them. ISB_STOPPED and
 * ISB_INTERRUPTED after a signal. Takes seeds off the study that a time box left out. */
isb_status isb_studying_run(isb_studying *studying, isb_error *error);

/* Takes the outcomes that the directory already has, without running anything. */
isb_status isb_studying_collect(isb_studying *studying, isb_error *error);

/* Prints what the study found, and, to `write`, puts its files into the directory. */
isb_status isb_studying_tell(const isb_studying *studying, bool write, isb_error *error);

/* What the study will cost: printed by --dry-run. */
isb_status isb_studying_forecast(const isb_studying *studying, isb_error *error);

/* The task of a variant with a seed, for at most `epochs` epochs (0: all of them). */
isb_study_task isb_studying_task(const isb_studying *studying, size_t variant, size_t seed,
                                 size_t epochs);

void isb_study_display_open(isb_study_display *display, const isb_options *options);
void isb_study_display_run(isb_study_display *display, const char *label, uint64_t seed,
                           const isb_outcome *outcome, isb_metric metric, double work);
void isb_study_display_clear(isb_study_display *display);

#endif
