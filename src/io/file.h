/* Whole files: read with a bound, written so that either the old or the new content survives; and
 * files that grow by whole lines. */
#ifndef ISB_IO_FILE_H
#define ISB_IO_FILE_H

#include <isobit/error.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads a regular file of at most `limit` bytes; *data is NUL-terminated beyond `length` and
 * released by free(). A path that leads to no such file is `status`, a failure of the reading
 * itself ISB_FAILURE (ISB_NO_MEMORY), each with a message naming the path. */
isb_status isb_file_read(const char *path, size_t limit, char **data, size_t *length,
                         isb_status status, isb_error *error);

typedef struct isb_bytes {
    const void *data;
    size_t length;
} isb_bytes;

/* Writes the pieces one after the other to a temporary file beside `path`, syncs it, renames it
 * over `path` and syncs the directory. On failure (ISB_FAILURE) the old file is untouched and no
 * temporary file stays. */
isb_status isb_file_write(const char *path, const isb_bytes *pieces, size_t count,
                          isb_error *error);

/* The same; the file replaced stays under the name `keep`, in the same directory. At every moment
 * one of the two names holds a whole file. */
isb_status isb_file_rotate(const char *path, const char *keep, const isb_bytes *pieces,
                           size_t count, isb_error *error);

/* Appends whole lines to the file, which is made where it is missing, and syncs it. *length gets
 * the bytes that it then has. After a failure (ISB_FAILURE) it is as long as before. */
isb_status isb_file_append(const char *path, isb_bytes lines, size_t *length, isb_error *error);

/* Cuts the file back to `length` bytes. One that is shorter keeps its whole lines, one that is
 * missing is none. */
isb_status isb_file_cut(const char *path, size_t length, isb_error *error);

/* Whether `name` (without directory) is one that isb_file_write gives to its temporary files. */
bool isb_file_is_temporary(const char *name);

/* directory/name; NULL without memory; released by free(). */
char *isb_path_join(const char *directory, const char *name);

#endif
