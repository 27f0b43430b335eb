#include "io/settings.h"
#include "base/number.h"
#include "io/utf8.h"
#include "io/yaml.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A point on the way down the key: a slot of the tree, and what the schema says of it. */
typedef struct cursor {
    isb_pool *pool;
    isb_problems *problems;
    isb_place place;              /* of the setting */
    const char *key;              /* the whole key */
    size_t walked;                /* bytes of the key up to here, for messages */
    isb_entry *slot;              /* its value is NULL where nothing stands yet */
    const isb_map *map;           /* the keys the value may have, or NULL */
    const isb_variants *variants; /* or the words it may be, or NULL */
    bool items;                   /* the words belong to the items of a list */
} cursor;

static bool no_memory(cursor *c) {
    c->problems->no_memory = true;
    return false;
}

/* "model.2", as far as the key was followed. */
static const char *walked(const cursor *c, char out[ISB_CLIP_SIZE]) {
    char *copy = strndup(c->key, c->walked);
    isb_clip(out, copy != NULL ? copy : "the key");
    free(copy);
    return out;
}

static bool enter_new_map(cursor *c) {
    c->slot->value = isb_node_new(c->pool, ISB_NODE_MAP, c->place);
    if (c->slot->value == NULL)
        return no_memory(c);
    c->slot->place = c->place;
    return true;
}

/* Moves to the entry of that key, which is made where it is missing. */
static bool enter_entry(cursor *c, const char *key) {
    isb_node *map = c->slot->value;
    isb_entry *entry = isb_node_find(map, key);
    if (entry == NULL) {
        if (!isb_node_add(c->pool, map, (isb_entry){key, c->place, NULL}))
            return no_memory(c);
        entry = &map->entries[map->count - 1];
    }
    c->slot = entry;
    return true;
}

static bool no_keys_inside(cursor *c) {
    char path[ISB_CLIP_SIZE], clipped[ISB_CLIP_SIZE];
    const isb_node *node = c->slot->value;
    if (node->kind == ISB_NODE_SCALAR)
        isb_problems_add(c->problems, c->place, "%s is '%s' and has no keys inside; set %s itself",
                         walked(c, path), isb_clip(clipped, node->text), path);
    else if (node->kind == ISB_NODE_LIST)
        isb_problems_add(c->problems, c->place,
                         "%s is a list and has no keys inside; set %s itself", walked(c, path),
                         path);
    return false;
}

static bool is_missing(const isb_node *node) { return node == NULL || isb_node_empty(node); }

static bool into_map(cursor *c, const char *part) {
    const isb_field *field = isb_map_find(c->map, part);
    if (field == NULL) {
        isb_unknown_key(c->problems, c->place, c->map, part);
        return false;
    }
    if (is_missing(c->slot->value) && !enter_new_map(c))
        return false;
    if (c->slot->value->kind != ISB_NODE_MAP)
        return no_keys_inside(c);
    c->map = field->map;
    c->variants = field->variants;
    c->items = field->kind->list;
    return enter_entry(c, field->key);
}

/* `adam` becomes {adam: {}}. */
static bool widen(cursor *c) {
    isb_node *word = c->slot->value;
    isb_node *map = isb_node_new(c->pool, ISB_NODE_MAP, word->place);
    isb_node *keys = isb_node_new(c->pool, ISB_NODE_MAP, word->place);
    if (map == NULL || keys == NULL ||
        !isb_node_add(c->pool, map, (isb_entry){word->text, word->place, keys}))
        return no_memory(c);
    c->slot->value = map;
    return true;
}

static bool is_another(cursor *c, const char *part) {
    char path[ISB_CLIP_SIZE], clipped[ISB_CLIP_SIZE];
    isb_problems_add(c->problems, c->place, "%s is '%s', not '%s'; set %s itself to change it",
                     walked(c, path), isb_clip(clipped, c->slot->value->entries[0].key), part,
                     path);
    return false;
}

