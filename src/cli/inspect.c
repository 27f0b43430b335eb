#include "cli/commands.h"
#include "cli/inspecting.h"
#include "cpu/threads.h"
#include "data/npy.h"
#include "data/npz.h"
#include "data/prepare.h"
#include "data/table_reading.h"
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *text, const char *end) {
    const size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* What cannot be read is nothing here; who shows it says so. */
static bool is_array(const char *path) {
    char start[ISB_NPY_MAGIC_SIZE];
    size_t got = 0;
    isb_input *input;
    if (isb_input_open(&input, path, NULL) != ISB_OK)
        return false;
    const isb_status status = isb_input_read(input, start, sizeof start, &got, NULL);
    isb_input_close(input);
    return status == ISB_OK && got == sizeof start && memcmp(start, ISB_NPY_MAGIC, got) == 0;
}

/* Whether its arrays have the names that make them a data set. */
static bool is_dataset(const char *path) {
    isb_npz *npz;
    if (isb_npz_open(&npz, path, NULL) != ISB_OK)
        return false;
    const bool found = (isb_npz_has(npz, "x") && isb_npz_has(npz, "y")) ||
                       (isb_npz_has(npz, "x_train") && isb_npz_has(npz, "y_train"));
    isb_npz_close(npz);
    return found;
}

/* Everything else is taken for a table of text. */
static isb_status inspect(const isb_inspection *inspection, isb_error *error) {
    const char *source = inspection->source;
    struct stat about;
    if (strcmp(source, "digits") == 0 || source[0] == '{' ||
        (stat(source, &about) == 0 && S_ISDIR(about.st_mode)))
        return isb_inspect_dataset(inspection, error);
    if (ends_with(source, ".npz"))
        return is_dataset(source) ? isb_inspect_dataset(inspection, error)
                                  : isb_inspect_arrays(inspection, true, error);
    return is_array(source) ? isb_inspect_arrays(inspection, false, error)
                            : isb_inspect_frame(inspection, error);
}

/* The data as the experiment reads them. */
static isb_status inspect_experiment(isb_inspection *inspection, const char *path,
                                     isb_error *error) {
    isb_experiment experiment;
    isb_table_reading reading = {0};
    isb_status status = isb_experiment_read(&experiment, path, NULL, 0, error);
    if (status != ISB_OK)
        return status;
    status = isb_table_reading_make(&reading, &experiment, NULL, inspection->how.threads, error);
    if (inspection->label == NULL && experiment.table.label != NULL) {
        inspection->label = experiment.table.label;
        inspection->label_from = "data.label";
    }
    inspection->source = experiment.source;
    inspection->regression = isb_is_regression(experiment.loss);
    inspection->how = reading.options;
    if (status == ISB_OK)
        status = inspect(inspection, error);
    isb_table_reading_free(&reading);
    isb_experiment_free(&experiment);
    return status;
}

isb_status isb_command_inspect(const isb_options *options, isb_error *error) {
    isb_thread_plan plan;
    isb_thread_plan_make(&plan, options->threads, 0);
    /* Labels that are few whole numbers are classes, too: they are read as texts. */
    isb_inspection inspection = {.source = options->file,
                                 .label = options->label,
                                 .label_from = "--label",
                                 .json = options->given[ISB_OPTION_JSON],
                                 .how = {.header = -1,
                                         .threads = plan.threads,
                                         .texts = (const char *[]){options->label},
                                         .text_count = options->label != NULL}};
    return ends_with(options->file, ".yaml") || ends_with(options->file, ".yml")
               ? inspect_experiment(&inspection, options->file, error)
               : inspect(&inspection, error);
}
