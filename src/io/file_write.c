/* Files written so that either the old or the new content survives. */
#include "io/file_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* ".isobit-", 16 hex digits, ".tmp": short, so that any name that fits a directory can be written.
 */
#define TEMPORARY_PREFIX ".isobit-"
#define TEMPORARY_SUFFIX ".tmp"
enum { TEMPORARY_DIGITS = 16, TEMPORARY_SIZE = 32, TEMPORARY_TRIES = 100 };

bool isb_file_is_temporary(const char *name) {
    size_t prefix = strlen(TEMPORARY_PREFIX);
    return strncmp(name, TEMPORARY_PREFIX, prefix) == 0 &&
           strspn(name + prefix, "0123456789abcdef") == TEMPORARY_DIGITS &&
           strcmp(name + prefix + TEMPORARY_DIGITS, TEMPORARY_SUFFIX) == 0;
}

isb_status isb_file_fail_write(isb_error *error, const char *path, int code) {
    if (code == ENOMEM)
        return isb_fail_memory(error, path);
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        return isb_fail(error, ISB_FAILURE,
                        "%s: cannot be written: %s; free space there, or choose another "
                        "directory with --run DIR",
                        path, strerror(code));
    return isb_fail(error, ISB_FAILURE, "%s: cannot be written: %s", path, strerror(code));
}

int isb_file_open_directory(const char *path) {
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

/* Some file systems cannot sync a directory, and say so. */
int isb_file_sync_directory(int directory) {
    return fsync(directory) == 0 || errno == EINVAL ? 0 : errno;
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

int isb_file_put(int file, isb_bytes piece) {
    const char *data = piece.data;
    size_t left = piece.length;
    while (left > 0) {
        ssize_t put = write(file, data, left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? errno : EIO;
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
        code = isb_file_put(file, pieces[i]);
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
    return isb_file_sync_directory(directory);
}

isb_status isb_file_rotate(const char *path, const char *keep, const isb_bytes *pieces,
                           size_t count, isb_error *error) {
    int directory = isb_file_open_directory(path);
    if (directory < 0)
        return isb_file_fail_write(error, path, errno);
    int code =
        write_in(directory, name_of(path), keep == NULL ? NULL : name_of(keep), pieces, count);
    close(directory);
    return code == 0 ? ISB_OK : isb_file_fail_write(error, path, code);
}

isb_status isb_file_write(const char *path, const isb_bytes *pieces, size_t count,
                          isb_error *error) {
    return isb_file_rotate(path, NULL, pieces, count, error);
}
