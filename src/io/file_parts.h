/* What the ways to write a file share. */
#ifndef ISB_IO_FILE_PARTS_H
#define ISB_IO_FILE_PARTS_H

#include "io/file.h"

/* ISB_FAILURE (ISB_NO_MEMORY), with a message for the errno `code`. */
isb_status isb_file_fail_write(isb_error *error, const char *path, int code);

/* The directory part of `path`, opened; -1 and errno on an error. */
int isb_file_open_directory(const char *path);

/* What was done to the names in a directory outlasts a power failure from then on. 0 or an errno.
 */
int isb_file_sync_directory(int directory);

/* Writes all of the piece; 0 or an errno. */
int isb_file_put(int file, isb_bytes piece);

#endif
