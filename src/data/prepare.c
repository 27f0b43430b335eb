#include "data/prepare.h"
#include "data/digest.h"
#include "data/split.h"
#include "data/table_file.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool ends_with(const char *text, size_t length, const char *end) {
    const size_t end_length = strlen(end);
    return length > end_length && strncasecmp(text + length - end_length, end, end_length) == 0;
}

bool isb_source_is_table(const char *source) {
    static const char *const endings[] = {".csv", ".tsv", ".txt"};
    size_t length = strlen(source);
    if (ends_with(source, length, ".gz"))
        length -= strlen(".gz");
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(source, length, endings[i]))
            return true;
    return false;
}

bool isb_data_depend(const isb_experiment *experiment) {
    return isb_source_is_table(experiment->source) || experiment->test_fraction > 0;
}

/* --- what the experiment says of data that are no table --- */

static isb_status check_form(const isb_experiment *experiment, isb_error *error) {
    if (experiment->table.label == NULL)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "%s: data.label is for a table, but %s is none: a table's name ends in .csv, "
                    ".tsv or .txt, with .gz or without",
                    experiment->where_label != NULL ? experiment->where_label : "data.label",
                    experiment->source);
}

static size_t row_size(const isb_dataset *dataset) {
    const size_t element = dataset->train.dtype == ISB_F32 ? sizeof(float) : 1;
    return isb_shape_size(dataset->shape) * element;
}

static isb_status make_table(isb_table *out, const isb_table *like, size_t rows, size_t row_bytes,
                             isb_error *error) {
    const size_t targets = like->target_width * sizeof *out->targets;
    *out = (isb_table){.rows = rows,
                       .dtype = like->dtype,
                       .features = malloc(rows * row_bytes),
                       .labels = like->labels != NULL ? malloc(rows * sizeof *out->labels) : NULL,
                       .targets = like->targets != NULL ? malloc(rows * targets) : NULL,
                       .target_width = like->target_width,
                       .labels_from = strdup(like->labels_from)};
    if (out->features == NULL || (like->labels != NULL && out->labels == NULL) ||
        (like->targets != NULL && out->targets == NULL) || out->labels_from == NULL)
        return isb_fail_memory(error, "the test part");
    return ISB_OK;
}

static void copy_row(isb_table *to, size_t at, const isb_table *from, size_t row, size_t bytes) {
    const size_t width = from->target_width;
    memcpy((char *)to->features + at * bytes, (const char *)from->features + row * bytes, bytes);
    if (from->labels != NULL)
        to->labels[at] = from->labels[row];
    if (from->targets != NULL)
        memcpy(to->targets + at * width, from->targets + row * width, width * sizeof *to->targets);
}

/* Moves the rows that are held out to the test part; the others close up. */
static isb_status move_rows(isb_dataset *out, const bool *held, size_t count, isb_error *error) {
    const size_t bytes = row_size(out), rows = out->train.rows;
    size_t kept = 0, moved = 0;
    const isb_status status = make_table(&out->test, &out->train, count, bytes, error);
    if (status != ISB_OK)
        return status;
    for (size_t i = 0; i < rows; i++) {
        if (held[i])
            copy_row(&out->test, moved++, &out->train, i, bytes);
        else if (kept++ != i)
            copy_row(&out->train, kept - 1, &out->train, i, bytes);
    }
    out->train.rows = kept;
    return ISB_OK;
}

static isb_status split_test(isb_dataset *out, const isb_experiment *experiment, isb_error *error) {
    bool *held = NULL;
    size_t count;
    if (out->test.rows > 0)
        return isb_fail(error, ISB_USAGE,
                        "%s: data.test splits a test part off, but %s brings one; take data.test "
                        "out",
                        experiment->where_test != NULL ? experiment->where_test : "data.test",
                        out->source);
    isb_status status =
        isb_split_test(&held, &count, out->train.labels, out->train.rows, experiment, error);
    if (status == ISB_OK)
        status = move_rows(out, held, count, error);
    free(held);
    return status;
}

static isb_status prepare_arrays(isb_dataset *out, const isb_experiment *experiment,
                                 const isb_preparation *preparation, isb_error *error) {
    isb_status status = preparation->whole ? ISB_OK : check_form(experiment, error);
    if (status == ISB_OK)
        status = isb_dataset_open_for(out, experiment->source,
                                      isb_is_regression(experiment->loss), error);
    if (status == ISB_OK && experiment->test_fraction > 0 && !preparation->whole)
        status = split_test(out, experiment, error);
    return status;
}

isb_status isb_dataset_prepare(isb_dataset *out, const isb_experiment *experiment,
                               const isb_preparation *preparation, isb_error *error) {
    *out = (isb_dataset){.source = NULL};
    const isb_status status = isb_source_is_table(experiment->source)
                                  ? isb_table_file_open(out, experiment, preparation, error)
                                  : prepare_arrays(out, experiment, preparation, error);
    if (status != ISB_OK)
        isb_dataset_free(out);
    return status;
}
