/* Files for the tests of readers, in a directory of their own that is the working directory
 * meanwhile. */
#ifndef ISB_TESTS_DATA_FILES_H
#define ISB_TESTS_DATA_FILES_H

#include "check.h"
#include <ftw.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char data_directory[64];

static inline void enter_directory(void) {
    strcpy(data_directory, "/tmp/isobit-data-XXXXXX");
    CHECK(mkdtemp(data_directory) != NULL);
    CHECK(chdir(data_directory) == 0);
}

static inline int remove_one(const char *path, const struct stat *about, int kind,
                             struct FTW *where) {
    (void)about, (void)kind, (void)where;
    return remove(path);
}

static inline void leave_directory(void) {
    CHECK(chdir("/") == 0);
    CHECK(nftw(data_directory, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

static inline void put(const char *name, const void *data, size_t length) {
    FILE *file = fopen(name, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(data, 1, length, file) == length);
    CHECK(fclose(file) == 0);
}

static inline void put_gzip(const char *name, const void *data, size_t length) {
    gzFile file = gzopen(name, "wb");
    CHECK(file != NULL);
    CHECK(length == 0 || gzwrite(file, data, (unsigned)length) == (int)length);
    CHECK(gzclose(file) == Z_OK);
}

/* The file's content in `data`; its length. */
static inline size_t get(const char *name, uint8_t *data, size_t room) {
    FILE *file = fopen(name, "rb");
    CHECK(file != NULL);
    size_t length = fread(data, 1, room, file);
    CHECK(fclose(file) == 0);
    return length;
}

/* An IDX file of bytes 0, 1, 2, ... with these sizes (ended by 0); its length. */
static inline size_t make_idx(uint8_t *to, const uint32_t *sizes) {
    size_t rank = 0, count = 1;
    for (; sizes[rank] != 0; rank++) {
        for (size_t i = 0; i < 4; i++)
            to[4 + 4 * rank + i] = (uint8_t)(sizes[rank] >> (24 - 8 * i));
        count *= sizes[rank];
    }
    memcpy(to, (const uint8_t[]){0, 0, 8, (uint8_t)rank}, 4);
    for (size_t i = 0; i < count; i++)
        to[4 + 4 * rank + i] = (uint8_t)i;
    return 4 + 4 * rank + count;
}

#define SIZES(...) ((const uint32_t[]){__VA_ARGS__, 0})

#endif
