/* Names and paths, and what is done with the data. */
#include "io/experiment_data.h"
#include "base/number.h"
#include "io/data_source.h"
#include "io/experiment_fields.h"
#include "io/path.h"
#include "io/utf8.h"
#include "io/yaml.h"
#include <stdlib.h>
#include <string.h>

static bool is_utf8(const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0, size; i < length; i += size)
        if (isb_utf8_decode(text + i, length - i, &size) == ISB_UTF8_INVALID)
            return false;
    return true;
}

static bool says_nothing(const isb_node *node) { return isb_nothing_hint(node)[0] != '\0'; }

static void store_string(isb_reader *reader, const isb_field *field, void *base, char *text) {
    if (text == NULL)
        reader->problems->no_memory = true;
    memcpy(isb_field_at(field, base), &text, sizeof text);
}

static const char *load_string(const isb_field *field, const void *base) {
    const char *text = NULL;
    memcpy(&text, isb_field_of(field, base), sizeof text);
    return text;
}

/* --- name --- */

bool isb_name_valid(const char *name) {
    size_t length = strlen(name);
    if (length == 0 || length > 128 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t point = isb_utf8_decode(name + i, length - i, &size);
        if (point == ISB_UTF8_INVALID || point == '/' || point < 0x20 ||
            (point >= 0x7f && point < 0xa0))
            return false;
    }
    return true;
}

/* `none` leaves the default, which the file's name gives. */
static void read_name(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    if (isb_node_is(node, "none"))
        return;
    if (node->kind == ISB_NODE_SCALAR && !isb_node_empty(node) && isb_name_valid(node->text))
        store_string(reader, field, base, strdup(node->text));
    else
        isb_wrong_value(reader, field, node, "");
}

static void write_name(isb_text *text, const isb_field *field, const void *base) {
    isb_yaml_add_string(text, load_string(field, base));
}

const isb_kind isb_kind_name = {read_name, write_name, NULL, false};

/* --- paths --- */

static void read_path(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    if (node->kind != ISB_NODE_SCALAR || node->text[0] == '\0' || says_nothing(node)) {
        isb_wrong_value(reader, field, node, "");
        return;
    }
    const size_t source = node->place.source;
    const char *folder = source < reader->files ? reader->folders[source] : reader->here;
    char *path = isb_path_absolute(folder, node->text);
    if (path != NULL && !is_utf8(path))
        isb_problems_add(reader->problems, node->place,
                         "the whole path of %s is not valid UTF-8; rename its directories",
                         field->key);
    store_string(reader, field, base, path);
}

static void read_source_map(isb_reader *reader, const isb_field *field, const isb_node *node,
                            void *base) {
    isb_data_source source;
    isb_data_source_read(&source, reader, node);
    if (source.x != NULL)
        store_string(reader, field, base, isb_data_source_text(&source));
    isb_data_source_free(&source);
}

static void read_source(isb_reader *reader, const isb_field *field, const isb_node *node,
                        void *base) {
    if (isb_node_is(node, "none"))
        isb_wrong_value(reader, field, node, "; a directory of that name is written ./none");
    else if (isb_node_is(node, "test"))
        isb_wrong_value(reader, field, node, "; a directory of that name is written ./test");
    else if (node->kind == ISB_NODE_MAP)
        read_source_map(reader, field, node, base);
    else if (node->kind == ISB_NODE_SCALAR && node->text[0] == '{')
        isb_wrong_value(reader, field, node,
                        node->plain ? "; a map is set with --set 'data.source={x: FILE, y: FILE}'"
                                    : "; take the quotes away");
    else if (node->kind == ISB_NODE_SCALAR && strcmp(node->text, "digits") == 0)
        store_string(reader, field, base, strdup("digits"));
    else
        read_path(reader, field, node, base);
}

/* A path is absolute: what begins with '{' is a map as it is written. */
static void write_source(isb_text *text, const isb_field *field, const void *base) {
    const char *source = load_string(field, base);
    if (source[0] == '{')
        isb_text_add(text, source);
    else
        isb_yaml_add_string(text, source);
}

const isb_kind isb_kind_source = {read_source, write_source, NULL, false};

