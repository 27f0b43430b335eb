/* A list of whole numbers on the command line: "1,2,4". */
#ifndef ISB_CLI_COUNT_LIST_H
#define ISB_CLI_COUNT_LIST_H

#include <stdbool.h>
#include <stddef.h>

enum { ISB_COUNT_LIST_ROOM = 32 };

typedef struct isb_count_list {
    size_t count;
    size_t values[ISB_COUNT_LIST_ROOM];
} isb_count_list;

/* False where `text` is not 1 to ISB_COUNT_LIST_ROOM whole numbers from 1 to `limit`. */
bool isb_count_list_parse(isb_count_list *out, const char *text, size_t limit);

#endif
