/* Paths as experiments hold them: absolute. */
#ifndef ISB_IO_PATH_H
#define ISB_IO_PATH_H

/* `path` itself where it is absolute, else below `folder`; without empty and "." parts. ".." stays:
 * behind a symbolic link it is not what it seems. NULL without memory; released by free(). */
char *isb_path_absolute(const char *folder, const char *path);

/* The folder that holds `path`: "." for a bare name. NULL without memory; released by free(). */
char *isb_path_folder(const char *path);

/* The same, absolute: below `here` where `path` is relative. */
char *isb_path_folder_absolute(const char *here, const char *path);

/* The last part of the path. */
const char *isb_path_base(const char *path);

#endif
