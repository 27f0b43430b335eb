#include "io/schema.h"
#include "base/suggest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 16 }; /* of one table */

void *isb_field_at(const isb_field *field, void *base) { return (char *)base + field->offset; }

const void *isb_field_of(const isb_field *field, const void *base) {
    return (const char *)base + field->offset;
}

const isb_field *isb_map_find(const isb_map *map, const char *key) {
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->fields[i].key, key) == 0)
            return &map->fields[i];
    return NULL;
}

static void join(isb_text *text, const char *const *words, size_t count, const char *last) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            isb_text_add(text, i + 1 < count ? ", " : last);
        isb_text_add(text, words[i]);
    }
}

static size_t keys_of(const isb_map *map, const char *keys[MOST_WORDS]) {
    for (size_t i = 0; i < map->count; i++)
        keys[i] = map->fields[i].key;
    return map->count;
}

static void finish(isb_problems *problems, isb_place place, isb_text *text) {
    if (text->failed)
        problems->no_memory = true;
    else
        isb_problems_add(problems, place, "%s", text->data);
    free(text->data);
}

static void start_unknown(isb_text *text, const char *what, const char *word) {
    char clipped[ISB_CLIP_SIZE];
    isb_text_add(text, "unknown ");
    isb_text_add(text, what);
    isb_text_add(text, " '");
    isb_text_add(text, isb_clip(clipped, word));
    isb_text_add(text, "'");
}

static bool add_suggestion(isb_text *text, const char *word, const char *const *words,
                           size_t count) {
    const char *nearest = isb_nearest_word(word, words, count);
    if (nearest == NULL)
        return false;
    isb_text_add(text, "; did you mean '");
    isb_text_add(text, nearest);
    isb_text_add(text, "'?");
    return true;
}

void isb_unknown_key(isb_problems *problems, isb_place place, const isb_map *map, const char *key) {
    const char *keys[MOST_WORDS];
    size_t count = keys_of(map, keys);
    isb_text text = {0};
    start_unknown(&text, "key", key);
    add_suggestion(&text, key, keys, count);
    isb_text_add(&text, " (");
    isb_text_add(&text, map->label);
    isb_text_add(&text, count > 0 ? " has: " : " has no keys");
    join(&text, keys, count, ", ");
    isb_text_add(&text, ")");
    finish(problems, place, &text);
}

void isb_unknown_word(isb_problems *problems, isb_place place, const char *what, const char *word,
                      const char *const *words, size_t count) {
    isb_text text = {0};
    start_unknown(&text, what, word);
    if (!add_suggestion(&text, word, words, count)) {
        isb_text_add(&text, "; use ");
        join(&text, words, count, " or ");
    }
    finish(problems, place, &text);
}

static void words_of(const isb_variants *variants, const char *words[MOST_WORDS]) {
    for (size_t i = 0; i < variants->count; i++)
        words[i] = variants->maps[i]->label;
}

void isb_unknown_variant(isb_problems *problems, isb_place place, const isb_variants *variants,
                         const char *word) {
    const char *words[MOST_WORDS];
    words_of(variants, words);
    isb_unknown_word(problems, place, variants->what, word, words, variants->count);
}

static void add_found(isb_text *text, const isb_node *node) {
    char clipped[ISB_CLIP_SIZE];
    if (isb_node_empty(node)) {
        isb_text_add(text, "; it has no value");
    } else if (node->kind == ISB_NODE_SCALAR) {
        isb_text_add(text, node->plain ? ", not '" : ", not the string '");
        isb_text_add(text, isb_clip(clipped, node->text));
        isb_text_add(text, "'");
    } else {
        isb_text_add(text, node->kind == ISB_NODE_MAP ? ", not a map" : ", not a list");
    }
}

void isb_wrong_value(isb_reader *reader, const isb_field *field, const isb_node *node,
                     const char *hint) {
    if (node->kind == ISB_NODE_BROKEN)
        return;
    isb_text text = {0};
    isb_text_add(&text, field->key);
    isb_text_add(&text, " must be ");
    isb_text_add(&text, field->must);
    add_found(&text, node);
    isb_text_add(&text, hint);
    finish(reader->problems, node->place, &text);
}

void isb_no_list(isb_reader *reader, const isb_field *field, const isb_node *node,
                 const char *of_map) {
    char hint[ISB_CLIP_SIZE + 16] = "", clipped[ISB_CLIP_SIZE];
    if (node->kind == ISB_NODE_SCALAR && !isb_node_empty(node))
        snprintf(hint, sizeof hint, "; write [%s]", isb_clip(clipped, node->text));
    const char *nothing = isb_nothing_hint(node);
    if (node->kind == ISB_NODE_MAP)
        isb_wrong_value(reader, field, node, of_map);
    else
        isb_wrong_value(reader, field, node, nothing[0] != '\0' ? nothing : hint);
}

