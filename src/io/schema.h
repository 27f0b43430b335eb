/* What an experiment file may hold: tables of fields. The same tables serve reading, defaults,
 * settings, messages and the resolved file. */
#ifndef ISB_IO_SCHEMA_H
#define ISB_IO_SCHEMA_H

#include "io/node.h"
#include "io/text.h"

typedef struct isb_field isb_field;

typedef struct isb_words {
    const char *const *items;
    size_t count;
} isb_words;

/* What reading a tree needs to know. */
typedef struct isb_reader {
    isb_problems *problems;
    const char *const *folders; /* absolute; relative paths of file i start in folder i */
    size_t files;               /* places beyond them, by `source`, are settings' */
    const char *here;           /* the working directory; relative paths of settings start here */
    isb_pool *pool;
    const isb_node **layers;    /* the node of each layer; NULL: the layer has an error */
    const isb_node **callbacks; /* the same of the callbacks */
    bool loss_known;            /* the loss was given without an error */
    bool scores_unknown;        /* validation or metrics were given with an error */
} isb_reader;

/* A type of value. `base` is the structure that holds the field. */
typedef struct isb_kind {
    void (*read)(isb_reader *reader, const isb_field *field, const isb_node *node, void *base);
    void (*write)(isb_text *text, const isb_field *field, const void *base);
    bool (*given)(const isb_field *field, const void *base); /* NULL: always written */
    bool list; /* of variants, written below the key, one a line */
} isb_kind;

/* A map with fixed keys. */
typedef struct isb_map {
    const char *label; /* as messages call it */
    const isb_field *fields;
    size_t count;
} isb_map;

/* A bare word, or a map with that word as its only key: layers, optimizers, losses. */
typedef struct isb_variants {
    const char *what;
    const isb_map *const *maps; /* map i belongs to value i; its label is the word */
    size_t count;
    bool stored; /* the value is an enum at the field's offset */
} isb_variants;

struct isb_field {
    const char *key;
    const isb_kind *kind;
    size_t offset;
    const char *initial; /* the default, as one would write it; NULL: zero bytes */
    const char *sample;  /* what a value looks like, for messages */
    const char *must;    /* what a value must be, for messages */
    double low, high;
    const isb_words *words;       /* of a choice */
    const isb_map *map;           /* of a map */
    const isb_variants *variants; /* of a variant, or of the items of a list of variants */
    size_t where;                 /* offset of a char * that gets the place; 0: none */
    bool required;
    bool usual;               /* what a value in place of the whole map is taken for, in messages */
    bool low_open, high_open; /* the bound itself is excluded */
};

extern const isb_kind isb_kind_map;
extern const isb_kind isb_kind_variant;
extern const isb_kind isb_kind_bool;
extern const isb_kind isb_kind_count;  /* size_t */
extern const isb_kind isb_kind_seed;   /* uint64_t */
extern const isb_kind isb_kind_real;   /* double */
extern const isb_kind isb_kind_choice; /* an enum: the index of the word */

/* Sets every field to its default, then reads the entries of `node`. */
void isb_map_read(isb_reader *reader, const isb_map *map, const isb_node *node, void *base);
void isb_map_defaults(const isb_map *map, void *base);
const isb_field *isb_map_find(const isb_map *map, const char *key);

/* {key: value, ...} on one line; and, for a map in block style, one key a line. */
void isb_map_write(isb_text *text, const isb_map *map, const void *base);
void isb_map_write_block(isb_text *text, const isb_map *map, const void *base, int indent);

/* Reads a bare word or a map with one key; returns the index of the variant, or `count` after an
 * error. isb_variant_fill then reads its fields. */
size_t isb_variant_pick(isb_reader *reader, const isb_variants *variants, const isb_node *node);
void isb_variant_fill(isb_reader *reader, const isb_variants *variants, size_t index,
                      const isb_node *node, void *base);
void isb_variant_write(isb_text *text, const isb_variants *variants, size_t index,
                       const void *base);
size_t isb_variants_find(const isb_variants *variants, const char *word);

/* The two messages that need the whole list of right words. */
void isb_unknown_key(isb_problems *problems, isb_place place, const isb_map *map, const char *key);
void isb_unknown_word(isb_problems *problems, isb_place place, const char *what, const char *word,
                      const char *const *words, size_t count);
void isb_unknown_variant(isb_problems *problems, isb_place place, const isb_variants *variants,
                         const char *word);

/* "KEY must be MUST, not VALUE", with `hint` behind it; says nothing about a broken node. */
void isb_wrong_value(isb_reader *reader, const isb_field *field, const isb_node *node,
                     const char *hint);

/* The same where a list or `none` belongs; `of_map` is the hint for a map. */
void isb_no_list(isb_reader *reader, const isb_field *field, const isb_node *node,
                 const char *of_map);

/* For what says nothing in other languages, "; nothing is written none"; else "". */
const char *isb_nothing_hint(const isb_node *node);

/* A plain integer from `low` to `high`; false after an error. */
bool isb_read_integer(isb_reader *reader, const isb_field *field, const isb_node *node,
                      uint64_t low, uint64_t high, uint64_t *value);

/* A plain number within the bounds of the field; false after an error. */
bool isb_read_number(isb_reader *reader, const isb_field *field, const isb_node *node,
                     double *value);

/* The field's place in its structure. */
void *isb_field_at(const isb_field *field, void *base);
const void *isb_field_of(const isb_field *field, const void *base);

#endif
