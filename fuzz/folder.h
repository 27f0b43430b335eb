/* A directory for targets whose readers want files of certain names. */
#ifndef ISB_FUZZ_FOLDER_H
#define ISB_FUZZ_FOLDER_H

#include "fuzz.h"
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static inline int folder_remove_one(const char *path, const struct stat *about, int kind,
                                    struct FTW *walk) {
    (void)about, (void)kind, (void)walk;
    return remove(path);
}

static inline void folder_remove(void) { nftw(folder, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS); }

/* Made at the first call, in memory where there is such a place; removed at the end. */
static inline const char *folder_path(void) {
    if (folder[0] == '\0') {
        strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/isobit-fuzz-XXXXXX"
                                                     : "/tmp/isobit-fuzz-XXXXXX");
        REQUIRE(mkdtemp(folder) != NULL && atexit(folder_remove) == 0);
    }
    return folder;
}

/* Puts a file there; gives its path, one of four in turn. */
static inline const char *folder_put(const char *name, const void *data, size_t size) {
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder_path(), name);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(file >= 0 && (size == 0 || write(file, data, size) == (ssize_t)size));
    REQUIRE(close(file) == 0);
    return path;
}

#endif
