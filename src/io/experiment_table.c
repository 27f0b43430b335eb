/* How a table becomes features and labels, and what is split off for the test. */
#include "base/number.h"
#include "io/experiment_fields.h"
#include "io/name_index.h"
#include "io/yaml.h"
#include <stdlib.h>
#include <string.h>

/* The keys of a table stand in the resolved file of a table alone. */
static bool of_table(const isb_field *field, const void *base) {
    (void)field;
    const isb_experiment *experiment = base;
    return experiment->table.label != NULL;
}

static bool is_text(const isb_node *node) {
    return node->kind == ISB_NODE_SCALAR && !isb_node_empty(node);
}

/* --- lists of texts --- */

static void read_item(isb_reader *reader, const isb_field *field, const isb_node *node,
                      isb_names *out) {
    if (!is_text(node)) {
        isb_wrong_value(reader, field, node, "");
        return;
    }
    out->items[out->count] = strdup(node->text);
    if (out->items[out->count] == NULL)
        reader->problems->no_memory = true;
    else
        out->count++;
}

/* All items are texts: each has a name. */
static void refuse_duplicates(isb_reader *reader, const isb_field *field, const isb_node *list,
                              const isb_names *names) {
    isb_name_index index;
    if (!isb_name_index_make(&index, (const char *const *)names->items, names->count))
        reader->problems->no_memory = true;
    for (size_t i = 0; i < index.count; i++)
        if (isb_name_index_find(&index, names->items[i]) < i)
            isb_problems_add(reader->problems, list->entries[i].value->place,
                             "'%s' stands twice in %s; remove one", names->items[i], field->key);
    isb_name_index_free(&index);
}

static void read_list(isb_reader *reader, const isb_field *field, const isb_node *node,
                      isb_names *out) {
    if (node->kind != ISB_NODE_LIST) {
        isb_no_list(reader, field, node, "");
        return;
    }
    if (node->count == 0)
        isb_problems_add(reader->problems, node->place, "%s must be %s, not an empty list",
                         field->key, field->must);
    out->items = calloc(node->count + 1, sizeof *out->items);
    if (out->items == NULL)
        reader->problems->no_memory = true;
    for (size_t i = 0; i < node->count && out->items != NULL; i++)
        read_item(reader, field, node->entries[i].value, out);
    if (out->count == node->count)
        refuse_duplicates(reader, field, node, out);
}

static void write_list(isb_text *text, const isb_names *names) {
    for (size_t i = 0; i < names->count; i++) {
        isb_text_add(text, i == 0 ? "[" : ", ");
        isb_yaml_add_string(text, names->items[i]);
    }
    isb_text_add(text, "]");
}

static void read_names(isb_reader *reader, const isb_field *field, const isb_node *node,
                       void *base) {
    if (!isb_node_is(node, "none"))
        read_list(reader, field, node, isb_field_at(field, base));
}

static void write_names(isb_text *text, const isb_field *field, const void *base) {
    const isb_names *names = isb_field_of(field, base);
    if (names->count == 0)
        isb_text_add(text, "none");
    else
        write_list(text, names);
}

const isb_kind isb_kind_names = {read_names, write_names, NULL, false};

/* --- columns --- */

static void read_columns(isb_reader *reader, const isb_field *field, const isb_node *node,
                         void *base) {
    isb_column_choice *choice = isb_field_at(field, base);
    choice->all = isb_node_is(node, field->words->items[0]);
    if (choice->all || isb_node_is(node, "none"))
        return;
    if (node->kind == ISB_NODE_LIST)
        read_list(reader, field, node, &choice->names);
    else
        isb_no_list(reader, field, node, "");
}

static void write_columns(isb_text *text, const isb_field *field, const void *base) {
    const isb_column_choice *choice = isb_field_of(field, base);
    if (choice->all)
        isb_text_add(text, field->words->items[0]);
    else if (choice->names.count == 0)
        isb_text_add(text, "none");
    else
        write_list(text, &choice->names);
}

const isb_kind isb_kind_columns = {read_columns, write_columns, NULL, false};

/* `none` stands for what holds where the key is not given. */
static void read_features(isb_reader *reader, const isb_field *field, const isb_node *node,
                          void *base) {
    if (isb_node_is(node, "none"))
        isb_map_defaults(field->map, base);
    else
        isb_kind_map.read(reader, field, node, base);
}

static void write_features(isb_text *text, const isb_field *field, const void *base) {
    isb_map_write(text, field->map, base);
}

const isb_kind isb_kind_features = {read_features, write_features, of_table, false};

static void read_label(isb_reader *reader, const isb_field *field, const isb_node *node,
                       void *base) {
    char *text = NULL;
    if (isb_node_is(node, "none"))
        return;
    if (!is_text(node) || node->text[0] == '\0' || isb_nothing_hint(node)[0] != '\0')
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
    else if ((text = strdup(node->text)) == NULL)
        reader->problems->no_memory = true;
    memcpy(isb_field_at(field, base), &text, sizeof text);
}

static void write_label(isb_text *text, const isb_field *field, const void *base) {
    (void)field;
    const isb_experiment *experiment = base;
    isb_yaml_add_string(text, experiment->table.label);
}

const isb_kind isb_kind_label = {read_label, write_label, of_table, false};

/* --- missing cells --- */

