/* Calls on files, told apart by whether they concern the directory of the run. */
#include "faults.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The functions below are called in place of the C library's; its header would rename some. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int directory, const char *path, int flags);
int __openat64_2(int directory, const char *path, int flags);
ssize_t __read_chk(int file, void *data, size_t length, size_t room);
ssize_t __pread_chk(int file, void *data, size_t length, off_t offset, size_t room);
ssize_t __pread64_chk(int file, void *data, size_t length, off_t offset, size_t room);

enum { MOST_FILES = 1024, NAME_SIZE = 64, PATH_SIZE = 1024 };

/* Of open descriptors. */
static bool of_run[MOST_FILES];
static char names[MOST_FILES][NAME_SIZE] = {"standard input", "standard output", "standard error"};

/* Of the run, absolute. */
static char root[PATH_SIZE];

static void make_absolute(const char *path, char out[PATH_SIZE]) {
    out[0] = '\0';
    if (path[0] != '/' && syscall(SYS_getcwd, out, PATH_SIZE / 2) > 0)
        strcat(out, "/");
    strncat(out, path, PATH_SIZE / 2 - 1);
}

__attribute__((constructor)) static void find_root(void) {
    const char *path = getenv("FAULTS_RUN");
    if (path != NULL)
        make_absolute(path, root);
}

static fault_place place_of_file(int file) {
    return file >= 0 && file < MOST_FILES && of_run[file] ? FAULT_RUN : FAULT_OTHER;
}

static const char *name_of_file(int file) {
    return file >= 0 && file < MOST_FILES ? names[file] : "";
}

static fault_place place_of_path(int directory, const char *path) {
    if (path[0] != '/' && directory != AT_FDCWD)
        return place_of_file(directory);
    char absolute[PATH_SIZE];
    make_absolute(path, absolute);
    const size_t length = strlen(root);
    return length > 0 && strncmp(absolute, root, length) == 0 &&
                   (absolute[length] == '/' || absolute[length] == '\0')
               ? FAULT_RUN
               : FAULT_OTHER;
}

static void remember(int file, fault_place place, const char *path) {
    if (file < 0 || file >= MOST_FILES)
        return;
    of_run[file] = place == FAULT_RUN;
    names[file][0] = '\0';
    strncat(names[file], path, NAME_SIZE - 1);
}

#define MEET_FILE(call, file)                                                                      \
    const fault f = fault_meet(place_of_file(file), call, name_of_file(file));                     \
    if (fault_prevents(&f))                                                                        \
    return -1

#define MEET_PATH(call, directory, path)                                                           \
    const fault f = fault_meet(place_of_path(directory, path), call, path);                        \
    if (fault_prevents(&f))                                                                        \
    return -1

#define END(...) return fault_end(&f, syscall(__VA_ARGS__))
#define END_INT(...) return (int)fault_end(&f, syscall(__VA_ARGS__))

static void *end_pointer(const fault *f, void *result) {
    return fault_end(f, 0) == 0 ? result : NULL;
}

/* Opening and closing. */

static int open_file(int directory, const char *path, int flags, mode_t mode) {
    const fault_place place = place_of_path(directory, path);
    const fault f = fault_meet(place, "open", path);
    if (f.error != 0) { /* late, it would leave a descriptor behind that nobody can close */
        errno = f.error;
        return -1;
    }
    const int file = (int)syscall(SYS_openat, directory, path, flags, mode);
    remember(file, place, path);
    return (int)fault_end(&f, file);
}

static mode_t take_mode(int flags, va_list arguments) {
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...) {                                                   \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        const mode_t mode = take_mode(flags, arguments);                                           \
        va_end(arguments);                                                                         \
        return open_file(AT_FDCWD, path, flags, mode);                                             \
    }
OPEN(open)
OPEN(open64)

