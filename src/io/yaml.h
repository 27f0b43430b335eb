/* YAML 1.2, the part of it that experiment and study files use: no anchors, aliases, tags, merge
 * keys, directives or further documents. */
#ifndef ISB_IO_YAML_H
#define ISB_IO_YAML_H

#include "io/node.h"
#include "io/text.h"

/* The tree of `text`; nodes live in the pool. `start` is where the text begins: with line 1 in a
 * file, with line 0 in a setting, whose nodes then all have its place. Text without content gives
 * an empty scalar. NULL after a syntax error, which is then the only problem of its source. */
isb_node *isb_yaml_parse(isb_pool *pool, isb_problems *problems, const char *text, size_t length,
                         isb_place start);

/* Adds the tree as it could stand in a file, on one line. */
void isb_yaml_add_node(isb_text *text, const isb_node *node);

/* Adds a scalar that reads back as the string `value`, quoted where it has to be. */
void isb_yaml_add_string(isb_text *text, const char *value);

#endif
