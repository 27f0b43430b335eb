/* What a study found: printed, and written into its directory. */
#include "cli/command_line.h"
#include "cli/page.h"
#include "cli/studying.h"
#include "cli/terminal.h"
#include "cpu/features.h"
#include "io/file.h"
#include "simd/dispatch.h"
#include "study/answer.h"
#include "study/plots.h"
#include "study/report.h"
#include "study/results.h"
#include "study/table.h"
#include "train/choice.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

/* --- how the study was made --- */

/* What makes the run of a variant with the first seed again. */
static char *make_run_command(const isb_studying *s, size_t variant) {
    char seed[24];
    char *file = isb_study_variant_file(&s->directory, variant);
    if (file == NULL)
        return NULL;
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->study.seeds[0]);
    const char *const words[] = {"isobit", "train", file, "--seed", seed, "--run", "runs/again"};
    char *command = isb_command_line(sizeof words / sizeof words[0], words);
    free(file);
    return command;
}

static double seconds_of_runs(const isb_outcomes *outcomes) {
    double sum = 0;
    for (size_t i = 0; i < outcomes->count; i++)
        sum += isfinite(outcomes->items[i].seconds) ? outcomes->items[i].seconds : 0;
    return sum;
}

/* What a record borrows. */
typedef struct made {
    isb_study_record record;
    char *study_text, *base_text;
    char **commands;
    size_t count;
    char cpu[128];
} made;

static isb_status make_texts(made *m, const isb_studying *s, isb_error *error) {
    size_t length;
    isb_status status =
        isb_file_read(s->study.file, (size_t)1 << 20, &m->study_text, &length, ISB_USAGE, error);
    if (status == ISB_OK)
        status = isb_experiment_write(&s->study.base, &m->base_text, error);
    m->commands = calloc(s->study.variant_count, sizeof *m->commands);
    if (status == ISB_OK && m->commands == NULL)
        status = isb_fail_memory(error, "the report of the study");
    for (; status == ISB_OK && m->count < s->study.variant_count; m->count++) {
        m->commands[m->count] = make_run_command(s, m->count);
        if (m->commands[m->count] == NULL)
            status = isb_fail_memory(error, "the report of the study");
    }
    return status;
}

static isb_status make_record(made *m, const isb_studying *s, isb_error *error) {
    const isb_dataset *data = &s->data.of_variant[s->study.baseline].set->dataset;
    isb_isa isa;
    isb_status status = isb_choose_isa(&isa, s->options->isa, error);
    if (status == ISB_OK)
        status = make_texts(m, s, error);
    if (status != ISB_OK)
        return status;
    isb_cpu_name(m->cpu, sizeof m->cpu);
    m->record = (isb_study_record){.data_source = data->source,
                                   .data_sha256 = data->sha256,
                                   .study_text = m->study_text,
                                   .base_text = m->base_text,
                                   .command = s->command_line,
                                   .run_commands = (const char *const *)m->commands,
                                   .cpu = m->cpu,
                                   .isa = s->only_look ? NULL : isb_isa_name(isa),
                                   .threads = s->plan.threads,
                                   .started = s->started,
                                   .finished = s->only_look ? 0 : time(NULL),
                                   .seconds = seconds_of_runs(&s->outcomes)};
    return ISB_OK;
}

static void free_made(made *m) {
    for (size_t v = 0; v < m->count; v++)
        free(m->commands[v]);
    free(m->commands);
    free(m->study_text);
    free(m->base_text);
}

/* --- files --- */

static isb_status write_text(const isb_studying *s, const char *name, isb_status status, char *text,
                             isb_error *error) {
    if (status == ISB_OK)
        status = isb_study_directory_write(&s->directory, name, text, error);
    free(text);
    return status;
}

static isb_status write_files(const isb_studying *s, const isb_findings *findings,
                              const isb_study_record *record, const char *json, isb_error *error) {
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
        status = isb_study_directory_write(&s->directory, ISB_STUDY_RESULT, json, error);
    return status;
}

static isb_status tell(const isb_studying *s, const isb_findings *findings, bool write,
                       isb_error *error) {
    const bool print_json = s->options->given[ISB_OPTION_JSON];
    made m = {0};
    char *json = NULL;
    isb_status status = ISB_OK;
    if (write || print_json)
        status = make_record(&m, s, error);
    if (status == ISB_OK && (write || print_json))
        status = isb_study_json(findings, &m.record, &json, error);
    if (status == ISB_OK && write)
        status = write_files(s, findings, &m.record, json, error);
    if (status == ISB_OK && print_json)
        status = isb_print_json(json, error), json = NULL;
    else if (status == ISB_OK)
        status = print_findings(findings, error);
    free(json);
    free_made(&m);
    return status;
}

isb_status isb_studying_tell(const isb_studying *s, bool write, isb_error *error) {
    isb_study_summary summary;
    isb_status status = isb_study_summarize(&summary, &s->study, &s->outcomes, error);
    if (status != ISB_OK)
        return status;
    status = tell(s, &(isb_findings){&s->study, &s->outcomes, &summary}, write, error);
    isb_study_summary_free(&summary);
    return status;
}
