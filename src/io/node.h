/* The tree of a YAML file: maps, lists and scalars, each with its place. */
#ifndef ISB_IO_NODE_H
#define ISB_IO_NODE_H

#include "io/problems.h"

/* Memory that is released in one go. Start with {0}. */
typedef struct isb_pool {
    struct isb_block *blocks;
    size_t used; /* of the first block */
} isb_pool;

/* Zeroed memory, aligned for any type; NULL where there is none left. */
void *isb_pool_take(isb_pool *pool, size_t size);
char *isb_pool_copy(isb_pool *pool, const char *text, size_t length);
void isb_pool_free(isb_pool *pool);

typedef enum isb_node_kind {
    ISB_NODE_SCALAR,
    ISB_NODE_MAP,
    ISB_NODE_LIST,
    ISB_NODE_BROKEN, /* an error already reported stands here */
} isb_node_kind;

typedef struct isb_node isb_node;

typedef struct isb_entry {
    const char *key; /* NULL in a list */
    isb_place place; /* of the key, or of the list's item */
    isb_node *value;
} isb_entry;

struct isb_node {
    isb_node_kind kind;
    bool plain;       /* a scalar without quotes */
    const char *text; /* of a scalar; "" and plain: no value was given */
    isb_place place;
    isb_entry *entries; /* of a map or list */
    size_t count;
    size_t capacity;
};

/* All from the pool; NULL or false where there is no memory left. */
isb_node *isb_node_new(isb_pool *pool, isb_node_kind kind, isb_place place);
isb_node *isb_node_scalar(isb_pool *pool, const char *text, bool plain, isb_place place);
bool isb_node_add(isb_pool *pool, isb_node *parent, isb_entry entry);

/* A copy that shares nothing with it but texts; NULL where there is no memory left. Trees are not
 * deep: isb_yaml_parse sees to that. */
isb_node *isb_node_clone(isb_pool *pool, const isb_node *node);

/* The first entry with this key, or NULL. */
isb_entry *isb_node_find(const isb_node *map, const char *key);

/* A plain scalar without text: nothing stands where a value belongs. */
bool isb_node_empty(const isb_node *node);

/* A scalar of exactly this text without quotes. */
bool isb_node_is(const isb_node *node, const char *word);

#endif
