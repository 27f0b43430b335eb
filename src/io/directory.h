/* Directories: made with their parents, locked against a second process. */
#ifndef ISB_IO_DIRECTORY_H
#define ISB_IO_DIRECTORY_H

#include <isobit/error.h>
#include <stdbool.h>

/* Makes the directory and its parents where they are missing. ISB_FAILURE. */
isb_status isb_directory_create(const char *path, isb_error *error);

/* Opens and locks the directory; it is released by close(). *file is -1 where it does not exist,
 * which is no failure. ISB_USAGE: not a directory. ISB_FAILURE: locked by another process, not
 * accessible. */
isb_status isb_directory_lock(const char *path, int *file, isb_error *error);

/* Whether `keep` holds for every name in the directory but "." and ".."; ISB_FAILURE. */
isb_status isb_directory_all(const char *path, bool (*keep)(const char *name), bool *all,
                             isb_error *error);

/* Removes the folder `name` of a directory with the files in it whose names are `ours`. What cannot
 * be removed stays, and so does a folder that holds anything else. */
void isb_directory_clear(const char *path, const char *name, bool (*ours)(const char *name));

/* Removes the files of a directory whose names isb_file_write gives to temporary files: left by a
 * process that was killed. What cannot be removed stays. */
void isb_directory_sweep(const char *path);

#endif