#define OPEN_AT(name)                                                                              \
    int name(int directory, const char *path, int flags, ...) {                                    \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        const mode_t mode = take_mode(flags, arguments);                                           \
        va_end(arguments);                                                                         \
        return open_file(directory, path, flags, mode);                                            \
    }
OPEN_AT(openat)
OPEN_AT(openat64)

int __open_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
int __openat_2(int directory, const char *path, int flags) {
    return open_file(directory, path, flags, 0);
}
int __openat64_2(int directory, const char *path, int flags) {
    return open_file(directory, path, flags, 0);
}

/* A descriptor is gone even where close fails. */
int close(int file) {
    const fault f = fault_meet(place_of_file(file), "close", name_of_file(file));
    remember(file, FAULT_OTHER, "");
    END_INT(SYS_close, file);
}

FILE *fopen(const char *path, const char *mode) {
    FILE *(*real)(const char *, const char *);
    *(void **)&real = dlsym(RTLD_NEXT, "fopen");
    const fault f = fault_meet(place_of_path(AT_FDCWD, path), "fopen", path);
    return fault_prevents(&f) ? NULL : end_pointer(&f, real(path, mode));
}

FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }

/* Reading and writing. */

static size_t part(const fault *f, size_t length) {
    const size_t less = length / f->divide;
    return less > 0 ? less : length;
}

ssize_t read(int file, void *data, size_t length) {
    MEET_FILE("read", file);
    END(SYS_read, file, data, part(&f, length));
}

ssize_t pread(int file, void *data, size_t length, off_t offset) {
    MEET_FILE("pread", file);
    END(SYS_pread64, file, data, part(&f, length), offset);
}

ssize_t pread64(int file, void *data, size_t length, off_t offset) {
    return pread(file, data, length, offset);
}

ssize_t __read_chk(int file, void *data, size_t length, size_t room) {
    if (length > room)
        abort();
    return read(file, data, length);
}

ssize_t __pread_chk(int file, void *data, size_t length, off_t offset, size_t room) {
    if (length > room)
        abort();
    return pread(file, data, length, offset);
}

ssize_t __pread64_chk(int file, void *data, size_t length, off_t offset, size_t room) {
    return __pread_chk(file, data, length, offset, room);
}

ssize_t write(int file, const void *data, size_t length) {
    MEET_FILE("write", file);
    END(SYS_write, file, data, part(&f, length));
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
    MEET_FILE("pwrite", file);
    END(SYS_pwrite64, file, data, part(&f, length), offset);
}

ssize_t pwrite64(int file, const void *data, size_t length, off_t offset) {
    return pwrite(file, data, length, offset);
}

ssize_t writev(int file, const struct iovec *pieces, int count) {
    MEET_FILE("writev", file);
    END(SYS_writev, file, pieces, f.divide > 1 ? 1 : count);
}

off_t lseek(int file, off_t offset, int from) {
    MEET_FILE("lseek", file);
    END(SYS_lseek, file, offset, from);
}

off_t lseek64(int file, off_t offset, int from) { return lseek(file, offset, from); }

/* Room and lengths. */

int posix_fallocate(int file, off_t offset, off_t length) {
    const fault f = fault_meet(place_of_file(file), "posix_fallocate", name_of_file(file));
    if (fault_prevents(&f))
        return f.error;
    const long result = syscall(SYS_fallocate, file, 0, offset, length);
    return fault_end(&f, result) == 0 ? 0 : errno;
}

int posix_fallocate64(int file, off_t offset, off_t length) {
    return posix_fallocate(file, offset, length);
}

int fallocate(int file, int mode, off_t offset, off_t length) {
    MEET_FILE("fallocate", file);
    END_INT(SYS_fallocate, file, mode, offset, length);
}

int fallocate64(int file, int mode, off_t offset, off_t length) {
    return fallocate(file, mode, offset, length);
}

int ftruncate(int file, off_t length) {
    MEET_FILE("ftruncate", file);
    END_INT(SYS_ftruncate, file, length);
}

int ftruncate64(int file, off_t length) { return ftruncate(file, length); }

