/* Files that grow by whole lines. */
#include "io/file_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_here(const char *path, int flags) {
    return open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
}

/* The name of a new file outlasts a power failure only where its directory is synced, too. */
static int sync_name(const char *path) {
    const int directory = isb_file_open_directory(path);
    if (directory < 0)
        return errno;
    const int code = isb_file_sync_directory(directory);
    close(directory);
    return code;
}

/* Half a line must not stay behind. */
static int append(int file, isb_bytes lines, size_t *length) {
    struct stat about;
    if (fstat(file, &about) != 0)
        return errno;
    if (!S_ISREG(about.st_mode))
        return EINVAL;
    int code = isb_file_put(file, lines);
    if (code == 0 && fsync(file) != 0)
        code = errno;
    if (code != 0 && ftruncate(file, about.st_size) != 0)
        return code;
    *length = (size_t)about.st_size + lines.length;
    return code;
}

isb_status isb_file_append(const char *path, isb_bytes lines, size_t *length, isb_error *error) {
    int file = open_here(path, O_WRONLY | O_APPEND);
    const bool missing = file < 0 && errno == ENOENT;
    if (missing)
        file = open_here(path, O_WRONLY | O_APPEND | O_CREAT);
    if (file < 0)
        return isb_file_fail_write(error, path, errno);
    int code = append(file, lines, length);
    if (close(file) != 0 && code == 0)
        code = errno;
    if (code == 0 && missing)
        code = sync_name(path);
    return code == 0 ? ISB_OK : isb_file_fail_write(error, path, code);
}

static int read_all(int file, char *bytes, size_t length, off_t from) {
    while (length > 0) {
        const ssize_t got = pread(file, bytes, length, from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : EIO;
        bytes += got;
        length -= (size_t)got;
        from += got;
    }
    return 0;
}

/* The end of the last whole line within the first `length` bytes. */
static int end_of_lines(int file, off_t *length) {
    char bytes[512];
    while (*length > 0) {
        const off_t from = *length > (off_t)sizeof bytes ? *length - (off_t)sizeof bytes : 0;
        const size_t wanted = (size_t)(*length - from);
        const int code = read_all(file, bytes, wanted, from);
        if (code != 0)
            return code;
        const char *newline = memrchr(bytes, '\n', wanted);
        if (newline != NULL) {
            *length = from + (newline - bytes) + 1;
            return 0;
        }
        *length = from;
    }
    return 0;
}

/* Synced, so that nothing of what was cut off can come back behind what is appended next. */
static int cut(int file, size_t length) {
    struct stat about;
    if (fstat(file, &about) != 0)
        return errno;
    if (!S_ISREG(about.st_mode))
        return EINVAL;
    off_t end = (uintmax_t)about.st_size < length ? about.st_size : (off_t)length;
    const int code = end_of_lines(file, &end);
    if (code != 0 || end == about.st_size)
        return code;
    return ftruncate(file, end) == 0 && fsync(file) == 0 ? 0 : errno;
}

isb_status isb_file_cut(const char *path, size_t length, isb_error *error) {
    const int file = open_here(path, O_RDWR);
    if (file < 0 && errno == ENOENT)
        return ISB_OK;
    if (file < 0)
        return isb_file_fail_write(error, path, errno);
    int code = cut(file, length);
    if (close(file) != 0 && code == 0)
        code = errno;
    return code == 0 ? ISB_OK : isb_file_fail_write(error, path, code);
}
