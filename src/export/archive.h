/* Zip archives as .keras and .npz files are ones. */
#ifndef ISB_EXPORT_ARCHIVE_H
#define ISB_EXPORT_ARCHIVE_H

#include "io/file.h"

typedef struct isb_member {
    const char *name;
    isb_bytes head, body; /* its content: one after the other */
} isb_member;

/* Writes the file in one go (io/file.h), members stored as they are and without times: the same
 * members give the same bytes. */
isb_status isb_archive_write(const char *path, const isb_member *members, size_t count,
                             isb_error *error);

/* An archive read into memory. */
typedef struct isb_archive {
    const char *path; /* borrowed, for messages */
    char *bytes;
    struct zip *zip;
} isb_archive;

/* ISB_CORRUPT: not there, or no zip archive. Released by isb_archive_close, also after a failure.
 */
isb_status isb_archive_open(isb_archive *out, const char *path, isb_error *error);

/* The content of the only member of that name, stored or deflated, of at most `limit` bytes, with
 * its checksum verified; NUL-terminated beyond `length` and released by free(). ISB_CORRUPT. */
isb_status isb_archive_read(const isb_archive *archive, const char *name, size_t limit, char **data,
                            size_t *length, isb_error *error);

void isb_archive_close(isb_archive *archive);

#endif
