/* Files of JSON objects, one a line, to which a run or a study appends. */
#ifndef ISB_IO_JSON_LINES_H
#define ISB_IO_JSON_LINES_H

#include <isobit/error.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct isb_json_lines {
    size_t most_bytes; /* of the file */
    size_t most_depth; /* of nesting, */
    size_t most_parts; /* and of commas and brackets, of a line */
    const char *what;  /* a line is, for messages: "an event" */

    /* Takes one object. *good = false: not the object that belongs here, which makes the file
     * ISB_CORRUPT at that line. Another failure than that is returned. */
    isb_status (*take)(void *context, json_t *object, bool *good, isb_error *error);
    void *context;
} isb_json_lines;

/* Reads the lines of the file, and sets the bytes that they have. The last line is passed over
 * where it is what a kill leaves, half a line, or a power failure: a line with a stretch that never
 * reached the disk. ISB_CORRUPT where the file is missing or another line is wrong; the message
 * names it. */
isb_status isb_json_lines_read(const isb_json_lines *lines, const char *path, size_t *length,
                               isb_error *error);

#endif
