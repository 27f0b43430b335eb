/* A YAML file whose content is one map: experiments and studies. */
#ifndef ISB_IO_DOCUMENT_H
#define ISB_IO_DOCUMENT_H

#include "io/node.h"

enum { ISB_LARGEST_DOCUMENT = 1 << 20 }; /* bytes */

/* What a file should be, for messages. */
typedef struct isb_document {
    const char *what; /* "an experiment" */
    const char *keys; /* "data, model and compile" */
} isb_document;

/* The root of the tree, a map; NULL after an error. `start` is the place of line 1, column 1. */
isb_node *isb_document_parse(isb_pool *pool, isb_problems *problems, const isb_document *document,
                             const char *text, size_t length, isb_place start);

/* The name that a file gives to what it holds: its own without directory and suffix. NULL without
 * memory; released by free(). */
char *isb_document_name(const char *path);

#endif
