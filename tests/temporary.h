/* A directory of a test's own, removed with all that is in it. */
#ifndef ISB_TESTS_TEMPORARY_H
#define ISB_TESTS_TEMPORARY_H

#include "check.h"
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct temporary {
    char path[64];
} temporary;

static inline temporary temporary_make(void) {
    temporary directory = {"/tmp/isobit-test-XXXXXX"};
    CHECK(mkdtemp(directory.path) != NULL);
    return directory;
}

static inline int temporary_remove_one(const char *path, const struct stat *about, int kind,
                                       struct FTW *walk) {
    (void)about, (void)kind, (void)walk;
    return remove(path);
}

static inline void temporary_remove(const temporary *directory) {
    CHECK(nftw(directory->path, temporary_remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* A path in the directory; one of eight buffers in turn. */
static inline const char *temporary_path(const temporary *directory, const char *name) {
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", directory->path, name);
    return path;
}

/* Writes the file without any of the program's own means. */
static inline void temporary_put(const char *path, const void *data, size_t length) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(data, 1, length, file) == length);
    CHECK(fclose(file) == 0);
}

/* The text of a file, released by free(); NULL where there is none. */
static inline char *temporary_get(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *text = calloc(1, 1 << 20);
    CHECK(text != NULL);
    size_t got = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    if (length != NULL)
        *length = got;
    return text;
}

static inline bool temporary_has(const char *path) { return access(path, F_OK) == 0; }

#endif
