/* Files that are one JSON object, which says of what format it is. */
#ifndef ISB_IO_JSON_FILE_H
#define ISB_IO_JSON_FILE_H

#include <isobit/error.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct isb_json_file {
    size_t most_bytes;
    const char *format; /* that "format" has to be */

    /* Takes the object. *good = false: not what belongs there. Another failure than that is
     * returned. */
    isb_status (*take)(void *context, const json_t *object, bool *good, isb_error *error);
    void *context;
} isb_json_file;

/* ISB_CORRUPT, with a message, where the file is missing, damaged, or of another format. */
isb_status isb_json_file_read(const isb_json_file *file, const char *path, isb_error *error);

#endif