static void read_missing(isb_reader *reader, const isb_field *field, const isb_node *node,
                         void *base) {
    read_list(reader, field, node, isb_field_at(field, base));
}

static void write_missing(isb_text *text, const isb_field *field, const void *base) {
    const isb_names *names = isb_field_of(field, base);
    if (names->count == 0)
        isb_text_add(text, "[\"\"]");
    else
        write_list(text, names);
}

const isb_kind isb_kind_missing = {read_missing, write_missing, of_table, false};

static void read_policy(isb_reader *reader, const isb_field *field, const isb_node *node,
                        void *base) {
    isb_kind_choice.read(reader, field, node, base);
}

static void write_policy(isb_text *text, const isb_field *field, const void *base) {
    isb_kind_choice.write(text, field, base);
}

const isb_kind isb_kind_missing_policy = {read_policy, write_policy, of_table, false};

/* --- the file --- */

static void read_separator(isb_reader *reader, const isb_field *field, const isb_node *node,
                           void *base) {
    char *separator = isb_field_at(field, base);
    if (isb_node_is(node, "none"))
        *separator = '\0';
    else if (isb_node_is(node, "tab") || (is_text(node) && strcmp(node->text, "\t") == 0))
        *separator = '\t';
    else if (isb_node_is(node, "space") || (is_text(node) && strcmp(node->text, " ") == 0))
        *separator = ' ';
    else if (is_text(node) && strlen(node->text) == 1 && strchr(",;|", node->text[0]) != NULL)
        *separator = node->text[0];
    else
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
}

static void write_separator(isb_text *text, const isb_field *field, const void *base) {
    const char *separator = isb_field_of(field, base);
    const char one[] = {*separator, '\0'};
    const char *word = *separator == '\0'   ? "none"
                       : *separator == '\t' ? "tab"
                       : *separator == ' '  ? "space"
                                            : NULL;
    if (word != NULL)
        isb_text_add(text, word);
    else
        isb_yaml_add_string(text, one);
}

const isb_kind isb_kind_separator = {read_separator, write_separator, of_table, false};

static void read_decimal(isb_reader *reader, const isb_field *field, const isb_node *node,
                         void *base) {
    bool *comma = isb_field_at(field, base);
    *comma = is_text(node) && strcmp(node->text, ",") == 0;
    if (!*comma && !(is_text(node) && strcmp(node->text, ".") == 0))
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
}

static void write_decimal(isb_text *text, const isb_field *field, const void *base) {
    (void)field;
    (void)base;
    isb_yaml_add_string(text, ",");
}

static bool decimal_comma(const isb_field *field, const void *base) {
    const bool *comma = isb_field_of(field, base);
    return *comma;
}

const isb_kind isb_kind_decimal = {read_decimal, write_decimal, decimal_comma, false};

static void read_header(isb_reader *reader, const isb_field *field, const isb_node *node,
                        void *base) {
    int *header = isb_field_at(field, base);
    bool value = false;
    if (isb_node_is(node, "none")) {
        *header = 0;
        return;
    }
    const size_t before = reader->problems->count;
    isb_field plain = *field;
    plain.offset = 0;
    isb_kind_bool.read(reader, &plain, node, &value);
    if (reader->problems->count == before)
        *header = value ? 1 : -1;
}

static void write_header(isb_text *text, const isb_field *field, const void *base) {
    const int *header = isb_field_of(field, base);
    isb_text_add(text, *header == 0 ? "none" : *header > 0 ? "true" : "false");
}

const isb_kind isb_kind_header = {read_header, write_header, of_table, false};

/* --- the test part --- */

static void read_test(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    double *fraction = isb_field_at(field, base);
    if (isb_node_is(node, "none"))
        *fraction = 0;
    else if (isb_nothing_hint(node)[0] != '\0')
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
    else
        isb_read_number(reader, field, node, fraction);
}

static bool test_given(const isb_field *field, const void *base) {
    (void)field;
    const isb_experiment *experiment = base;
    return experiment->test_fraction > 0;
}

static void write_test(isb_text *text, const isb_field *field, const void *base) {
    isb_kind_real.write(text, field, base);
}

const isb_kind isb_kind_test = {read_test, write_test, test_given, false};

static void read_test_seed(isb_reader *reader, const isb_field *field, const isb_node *node,
                           void *base) {
    isb_experiment *experiment = base;
    isb_kind_seed.read(reader, field, node, base);
    experiment->test_seed_given = true;
}

static void write_test_seed(isb_text *text, const isb_field *field, const void *base) {
    isb_kind_seed.write(text, field, base);
}

const isb_kind isb_kind_test_seed = {read_test_seed, write_test_seed, test_given, false};

/* --- weights of the classes --- */

static void read_class_weight(isb_reader *reader, const isb_field *field, const isb_node *node,
                              void *base) {
    bool *balanced = isb_field_at(field, base);
    *balanced = isb_node_is(node, "balanced");
    if (!*balanced && !isb_node_is(node, "none"))
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
}

static void write_class_weight(isb_text *text, const isb_field *field, const void *base) {
    (void)field;
    (void)base;
    isb_text_add(text, "balanced");
}

static bool class_weight_given(const isb_field *field, const void *base) {
    const bool *balanced = isb_field_of(field, base);
    return *balanced;
}

const isb_kind isb_kind_class_weight = {read_class_weight, write_class_weight, class_weight_given,
                                        false};
