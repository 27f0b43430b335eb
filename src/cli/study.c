/* isobit study: many experiments, compared with statistics. */
#include "cli/commands.h"
#include "cli/note.h"
#include "cli/page.h"
#include "cli/signals.h"
#include "cli/studying.h"
#include "cli/terminal.h"
#include "io/file.h"
#include "io/path.h"
#include "io/text.h"
#include "study/answer.h"
#include "study/plots.h"
#include "study/report.h"
#include "study/results.h"
#include "study/study_file.h"
#include "study/table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void free_studying(isb_studying *s) {
    isb_study_directory_close(&s->directory);
    isb_outcomes_free(&s->outcomes);
    isb_study_data_free(&s->data);
    free(s->eliminated);
    isb_study_free(&s->study);
}

/* --- what was found, told --- */

static isb_status print_findings(const isb_findings *findings, isb_error *error) {
    char *table = NULL, *answer = NULL;
    isb_text page = {0};
    isb_status status = isb_study_table(findings, isb_terminal_utf8(), &table, error);
    if (status == ISB_OK)
        status = isb_study_answer(findings, isb_terminal_utf8(), &answer, error);
    if (status == ISB_OK) {
        isb_text_add(&page, table);
        isb_text_add(&page, "\n");
        isb_text_add(&page, answer);
        isb_text_add(&page, "\n");
        status = page.failed ? isb_fail_memory(error, "the table of the study")
                             : isb_print(page.data, page.length, error);
    }
    free(page.data);
    free(table);
    free(answer);
    return status;
}

/* What makes the run of each variant with the first seed again. */
static char **make_run_commands(const isb_studying *s) {
    char **commands = calloc(s->study.variant_count, sizeof *commands);
    for (size_t v = 0; commands != NULL && v < s->study.variant_count; v++) {
        char *file = isb_study_variant_file(&s->directory, v);
        if (file == NULL || asprintf(&commands[v], "isobit train %s --seed %llu --run runs/again",
                                     file, (unsigned long long)s->study.seeds[0]) < 0)
            commands[v] = NULL;
        free(file);
    }
    return commands;
}

static double seconds_of_runs(const isb_outcomes *outcomes) {
    double sum = 0;
    for (size_t i = 0; i < outcomes->count; i++)
        sum += isfinite(outcomes->items[i].seconds) ? outcomes->items[i].seconds : 0;
    return sum;
}

static isb_status write_text(const isb_studying *s, const char *name, isb_status status, char *text,
                             isb_error *error) {
    if (status == ISB_OK)
        status = isb_study_directory_write(&s->directory, name, text, error);
    free(text);
    return status;
}

static isb_status write_files(const isb_studying *s, const isb_findings *findings,
                              const isb_study_record *record, char **json, isb_error *error) {
    char *text = NULL;
    isb_status status = isb_study_results_csv(findings, &text, error);
    status = write_text(s, ISB_STUDY_RESULTS, status, text, error);
    text = NULL;
    if (status == ISB_OK)
        status = isb_study_summary_csv(findings, &text, error);
    status = write_text(s, ISB_STUDY_SUMMARY, status, text, error);
    text = NULL;
    if (status == ISB_OK)
        status = isb_study_report(findings, record, &text, error);
    status = write_text(s, ISB_STUDY_REPORT, status, text, error);
    text = NULL;
    const isb_plot plot = {
        .kind = ISB_PLOT_MEANS, .width = 760, .id = "means", .fit = "", .standalone = true};
    if (status == ISB_OK)
        status = isb_study_plot(findings, &plot, &text, error);
    status = write_text(s, ISB_STUDY_PLOT, status, text, error);
    if (status == ISB_OK)
        status = isb_study_json(findings, record, json, error);
    if (status == ISB_OK)
        status = isb_study_directory_write(&s->directory, ISB_STUDY_RESULT, *json, error);
    return status;
}

