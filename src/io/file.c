#include "io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* ".isobit-", 16 hex digits, ".tmp": short, so that any name that fits a directory can be written.
 */
#define TEMPORARY_PREFIX ".isobit-"
#define TEMPORARY_SUFFIX ".tmp"
enum { TEMPORARY_DIGITS = 16, TEMPORARY_SIZE = 32, TEMPORARY_TRIES = 100 };

char *isb_path_join(const char *directory, const char *name) {
    size_t length = strlen(directory), more = strlen(name) + 2;
    char *path = malloc(length + more);
    if (path == NULL)
        return NULL;
    const char *slash = length > 0 && directory[length - 1] == '/' ? "" : "/";
    snprintf(path, length + more, "%s%s%s", directory, slash, name);
    return path;
}

bool isb_file_is_temporary(const char *name) {
    size_t prefix = strlen(TEMPORARY_PREFIX);
    return strncmp(name, TEMPORARY_PREFIX, prefix) == 0 &&
           strspn(name + prefix, "0123456789abcdef") == TEMPORARY_DIGITS &&
           strcmp(name + prefix + TEMPORARY_DIGITS, TEMPORARY_SUFFIX) == 0;
}

/* Reading. */

/* Whether the path itself leads nowhere. Anything else may be over at the next attempt, and says
 * nothing of what the file holds. */
static bool leads_nowhere(int code) {
    return code == ENOENT || code == ENOTDIR || code == ELOOP || code == ENAMETOOLONG;
}

static isb_status fail_read(isb_error *error, isb_status status, const char *path, int code) {
    if (code == ENOENT)
        return isb_fail(error, status, "%s: does not exist", path);
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

/* Writing. */

static isb_status fail_write(isb_error *error, const char *path, int code) {
    if (code == ENOMEM)
        return isb_fail_memory(error, path);
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        return isb_fail(error, ISB_FAILURE,
                        "%s: cannot be written: %s; free space there, or choose another "
                        "directory with --run DIR",
                        path, strerror(code));
    return isb_fail(error, ISB_FAILURE, "%s: cannot be written: %s", path, strerror(code));
}

/* The directory part of `path`, opened; -1 and errno on an error. */
static int open_directory_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *directory = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (directory == NULL)
        return -1;
    int result = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = errno;
    free(directory);
    errno = code;
    return result;
}

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int create_temporary(int directory, char name[TEMPORARY_SIZE]) {
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        uint64_t random;
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            return -1;
        snprintf(name, TEMPORARY_SIZE, TEMPORARY_PREFIX "%016jx" TEMPORARY_SUFFIX,
                 (uintmax_t)random);
        int file =
            openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST)
            return file;
    }
    return -1;
}

/* Takes the room on the disk before a byte is written, so that a full disk shows at once. */
static int reserve(int file, size_t total) {
    if (total == 0)
        return 0;
    if (total > INT64_MAX)
        return EFBIG;
    int code;
    do {
        code = posix_fallocate(file, 0, (off_t)total);
    } while (code == EINTR);
    /* A file system may not know how to; then the writes themselves will tell. */
    return code == EOPNOTSUPP || code == EINVAL || code == ENOSYS ? 0 : code;
}

static int write_piece(int file, isb_bytes piece) {
    const char *data = piece.data;
    size_t left = piece.length;
    while (left > 0) {
        ssize_t put = write(file, data, left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        if (put == 0)
            return EIO;
        data += put;
        left -= (size_t)put;
    }
    return 0;
}

static int write_pieces(int file, const isb_bytes *pieces, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        if (__builtin_add_overflow(total, pieces[i].length, &total))
            return EFBIG;
    int code = reserve(file, total);
    for (size_t i = 0; i < count && code == 0; i++)
        code = write_piece(file, pieces[i]);
    return code;
}

/* Puts the temporary file in the place of `name`, whose old file gets the name `keep` if not NULL.
 */
static int put_in_place(int directory, const char *temporary, const char *name, const char *keep) {
    bool kept = false;
    if (keep != NULL) {
        kept = renameat(directory, name, directory, keep) == 0;
        if (!kept && errno != ENOENT)
            return errno;
    }
    if (renameat(directory, temporary, directory, name) == 0)
        return 0;
    int code = errno;
    if (kept)
        renameat(directory, keep, directory, name);
    return code;
}

/* An fsync that failed is never tried again: the kernel has dropped what it could not write, and
 * would report success. */
static int write_in(int directory, const char *name, const char *keep, const isb_bytes *pieces,
                    size_t count) {
    char temporary[TEMPORARY_SIZE];
    int file = create_temporary(directory, temporary);
    if (file < 0)
        return errno;
    int code = write_pieces(file, pieces, count);
    if (code == 0 && fsync(file) != 0)
        code = errno;
    if (close(file) != 0 && code == 0)
        code = errno;
    if (code == 0)
        code = put_in_place(directory, temporary, name, keep);
    if (code != 0) {
        unlinkat(directory, temporary, 0);
        return code;
    }
    return fsync(directory) == 0 || errno == EINVAL ? 0 : errno;
}

isb_status isb_file_rotate(const char *path, const char *keep, const isb_bytes *pieces,
                           size_t count, isb_error *error) {
    int directory = open_directory_of(path);
    if (directory < 0)
        return fail_write(error, path, errno);
    int code =
        write_in(directory, name_of(path), keep == NULL ? NULL : name_of(keep), pieces, count);
    close(directory);
    return code == 0 ? ISB_OK : fail_write(error, path, code);
}

isb_status isb_file_write(const char *path, const isb_bytes *pieces, size_t count,
                          isb_error *error) {
    return isb_file_rotate(path, NULL, pieces, count, error);
}
