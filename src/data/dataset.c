#include "data/digest.h"
#include "data/digits.h"
#include "data/idx.h"
#include <errno.h>
#include <isobit/dataset.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The paths of a part's two files; NULL where there is none. */
typedef struct part_files {
    char *images, *labels;
} part_files;

static bool exists(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0 || errno != ENOENT;
}

/* The first of the usual spellings of `what` ("train-images") that exists, or NULL in *path. A file
 * that is not gzipped wins. */
static isb_status find_file(const char *directory, const char *what, int rank, char **path,
                            isb_error *error) {
    static const char *const separators[] = {"-", "."};
    static const char *const endings[] = {"", ".gz"};
    size_t length = strlen(directory);
    const char *slash = directory[length - 1] == '/' ? "" : "/";
    for (size_t i = 0; i < 4; i++) {
        if (asprintf(path, "%s%s%s%sidx%d-ubyte%s", directory, slash, what, separators[i % 2], rank,
                     endings[i / 2]) < 0) {
            *path = NULL;
            return isb_fail_memory(error, "a path");
        }
        if (exists(*path))
            return ISB_OK;
        free(*path);
    }
    *path = NULL;
    return ISB_OK;
}

static isb_status fail_missing(const char *directory, const char *what, int rank,
                               const char *remedy, isb_error *error) {
    return isb_fail(error, ISB_DATA,
                    "%s: has neither %s-idx%d-ubyte nor %s.idx%d-ubyte, with .gz or without; %s",
                    directory, what, rank, what, rank, remedy);
}

static isb_status find_train(const char *directory, part_files *files, isb_error *error) {
    const char *remedy = "put it there, or use the source digits, which needs no file";
    isb_status status = find_file(directory, "train-images", 3, &files->images, error);
    if (status == ISB_OK)
        status = find_file(directory, "train-labels", 1, &files->labels, error);
    if (status == ISB_OK && files->images == NULL)
        status = fail_missing(directory, "train-images", 3, remedy, error);
    if (status != ISB_NO_MEMORY && files->labels == NULL)
        status = fail_missing(directory, "train-labels", 1, remedy, error);
    return status;
}

/* Both files or neither. */
static isb_status find_test(const char *directory, part_files *files, isb_error *error) {
    isb_status status = find_file(directory, "t10k-images", 3, &files->images, error);
    if (status == ISB_OK)
        status = find_file(directory, "t10k-labels", 1, &files->labels, error);
    if (status != ISB_OK || (files->images == NULL) == (files->labels == NULL))
        return status;
    if (files->images == NULL)
        return fail_missing(directory, "t10k-images", 3,
                            "put it there, or take its labels away to go without a test part",
                            error);
    return fail_missing(directory, "t10k-labels", 1,
                        "put it there, or take its images away to go without a test part", error);
}

static isb_status read_labels(isb_table *table, const part_files *files, isb_error *error) {
    isb_idx labels;
    isb_status status = isb_idx_read(&labels, files->labels, ISB_IDX_LABELS, error);
    if (status != ISB_OK)
        return status;
    size_t count = labels.sizes[0];
    if (count != table->rows) {
        status = isb_fail(error, ISB_DATA,
                          "%s: has %zu label%s, but %s has %zu image%s; use two files that belong "
                          "together",
                          files->labels, count, count == 1 ? "" : "s", files->images, table->rows,
                          table->rows == 1 ? "" : "s");
    } else {
        table->labels = malloc(count * sizeof *table->labels);
        table->labels_from = strdup(files->labels);
        if (table->labels == NULL || table->labels_from == NULL)
            status = isb_fail_memory(error, "labels");
        for (size_t i = 0; status == ISB_OK && i < count; i++)
            table->labels[i] = labels.elements[i];
    }
    isb_idx_free(&labels);
    return status;
}

static isb_status read_part(isb_table *table, isb_shape *shape, const part_files *files,
                            isb_error *error) {
    isb_idx images;
    isb_status status = isb_idx_read(&images, files->images, ISB_IDX_IMAGES, error);
    if (status != ISB_OK)
        return status;
    table->rows = images.sizes[0];
    table->dtype = ISB_U8;
    table->features = images.elements;
    *shape = (isb_shape){images.rank - 1, {0}};
    for (size_t i = 1; i < images.rank; i++)
        shape->sizes[i - 1] = images.sizes[i];
    return read_labels(table, files, error);
}

/* "28 x 28" */
static const char *shape_text(isb_shape shape, char text[64]) {
    size_t length = 0;
    for (size_t i = 0; i < shape.rank; i++)
        length += (size_t)snprintf(text + length, 64 - length, "%s%zu", i > 0 ? " x " : "",
                                   shape.sizes[i]);
    return text;
}

static isb_status read_parts(isb_dataset *out, const part_files *train, const part_files *test,
                             isb_error *error) {
    isb_status status = read_part(&out->train, &out->shape, train, error);
    if (status != ISB_OK || test->images == NULL)
        return status;
    isb_shape shape;
    status = read_part(&out->test, &shape, test, error);
    if (status == ISB_OK && !isb_shape_equal(shape, out->shape)) {
        char here[64], there[64];
        status = isb_fail(error, ISB_DATA,
                          "%s: its images are %s, those of %s are %s; both parts need the same "
                          "shape",
                          test->images, shape_text(shape, here), train->images,
                          shape_text(out->shape, there));
    }
    return status;
}

static isb_status check_directory(const char *source, isb_error *error) {
    struct stat about;
    if (stat(source, &about) != 0)
        return isb_fail(error, ISB_DATA,
                        "data source '%s': %s; give a directory of IDX files, or digits, which is "
                        "built in and needs no file",
                        source, strerror(errno));
    if (!S_ISDIR(about.st_mode))
        return isb_fail(error, ISB_DATA,
                        "data source '%s': is not a directory; give the directory that holds the "
                        "IDX files, or digits, which is built in and needs no file",
                        source);
    return ISB_OK;
}

static isb_status open_directory(isb_dataset *out, const char *source, isb_error *error) {
    part_files train = {NULL, NULL}, test = {NULL, NULL};
    isb_status status = check_directory(source, error);
    if (status == ISB_OK)
        status = find_train(source, &train, error);
    if (status == ISB_OK)
        status = find_test(source, &test, error);
    if (status == ISB_OK)
        status = read_parts(out, &train, &test, error);
    free(train.images);
    free(train.labels);
    free(test.images);
    free(test.labels);
    return status;
}

isb_status isb_dataset_open(isb_dataset *out, const char *source, isb_error *error) {
    *out = (isb_dataset){.source = strdup(source)};
    isb_status status = ISB_OK;
    if (out->source == NULL)
        status = isb_fail_memory(error, "a path");
    else if (strcmp(source, "digits") == 0)
        status = isb_digits_make(out, error);
    else
        status = open_directory(out, source, error);
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
    *dataset = (isb_dataset){.source = NULL};
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
    isb_status status = check_table(dataset, &dataset->train, classes, error);
    return status == ISB_OK ? check_table(dataset, &dataset->test, classes, error) : status;
}
