/* A preloaded witness: writes down, in order, what a program does to the files below a directory,
 * so that a test can tell what a disk may hold after the power failed.
 *
 *   RECORD_ROOT   that directory, absolute and without links
 *   RECORD        the file to write to, which must not be below it
 *
 * A record is a line "CALL A B PATH [PATH]" with paths relative to the root, and of a write its
 * bytes. CALL, A, B:
 *   create, mkdir, unlink, sync, rename   0 0
 *   truncate, allocate                    the length that the file has then, at least; 0
 *   write                                 where, how many bytes follow */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The functions below are called in place of the C library's; its header would rename some. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int directory, const char *path, int flags);
int __openat64_2(int directory, const char *path, int flags);

enum { PATH_SIZE = 1024 };

static char root[PATH_SIZE], log_path[PATH_SIZE];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void) {
    const char *below = getenv("RECORD_ROOT"), *to = getenv("RECORD");
    if (below == NULL || to == NULL || strlen(below) >= PATH_SIZE || strlen(to) >= PATH_SIZE)
        return;
    strcpy(root, below);
    strcpy(log_path, to);
}

/* --- paths --- */

static void path_of_file(int file, char out[PATH_SIZE]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const long length = syscall(SYS_readlink, link, out, PATH_SIZE - 1);
    out[length > 0 ? length : 0] = '\0';
}

static void path_at(int directory, const char *path, char out[PATH_SIZE]) {
    out[0] = '\0';
    if (path[0] != '/' && directory != AT_FDCWD)
        path_of_file(directory, out);
    else if (path[0] != '/')
        syscall(SYS_getcwd, out, PATH_SIZE);
    if (path[0] != '/')
        strncat(out, "/", PATH_SIZE - strlen(out) - 1);
    strncat(out, path, PATH_SIZE - strlen(out) - 1);
}

/* NULL: not below the root. The root itself is ".". */
static const char *relative(const char *path) {
    const size_t length = strlen(root);
    if (length == 0 || strncmp(path, root, length) != 0)
        return NULL;
    if (path[length] == '\0')
        return ".";
    return path[length] == '/' ? path + length + 1 : NULL;
}

/* --- records --- */

typedef struct record {
    const char *call;
    size_t a, b;
    const char *path, *to;
    const void *data;
} record;

static void put(const record *r) {
    char line[2 * PATH_SIZE + 64];
    const char *path = relative(r->path), *to = r->to == NULL ? "" : relative(r->to);
    if (path == NULL || to == NULL)
        return;
    const int length =
        snprintf(line, sizeof line, "%s %zu %zu %s %s\n", r->call, r->a, r->b, path, to);
    const struct iovec pieces[] = {{line, (size_t)length},
                                   {(void *)(size_t)r->data, r->data == NULL ? 0 : r->b}};
    const long file =
        syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    syscall(SYS_writev, file, pieces, 2);
    syscall(SYS_close, file);
}

/* A call that was done and its record are one step: no other thread's record comes between. */
#define RECORDED(result, done, ...)                                                                \
    do {                                                                                           \
        pthread_mutex_lock(&lock);                                                                 \
        result = done;                                                                             \
        const int code = errno;                                                                    \
        if (result >= 0)                                                                           \
            put(&(record){__VA_ARGS__});                                                           \
        errno = code;                                                                              \
        pthread_mutex_unlock(&lock);                                                               \
    } while (0)

#define RECORDED_FILE(done, name, ...)                                                             \
    char path[PATH_SIZE];                                                                          \
    long result;                                                                                   \
    path_of_file(file, path);                                                                      \
    RECORDED(result, done, .call = name, .path = path, __VA_ARGS__);                               \
    return result

/* --- the calls --- */

static int open_file(int directory, const char *name, int flags, mode_t mode) {
    char path[PATH_SIZE];
    path_at(directory, name, path);
    pthread_mutex_lock(&lock);
    const bool there = syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
    const int file = (int)syscall(SYS_openat, directory, name, flags, mode);
    const int code = errno;
    if (file >= 0 && !there && (flags & O_CREAT))
        put(&(record){.call = "create", .path = path});
    if (file >= 0 && there && (flags & O_TRUNC))
        put(&(record){.call = "truncate", .path = path});
    errno = code;
    pthread_mutex_unlock(&lock);
    return file;
}

#define OPEN(name, directory_parameter, directory)                                                 \
    int name(directory_parameter const char *path, int flags, ...) {                               \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        const mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0;                     \
        va_end(arguments);                                                                         \
        return open_file(directory, path, flags, mode);                                            \
    }
#define DIRECTORY int directory,
#define NO_DIRECTORY
OPEN(open, NO_DIRECTORY, AT_FDCWD)
OPEN(open64, NO_DIRECTORY, AT_FDCWD)
OPEN(openat, DIRECTORY, directory)
OPEN(openat64, DIRECTORY, directory)

int __open_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
int __openat_2(int directory, const char *path, int flags) {
    return open_file(directory, path, flags, 0);
}
int __openat64_2(int directory, const char *path, int flags) {
    return open_file(directory, path, flags, 0);
}

ssize_t write(int file, const void *data, size_t length) {
    RECORDED_FILE(syscall(SYS_write, file, data, length), "write",
                  .a = (size_t)(syscall(SYS_lseek, file, 0, SEEK_CUR) - result),
                  .b = (size_t)result, .data = data);
}

int posix_fallocate(int file, off_t offset, off_t length) {
    char path[PATH_SIZE];
    long result;
    path_of_file(file, path);
    RECORDED(result, syscall(SYS_fallocate, file, 0, offset, length), .call = "allocate",
             .path = path, .a = (size_t)(offset + length));
    return result < 0 ? errno : 0;
}

int posix_fallocate64(int file, off_t offset, off_t length) {
    return posix_fallocate(file, offset, length);
}

static long truncate_file(int file, off_t length) {
    RECORDED_FILE(syscall(SYS_ftruncate, file, length), "truncate", .a = (size_t)length);
}

int ftruncate(int file, off_t length) { return (int)truncate_file(file, length); }
int ftruncate64(int file, off_t length) { return (int)truncate_file(file, length); }

static long sync_file(int file, long call) { RECORDED_FILE(syscall(call, file), "sync", .a = 0); }

int fsync(int file) { return (int)sync_file(file, SYS_fsync); }
int fdatasync(int file) { return (int)sync_file(file, SYS_fdatasync); }

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    char path[PATH_SIZE], path_to[PATH_SIZE];
    long result;
    path_at(from_directory, from, path);
    path_at(to_directory, to, path_to);
    RECORDED(result, syscall(SYS_renameat2, from_directory, from, to_directory, to, 0),
             .call = "rename", .path = path, .to = path_to);
    return (int)result;
}

int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int directory, const char *name, int flags) {
    char path[PATH_SIZE];
    long result;
    path_at(directory, name, path);
    RECORDED(result, syscall(SYS_unlinkat, directory, name, flags), .call = "unlink", .path = path);
    return (int)result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int directory, const char *name, mode_t mode) {
    char path[PATH_SIZE];
    long result;
    path_at(directory, name, path);
    RECORDED(result, syscall(SYS_mkdirat, directory, name, mode), .call = "mkdir", .path = path);
    return (int)result;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