static bool into_variant(cursor *c, const char *part) {
    size_t index = isb_variants_find(c->variants, part);
    if (index == c->variants->count) {
        isb_unknown_variant(c->problems, c->place, c->variants, part);
        return false;
    }
    if (is_missing(c->slot->value) && !enter_new_map(c))
        return false;
    if (c->slot->value->kind == ISB_NODE_SCALAR && !widen(c))
        return false;
    if (c->slot->value->kind != ISB_NODE_MAP)
        return no_keys_inside(c);
    if (c->slot->value->count > 0 && isb_node_find(c->slot->value, part) == NULL)
        return is_another(c, part);
    c->map = c->variants->maps[index];
    c->variants = NULL;
    return enter_entry(c, c->map->label);
}

static bool into_item(cursor *c, const char *part) {
    uint64_t index = 0;
    size_t count = c->slot->value->count;
    bool number = isb_parse_unsigned(part, &index);
    if (!number || index >= count) {
        char path[ISB_CLIP_SIZE], clipped[ISB_CLIP_SIZE];
        if (count == 0)
            isb_problems_add(c->problems, c->place, "%s is an empty list; set %s itself",
                             walked(c, path), path);
        else
            isb_problems_add(c->problems, c->place, "%s has no item '%s'; its items are 0 to %zu",
                             walked(c, path), isb_clip(clipped, part), count - 1);
        return false;
    }
    c->slot = &c->slot->value->entries[index];
    c->items = false;
    return true;
}

static const char *word_of(const isb_node *item) {
    if (item->kind == ISB_NODE_SCALAR)
        return item->text;
    return item->kind == ISB_NODE_MAP && item->count > 0 ? item->entries[0].key : "";
}

static bool report_several(cursor *c, const char *part) {
    char path[ISB_CLIP_SIZE];
    isb_text text = {0};
    const isb_node *list = c->slot->value;
    for (size_t i = 0, shown = 0; i < list->count && shown < 8; i++) {
        char item[2 * ISB_CLIP_SIZE + ISB_NUMBER_SIZE];
        if (strcmp(word_of(list->entries[i].value), part) != 0)
            continue;
        snprintf(item, sizeof item, "%s%s.%zu.%s", shown++ > 0 ? ", " : "", walked(c, path), i,
                 part);
        isb_text_add(&text, item);
    }
    if (text.failed)
        no_memory(c);
    else
        isb_problems_add(c->problems, c->place, "%s has more than one %s; write %s",
                         walked(c, path), part, text.data);
    free(text.data);
    return false;
}

/* `model.dropout` stands for `model.2.dropout` where there is only one. */
static bool into_only_item(cursor *c, const char *part) {
    char path[ISB_CLIP_SIZE];
    const isb_node *list = c->slot->value;
    isb_entry *found = NULL;
    size_t count = 0;
    if (isb_variants_find(c->variants, part) == c->variants->count) {
        isb_unknown_variant(c->problems, c->place, c->variants, part);
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(word_of(list->entries[i].value), part) == 0) {
            found = &list->entries[i];
            count++;
        }
    }
    if (count > 1)
        return report_several(c, part);
    if (count == 0) {
        isb_problems_add(c->problems, c->place, "%s has no %s '%s'", walked(c, path),
                         c->variants->what, part);
        return false;
    }
    c->slot = found;
    c->items = false;
    return into_variant(c, part);
}

static bool into_list(cursor *c, const char *part) {
    char path[ISB_CLIP_SIZE];
    if (is_missing(c->slot->value)) {
        isb_problems_add(c->problems, c->place, "%s holds nothing yet; set %s itself",
                         walked(c, path), path);
        return false;
    }
    if (c->slot->value->kind != ISB_NODE_LIST)
        return no_keys_inside(c);
    bool number = part[0] == '-' || (part[0] >= '0' && part[0] <= '9');
    return number ? into_item(c, part) : into_only_item(c, part);
}

