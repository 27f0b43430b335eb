/* isobit study: many experiments, compared with statistics. */
#include "cli/commands.h"
#include "cli/note.h"
#include "cli/signals.h"
#include "cli/studying.h"
#include "io/path.h"
#include "study/report.h"
#include "study/results.h"
#include "study/study_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void free_studying(isb_studying *s) {
    isb_study_directory_close(&s->directory);
    isb_outcomes_free(&s->outcomes);
    isb_study_data_free(&s->data);
    isb_journal_free(&s->journal);
    free(s->journal_path);
    free(s->costs);
    free(s->eliminated);
    isb_study_free(&s->study);
}

/* --- the study's directory --- */

static isb_status open_directory(isb_studying *s, isb_error *error) {
    char *path = NULL;
    const char *given = s->options->run;
    if (asprintf(&path, "%s%s", given == NULL ? "studies/" : "",
                 given == NULL ? s->study.name : given) < 0)
        return isb_fail_memory(error, "the study's path");
    isb_status status =
        isb_study_directory_open(&s->directory, path, s->options->given[ISB_OPTION_FORCE], error);
    free(path);
    return status;
}

/* Two studies of one name, in two places, come to have one directory. */
static void note_other(const isb_studying *s, const char *file) {
    const char *before = s->directory.before;
    if (before != NULL && strcmp(before, file) != 0 && !s->options->given[ISB_OPTION_FORCE])
        isb_note(s->options,
                 "warning: %s holds the study of %s; its runs stay, its results are replaced; "
                 "--run DIR keeps the two apart",
                 s->directory.path, before);
}

static isb_status record_origin(const isb_studying *s, isb_error *error) {
    char *here = getcwd(NULL, 0);
    char *file = here == NULL ? NULL : isb_path_absolute(here, s->study.file);
    const isb_study_origin origin = {.file = file,
                                     .folder = here,
                                     .settings = s->options->settings,
                                     .setting_count = s->options->setting_count,
                                     .command = (char *)(uintptr_t)s->command_line,
                                     .seconds = s->study.seconds,
                                     .data = s->data};
    const isb_status status = file == NULL
                                  ? isb_fail_memory(error, "the study's record")
                                  : isb_study_directory_record(&s->directory, &origin, error);
    if (status == ISB_OK)
        note_other(s, file);
    free(here);
    free(file);
    return status;
}

/* --- the ways to call it --- */

static isb_status say_stopped(const isb_studying *s, isb_status status, isb_error *error) {
    if (status != ISB_STOPPED && status != ISB_INTERRUPTED)
        return status;
    isb_fail(error, status, "stopped by %s after %zu of %zu runs; they are kept in %s",
             isb_signals_name(), s->display.finished, s->display.runs, s->directory.path);
    return isb_fail(error, status, "go on with: %s", s->command_line);
}

static void warn_of_power(const isb_studying *s) {
    const size_t seeds = s->study.seed_count, comparisons = s->study.variant_count - 1;
    const double p = comparisons > 0 ? isb_smallest_p(seeds, comparisons) : 0;
    if (comparisons > 0 && seeds == 1)
        isb_note(s->options, "warning: one seed shows no difference, for nobody knows what chance "
                             "does; take more seeds");
    else if (p > 0.05)
        isb_note(s->options,
                 "warning: with %zu seeds and %zu comparison%s p cannot come below %.2g: this "
                 "study can show no difference; take more seeds%s",
                 seeds, comparisons, comparisons == 1 ? "" : "s", p,
                 comparisons == 1 ? "" : " or fewer variants");
}

static isb_status study(isb_studying *s, isb_error *error) {
    isb_signals_catch(s->command_line, s->options->given[ISB_OPTION_FORCE] ? " --force" : "");
    isb_status status = isb_studying_prepare(s, error);
    if (status != ISB_OK)
        return status;
    if (s->options->given[ISB_OPTION_DRY_RUN])
        return isb_studying_forecast(s, error);
    status = open_directory(s, error);
    if (status == ISB_OK)
        status = record_origin(s, error);
    if (status == ISB_OK)
        status = isb_study_directory_variants(&s->directory, &s->study, error);
    if (status != ISB_OK)
        return status;
    isb_signals_hold();
    isb_note(s->options, "%zu run%s on %zu thread%s, into %s", s->outcomes.count,
             s->outcomes.count == 1 ? "" : "s", s->plan.threads, s->plan.threads == 1 ? "" : "s",
             s->directory.path);
    warn_of_power(s);
    status = say_stopped(s, isb_studying_run(s, error), error);
    if (status == ISB_OK)
        status = isb_studying_tell(s, true, error);
    if (status == ISB_OK)
        isb_note(s->options, "written: %s/ with %s, %s, %s and %s", s->directory.path,
                 ISB_STUDY_REPORT, ISB_STUDY_RESULTS, ISB_STUDY_SUMMARY, ISB_STUDY_RESULT);
    return status;
}

/* The table so far, also of a study that is running. */
static isb_status show_status(isb_studying *s, isb_error *error) {
    isb_study_origin origin;
    isb_status status = isb_study_origin_read(&origin, s->options->status, error);
    if (status != ISB_OK)
        return status;
    s->directory.path = strdup(s->options->status);
    if (s->directory.path == NULL)
        status = isb_fail_memory(error, s->options->status);
    s->data = origin.data; /* its digests stand for the data, which are not opened */
    origin.data = (isb_study_data){0};
    if (status == ISB_OK)
        status = isb_study_read_in(&s->study, origin.folder, origin.file, origin.settings,
                                   origin.setting_count, error);
    s->study.seconds = origin.seconds;
    s->command_line = origin.command;
    s->started = 0;
    if (status == ISB_OK)
        status = isb_study_data_match(&s->data, &s->study, error);
    if (status == ISB_OK)
        status = isb_studying_make_outcomes(s, error);
    if (status == ISB_OK)
        status = isb_studying_collect(s, error);
    if (status == ISB_OK)
        status = isb_studying_tell(s, false, error);
    isb_study_origin_free(&origin);
    return status;
}

isb_status isb_command_study(const isb_options *options, const char *command_line,
                             isb_error *error) {
    isb_studying s = {.options = options,
                      .command_line = command_line,
                      .directory = {.lock = -1},
                      .started = time(NULL)};
    isb_status status =
        options->given[ISB_OPTION_STATUS] ? show_status(&s, error) : study(&s, error);
    free_studying(&s);
    return status;
}