static isb_status write_results(const isb_studying *s, const isb_findings *findings, char **json,
                                isb_error *error) {
    char *study_text = NULL, *base_text = NULL, **commands = make_run_commands(s);
    size_t length;
    isb_status status =
        isb_file_read(s->study.file, (size_t)1 << 20, &study_text, &length, ISB_USAGE, error);
    if (status == ISB_OK)
        status = isb_experiment_write(&s->study.base, &base_text, error);
    const isb_dataset *data = &s->data.sets[s->data.of_variant[s->study.baseline]];
    const isb_study_record record = {.data_source = data->source,
                                     .data_sha256 = data->sha256,
                                     .study_text = study_text,
                                     .base_text = base_text,
                                     .command = s->command_line,
                                     .run_commands = (const char *const *)commands,
                                     .isa = s->options->isa,
                                     .threads = s->plan.threads,
                                     .started = s->started,
                                     .finished = time(NULL),
                                     .seconds = seconds_of_runs(&s->outcomes)};
    if (status == ISB_OK)
        status = write_files(s, findings, &record, json, error);
    for (size_t v = 0; commands != NULL && v < s->study.variant_count; v++)
        free(commands[v]);
    free(commands);
    free(study_text);
    free(base_text);
    return status;
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

static isb_status record_origin(const isb_studying *s, isb_error *error) {
    char *here = getcwd(NULL, 0);
    char *file = here == NULL ? NULL : isb_path_absolute(here, s->study.file);
    char **sources = calloc(s->data.count, sizeof *sources);
    char **sha256 = calloc(s->data.count, sizeof *sha256);
    isb_status status = ISB_OK;
    if (file == NULL || sources == NULL || sha256 == NULL) {
        status = isb_fail_memory(error, "the study's record");
    } else {
        for (size_t i = 0; i < s->data.count; i++) {
            sources[i] = s->data.sets[i].source;
            sha256[i] = s->data.sets[i].sha256;
        }
        const isb_study_origin origin = {.file = file,
                                         .settings = s->options->settings,
                                         .setting_count = s->options->setting_count,
                                         .command = (char *)(uintptr_t)s->command_line,
                                         .sources = sources,
                                         .sha256 = sha256,
                                         .data_count = s->data.count};
        status = isb_study_directory_record(&s->directory, &origin, error);
    }
    free(here);
    free(file);
    free(sources);
    free(sha256);
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

static isb_status tell(const isb_studying *s, bool write, isb_error *error) {
    isb_study_summary summary;
    char *json = NULL;
    isb_status status = isb_study_summarize(&summary, &s->study, &s->outcomes, error);
    if (status != ISB_OK)
        return status;
    const isb_findings findings = {&s->study, &s->outcomes, &summary};
    if (write)
        status = write_results(s, &findings, &json, error);
    if (status == ISB_OK && s->options->given[ISB_OPTION_JSON] && json != NULL)
        status = isb_print_json(json, error), json = NULL;
    else if (status == ISB_OK)
        status = print_findings(&findings, error);
    free(json);
    isb_study_summary_free(&summary);
    return status;
}

static void warn_of_power(const isb_studying *s) {
    const size_t comparisons = s->study.variant_count - 1;
    const double p = comparisons > 0 ? isb_smallest_p(s->study.seed_count, comparisons) : 0;
    if (p > 0.05)
        isb_note(s->options,
                 "warning: with %zu seeds and %zu comparisons p cannot come below %.2g: this "
                 "study can show no difference; take more seeds or fewer variants",
                 s->study.seed_count, comparisons, p);
}

static isb_status study(isb_studying *s, isb_error *error) {
    isb_signals_catch(s->command_line);
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
    isb_note(s->options, "%zu runs, %zu at a time, into %s", s->outcomes.count, s->workers,
             s->directory.path);
    warn_of_power(s);
    status = say_stopped(s, isb_studying_run(s, error), error);
    if (status == ISB_OK)
        status = tell(s, true, error);
    if (status == ISB_OK)
        isb_note(s->options, "written: %s/ with %s, %s, %s and %s", s->directory.path,
                 ISB_STUDY_REPORT, ISB_STUDY_RESULTS, ISB_STUDY_SUMMARY, ISB_STUDY_RESULT);
    return status;
}

/* The digest of the data that the study began with stands for the data, which are not opened. */
static isb_status take_data(isb_studying *s, const isb_study_origin *origin, isb_error *error) {
    s->data.sets = calloc(origin->data_count + 1, sizeof *s->data.sets);
    s->data.of_variant = calloc(s->study.variant_count, sizeof *s->data.of_variant);
    if (s->data.sets == NULL || s->data.of_variant == NULL)
        return isb_fail_memory(error, "the data sets");
    for (; s->data.count < origin->data_count; s->data.count++) {
        isb_dataset *set = &s->data.sets[s->data.count];
        set->source = strdup(origin->sources[s->data.count]);
        if (set->source == NULL)
            return isb_fail_memory(error, "the data sets");
        memcpy(set->sha256, origin->sha256[s->data.count], sizeof set->sha256);
    }
    isb_status status = ISB_OK;
    for (size_t v = 0; v < s->study.variant_count && status == ISB_OK; v++) {
        const char *text = s->study.variants[v].experiment;
        isb_experiment experiment;
        status = isb_experiment_parse(&experiment, text, strlen(text), "a variant of the study",
                                      NULL, 0, error);
        for (size_t i = 0; i < s->data.count && status == ISB_OK; i++)
            if (strcmp(experiment.source, s->data.sets[i].source) == 0)
                s->data.of_variant[v] = i;
        isb_experiment_free(&experiment);
    }
    return status;
}

/* The table so far, also of a study that is running. */
static isb_status show_status(isb_studying *s, isb_error *error) {
    isb_study_origin origin;
    isb_status status = isb_study_origin_read(&origin, s->options->status, error);
    if (status != ISB_OK)
        return status;
    s->directory.path = strdup(s->options->status);
    status = isb_study_read(&s->study, origin.file, origin.settings, origin.setting_count, error);
    if (status == ISB_OK)
        status = take_data(s, &origin, error);
    if (status == ISB_OK)
        status = isb_studying_make_outcomes(s, error);
    if (status == ISB_OK)
        status = isb_studying_collect(s, error);
    if (status == ISB_OK)
        status = tell(s, false, error);
    isb_study_origin_free(&origin);
    return status;
}

isb_status isb_command_study(const isb_options *options, const char *command_line,
                             isb_error *error) {
    isb_studying s = {.options = options,
                      .command_line = command_line,
                      .directory = {.lock = -1},
                      .threads = 1,
                      .started = time(NULL)};
    isb_status status =
        options->given[ISB_OPTION_STATUS] ? show_status(&s, error) : study(&s, error);
    free_studying(&s);
    return status;
}
