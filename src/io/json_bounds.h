/* Bounds what a JSON parser builds, before it builds anything. */
#ifndef ISB_IO_JSON_BOUNDS_H
#define ISB_IO_JSON_BOUNDS_H

#include <stddef.h>

/* NULL where the text nests at most so deeply and has at most so many commas and brackets; else
 * what is wrong with it, "nested too deeply" or "has too many parts". */
const char *isb_json_excess(const char *text, size_t length, size_t depth, size_t parts);

#endif
