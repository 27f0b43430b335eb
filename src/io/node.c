#include "io/node.h"
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct isb_block {
    struct isb_block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static bool add_block(isb_pool *pool, size_t least) {
    size_t size = least > BLOCK_SIZE ? least : BLOCK_SIZE;
    if (size > SIZE_MAX - sizeof(struct isb_block))
        return false;
    struct isb_block *block = calloc(1, sizeof *block + size);
    if (block == NULL)
        return false;
    block->next = pool->blocks;
    block->size = size;
    pool->blocks = block;
    pool->used = 0;
    return true;
}

void *isb_pool_take(isb_pool *pool, size_t size) {
    if (size > SIZE_MAX - alignof(max_align_t))
        return NULL;
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (pool->blocks == NULL || rounded > pool->blocks->size - pool->used) {
        if (!add_block(pool, rounded))
            return NULL;
    }
    void *taken = pool->blocks->bytes + pool->used;
    pool->used += rounded;
    return taken;
}

char *isb_pool_copy(isb_pool *pool, const char *text, size_t length) {
    char *copy = length < SIZE_MAX ? isb_pool_take(pool, length + 1) : NULL;
    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

void isb_pool_free(isb_pool *pool) {
    while (pool->blocks != NULL) {
        struct isb_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
    pool->used = 0;
}

isb_node *isb_node_new(isb_pool *pool, isb_node_kind kind, isb_place place) {
    isb_node *node = isb_pool_take(pool, sizeof *node);
    if (node != NULL) {
        node->kind = kind;
        node->place = place;
    }
    return node;
}

isb_node *isb_node_scalar(isb_pool *pool, const char *text, bool plain, isb_place place) {
    isb_node *node = isb_node_new(pool, ISB_NODE_SCALAR, place);
    if (node != NULL) {
        node->text = text;
        node->plain = plain;
    }
    return node;
}

static bool grow(isb_pool *pool, isb_node *parent) {
    if (parent->capacity > SIZE_MAX / 4 / sizeof(isb_entry))
        return false;
    size_t capacity = parent->capacity > 0 ? parent->capacity * 2 : 4;
    isb_entry *entries = isb_pool_take(pool, capacity * sizeof *entries);
    if (entries == NULL)
        return false;
    if (parent->count > 0)
        memcpy(entries, parent->entries, parent->count * sizeof *entries);
    parent->entries = entries;
    parent->capacity = capacity;
    return true;
}

bool isb_node_add(isb_pool *pool, isb_node *parent, isb_entry entry) {
    if (parent->count == parent->capacity && !grow(pool, parent))
        return false;
    parent->entries[parent->count++] = entry;
    return true;
}

isb_node *isb_node_clone(isb_pool *pool, const isb_node *node) {
    isb_node *copy = isb_pool_take(pool, sizeof *copy);
    isb_entry *entries =
        node->count > 0 ? isb_pool_take(pool, node->count * sizeof *entries) : NULL;
    if (copy == NULL || (node->count > 0 && entries == NULL))
        return NULL;
    *copy = *node;
    copy->entries = entries;
    copy->capacity = node->count;
    for (size_t i = 0; i < node->count; i++) {
        entries[i] = node->entries[i];
        entries[i].value = isb_node_clone(pool, node->entries[i].value);
        if (entries[i].value == NULL)
            return NULL;
    }
    return copy;
}

isb_entry *isb_node_find(const isb_node *map, const char *key) {
    for (size_t i = 0; i < map->count; i++)
        if (map->entries[i].key != NULL && strcmp(map->entries[i].key, key) == 0)
            return &map->entries[i];
    return NULL;
}

bool isb_node_empty(const isb_node *node) { return isb_node_is(node, ""); }

bool isb_node_is(const isb_node *node, const char *word) {
    return node->kind == ISB_NODE_SCALAR && node->plain && strcmp(node->text, word) == 0;
}