int fsync(int file) {
    MEET_FILE("fsync", file);
    END_INT(SYS_fsync, file);
}

int fdatasync(int file) {
    MEET_FILE("fdatasync", file);
    END_INT(SYS_fdatasync, file);
}

int flock(int file, int operation) {
    MEET_FILE("flock", file);
    END_INT(SYS_flock, file, operation);
}

/* Names. */

int renameat2(int from_directory, const char *from, int to_directory, const char *to,
              unsigned flags) {
    MEET_PATH("rename", to_directory, to);
    END_INT(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, 0);
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    MEET_PATH("link", to_directory, to);
    END_INT(SYS_linkat, from_directory, from, to_directory, to, flags);
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *path, int flags) {
    MEET_PATH("unlink", directory, path);
    END_INT(SYS_unlinkat, directory, path, flags);
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int directory, const char *path, mode_t mode) {
    MEET_PATH("mkdir", directory, path);
    END_INT(SYS_mkdirat, directory, path, mode);
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* Looking. */

int faccessat(int directory, const char *path, int mode, int flags) {
    MEET_PATH("access", directory, path);
    END_INT(SYS_faccessat, directory, path, mode, flags);
}

int access(const char *path, int mode) { return faccessat(AT_FDCWD, path, mode, 0); }

#define STAT(type, fstat_name, fstatat_name, stat_name, lstat_name)                                \
    int fstat_name(int file, struct type *about) {                                                 \
        MEET_FILE("fstat", file);                                                                  \
        END_INT(SYS_fstat, file, about);                                                           \
    }                                                                                              \
    int fstatat_name(int directory, const char *path, struct type *about, int flags) {             \
        MEET_PATH("stat", directory, path);                                                        \
        END_INT(SYS_newfstatat, directory, path, about, flags);                                    \
    }                                                                                              \
    int stat_name(const char *path, struct type *about) {                                          \
        return fstatat_name(AT_FDCWD, path, about, 0);                                             \
    }                                                                                              \
    int lstat_name(const char *path, struct type *about) {                                         \
        return fstatat_name(AT_FDCWD, path, about, AT_SYMLINK_NOFOLLOW);                           \
    }
STAT(stat, fstat, fstatat, stat, lstat)
STAT(stat64, fstat64, fstatat64, stat64, lstat64)

/* Directories. */

DIR *opendir(const char *path) {
    DIR *(*real)(const char *);
    *(void **)&real = dlsym(RTLD_NEXT, "opendir");
    const fault_place place = place_of_path(AT_FDCWD, path);
    const fault f = fault_meet(place, "opendir", path);
    DIR *directory = fault_prevents(&f) ? NULL : end_pointer(&f, real(path));
    if (directory != NULL)
        remember(dirfd(directory), place, path);
    return directory;
}

DIR *fdopendir(int file) {
    DIR *(*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, "fdopendir");
    const fault f = fault_meet(place_of_file(file), "opendir", name_of_file(file));
    return fault_prevents(&f) ? NULL : end_pointer(&f, real(file));
}

struct dirent *readdir(DIR *directory) {
    struct dirent *(*real)(DIR *);
    *(void **)&real = dlsym(RTLD_NEXT, "readdir");
    const int file = dirfd(directory);
    const fault f = fault_meet(place_of_file(file), "readdir", name_of_file(file));
    return fault_prevents(&f) ? NULL : end_pointer(&f, real(directory));
}

struct dirent64 *readdir64(DIR *directory) {
    return (struct dirent64 *)readdir(directory);
}

int closedir(DIR *directory) {
    int (*real)(DIR *);
    *(void **)&real = dlsym(RTLD_NEXT, "closedir");
    const int file = dirfd(directory);
    const fault f = fault_meet(place_of_file(file), "closedir", name_of_file(file));
    remember(file, FAULT_OTHER, "");
    return (int)fault_end(&f, real(directory));
}
