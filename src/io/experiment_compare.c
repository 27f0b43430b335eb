#include "io/text.h"
#include "io/yaml.h"
#include <isobit/experiment.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_KEY = 256 };

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* What does not decide what is computed; the digest of the content stands for the data. */
static bool is_ignored(const char *key) {
    static const char *const ignored[] = {"name", "fit.epochs", "data.source"};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        if (strcmp(key, ignored[i]) == 0)
            return true;
    return strncmp(key, "data.source.", 12) == 0 || ends_with(key, ".model_checkpoint.save_freq");
}

static void differs(isb_text *keys, const char *key) {
    if (is_ignored(key))
        return;
    if (keys->length > 0)
        isb_text_add(keys, "\n");
    isb_text_add(keys, key);
}

static void compare(isb_text *keys, const char *key, const isb_node *a, const isb_node *b);

/* Two optimizers or layers of different kinds: their keys have nothing in common. */
static bool other_variant(const isb_node *a, const isb_node *b) {
    return a->count == 1 && b->count == 1 && strcmp(a->entries[0].key, b->entries[0].key) != 0;
}

static void join_key(char out[LONGEST_KEY], const char *parent, const char *key) {
    snprintf(out, LONGEST_KEY, "%s%s%s", parent, parent[0] != '\0' ? "." : "", key);
}

static void compare_maps(isb_text *keys, const char *key, const isb_node *a, const isb_node *b) {
    char path[LONGEST_KEY];
    if (other_variant(a, b)) {
        differs(keys, key);
        return;
    }
    for (size_t i = 0; i < a->count; i++) {
        const isb_entry *other = isb_node_find(b, a->entries[i].key);
        join_key(path, key, a->entries[i].key);
        if (other == NULL)
            differs(keys, path);
        else
            compare(keys, path, a->entries[i].value, other->value);
    }
    for (size_t i = 0; i < b->count; i++) {
        join_key(path, key, b->entries[i].key);
        if (isb_node_find(a, b->entries[i].key) == NULL)
            differs(keys, path);
    }
}

static bool same_scalar(const isb_node *a, const isb_node *b) {
    return a->kind == ISB_NODE_SCALAR && b->kind == ISB_NODE_SCALAR && a->plain == b->plain &&
           strcmp(a->text, b->text) == 0;
}

static bool has_scalars(const isb_node *list) {
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].value->kind == ISB_NODE_SCALAR)
            return true;
    return false;
}

static bool same_items(const isb_node *a, const isb_node *b) {
    for (size_t i = 0; i < a->count; i++)
        if (!same_scalar(a->entries[i].value, b->entries[i].value))
            return false;
    return true;
}

/* Lists of words or sizes differ as a whole, lists of layers item by item. */
static void compare_lists(isb_text *keys, const char *key, const isb_node *a, const isb_node *b) {
    char path[LONGEST_KEY], index[24];
    if (a->count != b->count || ((has_scalars(a) || has_scalars(b)) && !same_items(a, b))) {
        differs(keys, key);
        return;
    }
    for (size_t i = 0; i < a->count; i++) {
        snprintf(index, sizeof index, "%zu", i);
        join_key(path, key, index);
        compare(keys, path, a->entries[i].value, b->entries[i].value);
    }
}

static void compare(isb_text *keys, const char *key, const isb_node *a, const isb_node *b) {
    if (a->kind == ISB_NODE_MAP && b->kind == ISB_NODE_MAP)
        compare_maps(keys, key, a, b);
    else if (a->kind == ISB_NODE_LIST && b->kind == ISB_NODE_LIST)
        compare_lists(keys, key, a, b);
    else if (!same_scalar(a, b))
        differs(keys, key);
}

static isb_node *parse(isb_pool *pool, isb_problems *problems, const char *text, uint32_t source) {
    isb_place start = {"resolved experiment", source, 1, 1};
    isb_node *root = isb_yaml_parse(pool, problems, text, strlen(text), start);
    if (root != NULL && root->kind != ISB_NODE_MAP)
        isb_problems_add(problems, start, "not an experiment");
    return root;
}

isb_status isb_experiment_compare(const char *a, const char *b, char **keys, isb_error *error) {
    isb_pool pool = {0};
    isb_problems problems = {0};
    isb_text found = {0};
    *keys = NULL;
    const isb_node *left = parse(&pool, &problems, a, 0);
    const isb_node *right = parse(&pool, &problems, b, 1);
    if (problems.count == 0 && !problems.no_memory) {
        isb_text_add(&found, "");
        compare(&found, "", left, right);
        problems.no_memory = found.failed;
    }
    isb_error reasons = ISB_ERROR_INIT;
    isb_status status = isb_problems_report(&problems, "resolved experiment", &reasons);
    isb_pool_free(&pool);
    if (status == ISB_OK) {
        *keys = found.data;
        return ISB_OK;
    }
    free(found.data);
    if (status == ISB_USAGE)
        status = ISB_CORRUPT;
    isb_fail(error, status, "%s", isb_error_text(&reasons));
    isb_error_clear(&reasons);
    return status;
}
