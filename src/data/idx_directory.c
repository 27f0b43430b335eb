#include "data/idx_directory.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static isb_status find_train(const char *directory, isb_data_source *files, isb_error *error) {
    const char *remedy = "put it there, or use the source digits, which needs no file";
    isb_status status = find_file(directory, "train-images", 3, &files->x, error);
    if (status == ISB_OK)
        status = find_file(directory, "train-labels", 1, &files->y, error);
    if (status == ISB_OK && files->x == NULL)
        status = fail_missing(directory, "train-images", 3, remedy, error);
    if (status != ISB_NO_MEMORY && files->y == NULL)
        status = fail_missing(directory, "train-labels", 1, remedy, error);
    return status;
}

/* Both files or neither. */
static isb_status find_test(const char *directory, isb_data_source *files, isb_error *error) {
    isb_status status = find_file(directory, "t10k-images", 3, &files->x_test, error);
    if (status == ISB_OK)
        status = find_file(directory, "t10k-labels", 1, &files->y_test, error);
    if (status != ISB_OK || (files->x_test == NULL) == (files->y_test == NULL))
        return status;
    if (files->x_test == NULL)
        return fail_missing(directory, "t10k-images", 3,
                            "put it there, or take its labels away to go without a test part",
                            error);
    return fail_missing(directory, "t10k-labels", 1,
                        "put it there, or take its images away to go without a test part", error);
}

isb_status isb_idx_directory_find(isb_data_source *out, const char *directory, isb_error *error) {
    *out = (isb_data_source){0};
    const isb_status status = find_train(directory, out, error);
    return status == ISB_OK ? find_test(directory, out, error) : status;
}
