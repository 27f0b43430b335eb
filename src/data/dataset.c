#include "base/number.h"
#include "data/arrays.h"
#include "data/digest.h"
#include "data/digits.h"
#include "data/idx_directory.h"
#include "data/input.h"
#include "data/npy.h"
#include "data/preprocessing.h"
#include <errno.h>
#include <isobit/dataset.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static isb_status open_directory(isb_dataset *out, const char *path, isb_error *error) {
    isb_data_source files;
    isb_status status = isb_idx_directory_find(&files, path, error);
    if (status == ISB_OK)
        status = isb_arrays_read(out, &files, true, false, error);
    isb_data_source_free(&files);
    return status;
}

/* What a single file is, by its first bytes. */
static isb_status open_file(isb_dataset *out, const char *path, bool regression, isb_error *error) {
    uint8_t start[ISB_NPY_MAGIC_SIZE] = {0};
    size_t got;
    isb_input *input;
    isb_status status = isb_input_open(&input, path, error);
    if (status != ISB_OK)
        return status;
    status = isb_input_read(input, start, sizeof start, &got, error);
    isb_input_close(input);
    if (status != ISB_OK)
        return status;
    if (memcmp(start, "PK", 2) == 0)
        return isb_arrays_read_archive(out, path, regression, error);
    if (memcmp(start, ISB_NPY_MAGIC, ISB_NPY_MAGIC_SIZE) == 0)
        return isb_fail(error, ISB_DATA,
                        "data source '%s': is one array; name features and labels, such as source: "
                        "{x: x.npy, y: y.npy}",
                        path);
    return isb_fail(error, ISB_DATA,
                    "data source '%s': is no file of data that is known; give a .npz file, the "
                    "directory that holds IDX files, or digits, which is built in and needs no "
                    "file",
                    path);
}

static isb_status open_path(isb_dataset *out, const char *path, bool regression, isb_error *error) {
    struct stat about;
    if (stat(path, &about) != 0)
        return isb_fail(error, ISB_DATA,
                        "data source '%s': %s; give a directory of IDX files, a .npz file, or "
                        "digits, which is built in and needs no file",
                        path, strerror(errno));
    return S_ISDIR(about.st_mode) ? open_directory(out, path, error)
                                  : open_file(out, path, regression, error);
}

static isb_status open_arrays(isb_dataset *out, const char *text, bool regression,
                              isb_error *error) {
    isb_data_source source;
    isb_status status = isb_data_source_parse(&source, text, error);
    if (status == ISB_OK)
        status = isb_arrays_read(out, &source, false, regression, error);
    isb_data_source_free(&source);
    return status;
}

isb_status isb_dataset_open(isb_dataset *out, const char *source, isb_error *error) {
    return isb_dataset_open_for(out, source, false, error);
}

isb_status isb_dataset_open_for(isb_dataset *out, const char *source, bool regression,
                                isb_error *error) {
    *out = (isb_dataset){.source = strdup(source)};
    isb_status status = ISB_OK;
    if (out->source == NULL)
        status = isb_fail_memory(error, "a path");
    else if (strcmp(source, "digits") == 0)
        status = isb_digits_make(out, error);
    else if (source[0] == '{')
        status = open_arrays(out, source, regression, error);
    else
        status = open_path(out, source, regression, error);
    if (status == ISB_OK)
        status = isb_dataset_digest(out, error);
    if (status != ISB_OK)
        isb_dataset_free(out);
    return status;
}

static void free_table(isb_table *table) {
    free(table->features);
    free(table->labels);
    free(table->targets);
    free(table->labels_from);
}

void isb_dataset_free(isb_dataset *dataset) {
    free(dataset->source);
    free_table(&dataset->train);
    free_table(&dataset->test);
    if (dataset->preprocessing != NULL)
        isb_preprocessing_free(dataset->preprocessing);
    free(dataset->preprocessing);
    *dataset = (isb_dataset){.source = NULL};
}

const char *isb_dataset_class(const isb_dataset *dataset, size_t class) {
    const isb_preprocessing *p = dataset->preprocessing;
    return p != NULL && class < p->class_count ? p->classes[class] : NULL;
}

/* So many numbers are hardly classes. */
static const char *regression_hint(const isb_preprocessing *p) {
    enum { MANY = 20 };
    double value;
    bool numbers = p->class_count > MANY;
    for (size_t i = 0; numbers && i < p->class_count; i++)
        numbers = isb_parse_double(p->classes[i], &value);
    return numbers ? "; where it is a number to come near to, take loss: mean_squared_error and a "
                     "linear output of units: 1"
                   : "";
}

/* A table knows its classes by name. */
static isb_status check_class_count(const isb_dataset *dataset, size_t classes, isb_error *error) {
    const isb_preprocessing *p = dataset->preprocessing;
    if (p == NULL || p->classes == NULL || p->class_count == classes)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "%s: column '%s' has %zu class%s, but the output layer has %zu units; give it "
                    "units: %zu%s",
                    dataset->source, p->label, p->class_count, p->class_count == 1 ? "" : "es",
                    classes, p->class_count, regression_hint(p));
}

static size_t highest_label(const isb_table *table) {
    size_t highest = 0;
    for (size_t i = 0; i < table->rows; i++)
        highest = table->labels[i] > highest ? table->labels[i] : highest;
    return highest;
}

static isb_status check_table(const isb_dataset *dataset, const isb_table *table, size_t classes,
                              isb_error *error) {
    size_t row = 0;
    while (row < table->rows && table->labels[row] < classes)
        row++;
    if (row == table->rows)
        return ISB_OK;
    size_t train = highest_label(&dataset->train), test = highest_label(&dataset->test);
    bool drawn = strcmp(dataset->source, "digits") == 0;
    return isb_fail(error, ISB_DATA,
                    "%s: row %zu (counted from 0) has label %u, outside the model's %zu class%s (0 "
                    "to %zu); %sgive the output layer %zu units",
                    table->labels_from, row, table->labels[row], classes, classes == 1 ? "" : "es",
                    classes - 1, drawn ? "" : "mend the file, or ",
                    (train > test ? train : test) + 1);
}

isb_status isb_dataset_check_labels(const isb_dataset *dataset, size_t classes, isb_error *error) {
    isb_status status = check_class_count(dataset, classes, error);
    if (status == ISB_OK)
        status = check_table(dataset, &dataset->train, classes, error);
    return status == ISB_OK ? check_table(dataset, &dataset->test, classes, error) : status;
}