static void read_weights(isb_reader *reader, const isb_field *field, const isb_node *node,
                         void *base) {
    if (isb_node_is(node, "none"))
        return;
    if (says_nothing(node))
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
    else
        read_path(reader, field, node, base);
}

static void write_weights(isb_text *text, const isb_field *field, const void *base) {
    const char *path = load_string(field, base);
    if (path == NULL)
        isb_text_add(text, "none");
    else
        isb_yaml_add_string(text, path);
}

const isb_kind isb_kind_weights = {read_weights, write_weights, NULL, false};

/* --- scale --- */

static const char *const scale_words[] = {
    [ISB_SCALE_NONE] = "none",
    [ISB_SCALE_STANDARDIZE] = "standardize",
    [ISB_SCALE_MINMAX] = "minmax",
    [ISB_SCALE_MODEL_WEIGHTS] = "model_weights",
};

/* The kind that the word says; ISB_SCALE_DEFAULT where it says none. */
static isb_scale_kind scale_of_word(const isb_node *node) {
    for (size_t kind = 0; kind < sizeof scale_words / sizeof *scale_words; kind++)
        if (scale_words[kind] != NULL && isb_node_is(node, scale_words[kind]))
            return (isb_scale_kind)kind;
    return ISB_SCALE_DEFAULT;
}

static void read_scale(isb_reader *reader, const isb_field *field, const isb_node *node,
                       void *base) {
    isb_experiment *experiment = base;
    const isb_scale_kind word = scale_of_word(node);
    if (word != ISB_SCALE_DEFAULT)
        experiment->scale_kind = word;
    else if (says_nothing(node))
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
    else if (isb_read_number(reader, field, node, &experiment->scale))
        experiment->scale_kind = ISB_SCALE_BY;
}

static void write_scale(isb_text *text, const isb_field *field, const void *base) {
    const isb_experiment *experiment = base;
    if (experiment->scale_kind != ISB_SCALE_BY)
        isb_text_add(text, scale_words[experiment->scale_kind]);
    else
        isb_kind_real.write(text, field, base);
}

/* The default depends on the data, which the file does not know. */
static bool scale_given(const isb_field *field, const void *base) {
    (void)field;
    const isb_experiment *experiment = base;
    return experiment->scale_kind != ISB_SCALE_DEFAULT;
}

const isb_kind isb_kind_scale = {read_scale, write_scale, scale_given, false};

/* --- validation --- */

static void read_validation_map(isb_reader *reader, const isb_field *field, const isb_node *node,
                                isb_experiment *experiment) {
    isb_validation_form form = {0, 0};
    isb_map_read(reader, field->map, node, &form);
    experiment->validation = form.from == 0 ? ISB_VALIDATION_STRATIFIED : ISB_VALIDATION_TAIL;
    experiment->validation_fraction = form.fraction;
}

static void read_validation_form(isb_reader *reader, const isb_field *field, const isb_node *node,
                                 isb_experiment *experiment) {
    if (isb_node_is(node, "none"))
        experiment->validation = ISB_VALIDATION_NONE;
    else if (isb_node_is(node, "test"))
        experiment->validation = ISB_VALIDATION_TEST;
    else if (node->kind == ISB_NODE_MAP)
        read_validation_map(reader, field, node, experiment);
    else if (says_nothing(node))
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
    else if (isb_read_number(reader, field, node, &experiment->validation_fraction))
        experiment->validation = ISB_VALIDATION_STRATIFIED;
}

static void read_validation(isb_reader *reader, const isb_field *field, const isb_node *node,
                            void *base) {
    size_t before = reader->problems->count;
    read_validation_form(reader, field, node, base);
    if (node->kind == ISB_NODE_BROKEN || reader->problems->count > before)
        reader->scores_unknown = true;
}

static void write_validation(isb_text *text, const isb_field *field, const void *base) {
    const isb_experiment *experiment = base;
    isb_validation_form form = {experiment->validation_fraction,
                                experiment->validation == ISB_VALIDATION_TAIL};
    if (experiment->validation == ISB_VALIDATION_NONE)
        isb_text_add(text, "none");
    else if (experiment->validation == ISB_VALIDATION_TEST)
        isb_text_add(text, "test");
    else
        isb_map_write(text, field->map, &form);
}

const isb_kind isb_kind_validation = {read_validation, write_validation, NULL, false};