/* --- maps --- */

static void set_default(isb_reader *silent, const isb_field *field, void *base) {
    isb_node node = {.kind = ISB_NODE_SCALAR, .plain = true, .text = field->initial};
    if (field->kind == &isb_kind_map)
        isb_map_defaults(field->map, base);
    else if (field->initial != NULL)
        field->kind->read(silent, field, &node, base);
}

void isb_map_defaults(const isb_map *map, void *base) {
    isb_problems none = {0};
    isb_reader silent = {.problems = &none};
    for (size_t i = 0; i < map->count; i++)
        set_default(&silent, &map->fields[i], base);
}

static void note_place(isb_reader *reader, const isb_field *field, const isb_node *node,
                       void *base) {
    if (field->where == 0)
        return;
    char *place = isb_place_text(node->place);
    if (place == NULL)
        reader->problems->no_memory = true;
    memcpy((char *)base + field->where, &place, sizeof place);
}

static void read_entry(isb_reader *reader, const isb_map *map, const isb_entry *entry, void *base) {
    const isb_field *field = isb_map_find(map, entry->key);
    if (field == NULL) {
        isb_unknown_key(reader->problems, entry->place, map, entry->key);
        return;
    }
    note_place(reader, field, entry->value, base);
    field->kind->read(reader, field, entry->value, base);
}

static void report_missing(isb_reader *reader, const isb_map *map, const isb_node *node) {
    for (size_t i = 0; i < map->count; i++) {
        const isb_field *field = &map->fields[i];
        if (field->required && isb_node_find(node, field->key) == NULL)
            isb_problems_add(reader->problems, node->place, "%s needs '%s', such as %s: %s",
                             map->label, field->key, field->key, field->sample);
    }
}

void isb_map_read(isb_reader *reader, const isb_map *map, const isb_node *node, void *base) {
    isb_map_defaults(map, base);
    for (size_t i = 0; i < node->count; i++)
        read_entry(reader, map, &node->entries[i], base);
    report_missing(reader, map, node);
}

/* The key that shows what a map looks like: one it cannot do without, or the one mostly given. */
static const isb_field *example_field(const isb_map *map) {
    for (size_t i = 0; i < map->count; i++)
        if (map->fields[i].required || map->fields[i].usual)
            return &map->fields[i];
    return &map->fields[0];
}

/* `dense: 128`: shows the form with a key of the map. */
static void report_no_map(isb_reader *reader, const isb_map *map, const isb_node *node) {
    if (map->count == 0) {
        if (node->kind != ISB_NODE_BROKEN)
            isb_problems_add(reader->problems, node->place, "%s has no keys; write %s alone",
                             map->label, map->label);
        return;
    }
    const isb_field *first = example_field(map);
    char clipped[ISB_CLIP_SIZE];
    if (isb_node_empty(node))
        isb_problems_add(reader->problems, node->place, "%s has no value; write %s: {%s: %s}",
                         map->label, map->label, first->key, first->sample);
    else if (node->kind == ISB_NODE_SCALAR)
        isb_problems_add(reader->problems, node->place,
                         "%s must be a map, not '%s'; write %s: {%s: %s}", map->label,
                         isb_clip(clipped, node->text), map->label, first->key, clipped);
    else if (node->kind == ISB_NODE_LIST)
        isb_problems_add(reader->problems, node->place,
                         "%s must be a map, not a list; write %s: {%s: %s}", map->label, map->label,
                         first->key, first->sample);
}

static void read_map(isb_reader *reader, const isb_field *field, const isb_node *node, void *base) {
    if (node->kind == ISB_NODE_MAP)
        isb_map_read(reader, field->map, node, base);
    else
        report_no_map(reader, field->map, node);
}

static bool is_written(const isb_field *field, const void *base) {
    return field->kind->given == NULL || field->kind->given(field, base);
}

void isb_map_write(isb_text *text, const isb_map *map, const void *base) {
    const char *between = "{";
    for (size_t i = 0; i < map->count; i++) {
        const isb_field *field = &map->fields[i];
        if (!is_written(field, base))
            continue;
        isb_text_add(text, between);
        isb_text_add(text, field->key);
        isb_text_add(text, ": ");
        field->kind->write(text, field, base);
        between = ", ";
    }
    isb_text_add(text, between[0] == '{' ? "{}" : "}");
}

void isb_map_write_block(isb_text *text, const isb_map *map, const void *base, int indent) {
    for (size_t i = 0; i < map->count; i++) {
        const isb_field *field = &map->fields[i];
        if (!is_written(field, base))
            continue;
        for (int column = 0; column < indent; column++)
            isb_text_add(text, " ");
        isb_text_add(text, field->key);
        isb_text_add(text, ":");
        if (field->kind == &isb_kind_map) {
            isb_text_add(text, "\n");
            isb_map_write_block(text, field->map, base, indent + 2);
            continue;
        }
        isb_text_add(text, field->kind->list ? "" : " ");
        field->kind->write(text, field, base);
        isb_text_add(text, "\n");
    }
}

