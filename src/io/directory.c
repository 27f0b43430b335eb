#include "io/directory.h"
#include "io/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes the name of a new directory in its parent outlast a power failure. */
static void sync_parent(const char *path) {
    char *parent = isb_path_join(path, "..");
    if (parent == NULL)
        return;
    int file = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(parent);
    if (file < 0)
        return;
    fsync(file);
    close(file);
}

/* Where the directory cannot be made for want of a parent, what is wrong is why that was not made. */
static int create_all(char *path) {
    int parents = ENOENT;
    for (char *place = path + 1; place[0] != '\0'; place++) {
        if (place[0] != '/' || place[-1] == '/')
            continue;
        place[0] = '\0';
        if (mkdir(path, 0777) == 0)
            sync_parent(path);
        else if (errno != EEXIST)
            parents = errno;
        place[0] = '/';
    }
    if (mkdir(path, 0777) != 0)
        return errno == ENOENT ? parents : errno;
    sync_parent(path);
    return 0;
}

static bool leads_nowhere(const char *path) {
    struct stat about;
    return stat(path, &about) != 0 && errno == ENOENT;
}

isb_status isb_directory_create(const char *path, isb_error *error) {
    if (path[0] == '\0')
        return isb_fail(error, ISB_FAILURE, "the directory of the run has an empty name");
    char *copy = strdup(path);
    if (copy == NULL)
        return isb_fail_memory(error, path);
    int code = create_all(copy);
    free(copy);
    if (code == 0 || (code == EEXIST && !leads_nowhere(path)))
        return ISB_OK;
    return isb_fail(error, ISB_FAILURE,
                    "%s: cannot be created: %s; choose another directory with --run DIR", path,
                    code == EEXIST ? "it is a link that leads nowhere" : strerror(code));
}

/* Some file systems of networks know no locks; there the user must take care. */
static bool cannot_lock(int code) { return code == ENOLCK || code == EOPNOTSUPP || code == ENOSYS; }

isb_status isb_directory_lock(const char *path, int *file, isb_error *error) {
    *file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*file < 0 && errno == ENOENT)
        return ISB_OK;
    if (*file < 0 && errno == ENOTDIR)
        return isb_fail(error, ISB_USAGE,
                        "%s: is not a directory; choose another place with --run DIR", path);
    if (*file < 0)
        return isb_fail(error, ISB_FAILURE,
                        "%s: cannot be opened: %s; choose another directory with --run DIR", path,
                        strerror(errno));
    if (flock(*file, LOCK_EX | LOCK_NB) == 0 || cannot_lock(errno))
        return ISB_OK;
    int code = errno;
    close(*file);
    *file = -1;
    if (code == EWOULDBLOCK)
        return isb_fail(error, ISB_FAILURE,
                        "%s: another isobit process is using it; wait until it ends, or choose "
                        "another directory with --run DIR",
                        path);
    return isb_fail(error, ISB_FAILURE, "%s: cannot be locked: %s", path, strerror(code));
}

static isb_status fail_list(const char *path, int code, isb_error *error) {
    if (code == ENOMEM)
        return isb_fail_memory(error, path);
    return isb_fail(error, ISB_FAILURE, "%s: cannot be read: %s", path, strerror(code));
}

static bool is_dot(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

isb_status isb_directory_all(const char *path, bool (*keep)(const char *name), bool *all,
                             isb_error *error) {
    *all = true;
    DIR *directory = opendir(path);
    if (directory == NULL)
        return fail_list(path, errno, error);
    struct dirent *entry;
    errno = 0;
    while (*all && (entry = readdir(directory)) != NULL)
        *all = is_dot(entry->d_name) || keep(entry->d_name);
    int code = errno;
    closedir(directory);
    return *all && code != 0 ? fail_list(path, code, error) : ISB_OK;
}

/* Removes the files whose names are `ours`. */
static void remove_files(const char *path, bool (*ours)(const char *name)) {
    DIR *directory = opendir(path);
    if (directory == NULL)
        return;
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        if (ours(entry->d_name))
            unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
}

void isb_directory_sweep(const char *path) { remove_files(path, isb_file_is_temporary); }

void isb_directory_clear(const char *path, const char *name, bool (*ours)(const char *name)) {
    char *folder = isb_path_join(path, name);
    if (folder == NULL)
        return;
    remove_files(folder, ours);
    rmdir(folder);
    free(folder);
}
