/* Finds names among many. */
#ifndef ISB_IO_NAME_INDEX_H
#define ISB_IO_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>

struct isb_indexed_name;

/* Start with {0}, in which no name is found. */
typedef struct isb_name_index {
    struct isb_indexed_name *items; /* in byte order */
    size_t count;
} isb_name_index;

/* The names stay the caller's, and where they are. False without memory. */
bool isb_name_index_make(isb_name_index *out, const char *const *names, size_t count);
void isb_name_index_free(isb_name_index *index);

/* The place of a name in the list, of equal ones the first; `count` where it is not there. */
size_t isb_name_index_find(const isb_name_index *index, const char *name);

#endif
