#include "io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *isb_path_join(const char *directory, const char *name) {
    size_t length = strlen(directory), more = strlen(name) + 2;
    char *path = malloc(length + more);
    if (path == NULL)
        return NULL;
    const char *slash = length > 0 && directory[length - 1] == '/' ? "" : "/";
    snprintf(path, length + more, "%s%s%s", directory, slash, name);
    return path;
}

/* Whether the path itself leads nowhere. Anything else may be over at the next attempt, and says
 * nothing of what the file holds. */
static bool leads_nowhere(int code) {
    return code == ENOENT || code == ENOTDIR || code == ELOOP || code == ENAMETOOLONG;
}

static isb_status fail_read(isb_error *error, isb_status status, const char *path, int code) {
    if (code == ENOENT)
        return isb_fail(error, status, "%s: does not exist", path);
    if (code == ENXIO)
        return isb_fail(error, status, "%s: is a socket or a device, not a file", path);
    if (code == ENOMEM)
        return isb_fail_memory(error, path);
    const bool denied = (code == EACCES || code == EPERM) && status != ISB_CORRUPT;
    return isb_fail(error, denied || leads_nowhere(code) ? status : ISB_FAILURE,
                    "%s: cannot be read: %s", path, strerror(code));
}

static const char *kind_of(mode_t mode) {
    if (S_ISDIR(mode))
        return "a directory";
    if (S_ISFIFO(mode))
        return "a pipe";
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return "a device";
    return "no regular file";
}

/* Reads until `wanted` bytes are there or the file ends; -1 and errno on an error. */
static ssize_t read_all(int file, char *data, size_t wanted) {
    size_t done = 0;
    while (done < wanted) {
        ssize_t got = read(file, data + done, wanted - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static isb_status read_open_file(int file, const char *path, size_t limit, char **data,
                                 size_t *length, isb_status status, isb_error *error) {
    struct stat about;
    if (fstat(file, &about) != 0)
        return fail_read(error, status, path, errno);
    if (!S_ISREG(about.st_mode))
        return isb_fail(error, status, "%s: is %s, not a file", path, kind_of(about.st_mode));
    if ((uintmax_t)about.st_size > limit || (uintmax_t)about.st_size >= SSIZE_MAX)
        return isb_fail(error, status, "%s: has %jd bytes; at most %zu are read", path,
                        (intmax_t)about.st_size, limit);
    size_t size = (size_t)about.st_size;
    char *bytes = malloc(size + 1);
    if (bytes == NULL)
        return isb_fail_memory(error, path);
    ssize_t got = read_all(file, bytes, size + 1); /* one more shows that the file grows */
    if (got < 0 || (size_t)got != size) {
        int code = errno;
        free(bytes);
        return got < 0 ? fail_read(error, status, path, code)
                       : isb_fail(error, status,
                                  "%s: changed while it was read; try again when nothing writes it",
                                  path);
    }
    bytes[size] = '\0';
    *data = bytes;
    *length = size;
    return ISB_OK;
}

isb_status isb_file_read(const char *path, size_t limit, char **data, size_t *length,
                         isb_status status, isb_error *error) {
    *data = NULL;
    *length = 0;
    /* O_NONBLOCK: opening a pipe that nobody writes to must not wait. */
    int file;
    do {
        file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } while (file < 0 && errno == EINTR);
    if (file < 0)
        return fail_read(error, status, path, errno);
    isb_status result = read_open_file(file, path, limit, data, length, status, error);
    close(file);
    return result;
}