static void write_map(isb_text *text, const isb_field *field, const void *base) {
    isb_map_write(text, field->map, base);
}

const isb_kind isb_kind_map = {read_map, write_map, NULL, false};

/* --- variants --- */

size_t isb_variants_find(const isb_variants *variants, const char *word) {
    size_t i = 0;
    while (i < variants->count && strcmp(variants->maps[i]->label, word) != 0)
        i++;
    return i;
}

static void report_no_variant(isb_reader *reader, const isb_variants *variants,
                              const isb_node *node) {
    if (node->kind == ISB_NODE_BROKEN)
        return;
    const char *words[MOST_WORDS];
    words_of(variants, words);
    isb_text text = {0};
    isb_text_add(&text, node->kind == ISB_NODE_LIST ? "a list is no " : "there is no ");
    isb_text_add(&text, variants->what);
    isb_text_add(&text, node->kind == ISB_NODE_LIST ? "; use " : " here; use ");
    join(&text, words, variants->count, " or ");
    finish(reader->problems, node->place, &text);
}

size_t isb_variant_pick(isb_reader *reader, const isb_variants *variants, const isb_node *node) {
    const char *word = NULL;
    isb_place place = node->place;
    if (node->kind == ISB_NODE_SCALAR && !isb_node_empty(node)) {
        word = node->text;
    } else if (node->kind == ISB_NODE_MAP && node->count > 0) {
        word = node->entries[0].key;
        place = node->entries[0].place;
    }
    if (word == NULL) {
        report_no_variant(reader, variants, node);
        return variants->count;
    }
    size_t index = isb_variants_find(variants, word);
    if (index == variants->count)
        isb_unknown_variant(reader->problems, place, variants, word);
    return index;
}

/* `- dense:` with its keys not indented below it reads as one map with several keys. */
static bool report_more_keys(isb_reader *reader, const isb_variants *variants, const isb_map *map,
                             const isb_node *node) {
    if (node->kind != ISB_NODE_MAP || node->count < 2)
        return false;
    const isb_entry *second = &node->entries[1];
    char clipped[ISB_CLIP_SIZE];
    isb_clip(clipped, second->key);
    if (isb_map_find(map, second->key) != NULL)
        isb_problems_add(reader->problems, second->place,
                         "'%s' stands beside '%s'; indent it below, or write %s: {%s: %s}", clipped,
                         map->label, map->label, clipped, isb_map_find(map, clipped)->sample);
    else
        isb_problems_add(reader->problems, second->place,
                         "'%s' stands beside '%s'; there is one %s in a place: keep one", clipped,
                         map->label, variants->what);
    return true;
}

static bool needs_keys(const isb_map *map) {
    for (size_t i = 0; i < map->count; i++)
        if (map->fields[i].required)
            return true;
    return false;
}

void isb_variant_fill(isb_reader *reader, const isb_variants *variants, size_t index,
                      const isb_node *node, void *base) {
    const isb_map *map = variants->maps[index];
    if (report_more_keys(reader, variants, map, node))
        return;
    isb_node bare = {.kind = ISB_NODE_MAP, .place = node->place};
    const isb_node *fields = node->kind == ISB_NODE_MAP ? node->entries[0].value : &bare;
    if (fields->kind == ISB_NODE_MAP)
        isb_map_read(reader, map, fields, base);
    else if (isb_node_empty(fields) && !needs_keys(map))
        isb_problems_add(reader->problems, fields->place,
                         "%s has no value; write %s alone, without the colon", map->label,
                         map->label);
    else
        report_no_map(reader, map, fields);
}

void isb_variant_write(isb_text *text, const isb_variants *variants, size_t index,
                       const void *base) {
    isb_text_add(text, variants->maps[index]->label);
    isb_text_add(text, ": ");
    isb_map_write(text, variants->maps[index], base);
}

static void read_variant(isb_reader *reader, const isb_field *field, const isb_node *node,
                         void *base) {
    size_t index = isb_variant_pick(reader, field->variants, node);
    if (index == field->variants->count)
        return;
    int value = (int)index;
    if (field->variants->stored)
        memcpy(isb_field_at(field, base), &value, sizeof value);
    isb_variant_fill(reader, field->variants, index, node, base);
}

static void write_variant(isb_text *text, const isb_field *field, const void *base) {
    int value = 0;
    if (field->variants->stored)
        memcpy(&value, isb_field_of(field, base), sizeof value);
    isb_text_add(text, "{");
    isb_variant_write(text, field->variants, (size_t)value, base);
    isb_text_add(text, "}");
}

const isb_kind isb_kind_variant = {read_variant, write_variant, NULL, false};
