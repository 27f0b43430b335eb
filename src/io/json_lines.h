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
    size_t sure;       /* bytes that are known to have reached the disk */
    const char *what;  /* a line is, for messages: "an event" */

    /* Takes one object. *good = false: not the object that belongs here, which makes the file
     * ISB_CORRUPT at that line. Another failure than that is returned. */
    isb_status (*take)(void *context, json_t *object, bool *good, isb_error *error);
    void *context;
} isb_json_lines;

/* What was read of a file. */
typedef struct isb_json_extent {
    size_t length; /* bytes that the lines taken have */
    size_t
        cut; /* the number of the line at which a kill or a power failure cut the file; 0: none */
} isb_json_extent;

/* Reads the lines of the file. A kill leaves half a line at its end, a power failure lines with
 * stretches that never reached the disk: the first line that is no JSON ends the file where it is
 * the last one or begins behind the bytes that are sure. ISB_CORRUPT where the file is missing or
 * another line is wrong; the message names it. */
isb_status isb_json_lines_read(const isb_json_lines *lines, const char *path,
                               isb_json_extent *extent, isb_error *error);

#endif
