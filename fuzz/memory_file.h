/* The input as a file that readers can open by its path. */
#ifndef ISB_FUZZ_MEMORY_FILE_H
#define ISB_FUZZ_MEMORY_FILE_H

#include "fuzz.h"
#include <sys/mman.h>
#include <unistd.h>

/* Always the same path, with the bytes in it. */
static inline const char *memory_file(const void *data, size_t size) {
    static int file = -1;
    static char path[64];
    if (file < 0) {
        file = memfd_create("input", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    REQUIRE(file >= 0 && ftruncate(file, 0) == 0);
    REQUIRE(size == 0 || pwrite(file, data, size, 0) == (ssize_t)size);
    return path;
}

#endif