static bool step(cursor *c, const char *part) {
    if (c->slot->value != NULL && c->slot->value->kind == ISB_NODE_BROKEN)
        return false;
    if (c->items)
        return into_list(c, part);
    if (c->map != NULL)
        return into_map(c, part);
    if (c->variants != NULL)
        return into_variant(c, part);
    if (c->slot->value != NULL && c->slot->value->kind == ISB_NODE_LIST)
        return into_item(c, part);
    char path[ISB_CLIP_SIZE];
    isb_problems_add(c->problems, c->place, "%s has no keys inside; set %s itself", walked(c, path),
                     path);
    return false;
}

/* Follows the key to its slot. */
static bool walk(cursor *c) {
    char part[ISB_CLIP_SIZE], whole[ISB_CLIP_SIZE];
    for (const char *rest = c->key;;) {
        size_t length = strcspn(rest, ".");
        char *copy = length > 0 ? strndup(rest, length) : NULL;
        if (length == 0)
            isb_problems_add(c->problems, c->place,
                             "the key '%s' has an empty part; write it as fit.epochs",
                             isb_clip(whole, c->key));
        if (copy == NULL)
            return length == 0 ? false : no_memory(c);
        isb_clip(part, copy);
        free(copy);
        if (!step(c, part))
            return false;
        rest += length;
        c->walked = (size_t)(rest - c->key);
        if (*rest++ == '\0')
            return true;
    }
}

static bool is_set(const isb_setting *setting) { return strcmp(setting->option, "--set") == 0; }

static bool is_utf8(const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0, size; i < length; i += size)
        if (isb_utf8_decode(text + i, length - i, &size) == ISB_UTF8_INVALID)
            return false;
    return true;
}

/* The setting as messages name it: `--set fit.epochs=3`, `--seed 7`. */
static const char *origin_of(isb_pool *pool, const isb_setting *setting) {
    char key[ISB_CLIP_SIZE], value[ISB_CLIP_SIZE];
    isb_text text = {0};
    isb_text_add(&text, setting->option);
    isb_text_add(&text, " ");
    if (is_set(setting)) {
        isb_text_add(&text, isb_clip(key, setting->key));
        isb_text_add(&text, "=");
    }
    bool nothing = !is_set(setting) && setting->value[0] == '\0';
    isb_text_add(&text, nothing ? "''" : isb_clip(value, setting->value));
    char *origin = text.failed ? NULL : isb_pool_copy(pool, text.data, text.length);
    free(text.data);
    return origin;
}

static isb_node *value_of(isb_pool *pool, isb_problems *problems, const isb_setting *setting,
                          isb_place place) {
    if (is_set(setting))
        return isb_yaml_parse(pool, problems, setting->value, strlen(setting->value), place);
    isb_node *node = isb_node_scalar(pool, setting->value, true, place);
    if (node == NULL)
        problems->no_memory = true;
    return node;
}

static void put(cursor *c, isb_node *value) {
    if (walk(c)) {
        c->slot->value = value;
        c->slot->place = c->place;
    } else if (c->slot->value == NULL) {
        c->slot->value = value; /* a key made on the way must not stay without a value */
        value->kind = ISB_NODE_BROKEN;
    }
}

void isb_key_set(isb_pool *pool, isb_problems *problems, isb_node *root, const isb_map *map,
                 const char *key, isb_place place, isb_node *value) {
    isb_entry top = {NULL, root->place, root};
    cursor c = {
        .pool = pool, .problems = problems, .place = place, .key = key, .slot = &top, .map = map};
    put(&c, value);
}

void isb_setting_apply(isb_pool *pool, isb_problems *problems, isb_node *root, const isb_map *map,
                       const isb_setting *setting, uint32_t source) {
    isb_place place = {origin_of(pool, setting), source, 0, 0};
    if (place.origin == NULL) {
        problems->no_memory = true;
    } else if (!is_utf8(setting->key) || !is_utf8(setting->value)) {
        isb_problems_add(problems, place, "not valid UTF-8");
    } else if (setting->key[0] == '\0') {
        isb_problems_add(problems, place, "the key is missing; write --set fit.epochs=10");
    } else {
        isb_node *value = value_of(pool, problems, setting, place);
        if (value != NULL)
            isb_key_set(pool, problems, root, map, setting->key, place, value);
    }
}
