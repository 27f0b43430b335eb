#include "io/data_source.h"
#include "io/path.h"
#include "io/utf8.h"
#include "io/yaml.h"
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(isb_data_source, member)

static void read_string(isb_reader *reader, const isb_field *field, const isb_node *node,
                        void *base) {
    if (isb_node_is(node, "none") && !field->required)
        return;
    if (node->kind != ISB_NODE_SCALAR || node->text[0] == '\0' || isb_node_is(node, "none") ||
        *isb_nothing_hint(node) != '\0') {
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
        return;
    }
    char *text = strdup(node->text);
    if (text == NULL)
        reader->problems->no_memory = true;
    memcpy(isb_field_at(field, base), &text, sizeof text);
}

static const isb_kind kind_string = {read_string, NULL, NULL, false};

#define ARRAY                                                                                      \
    .kind = &kind_string, .must = "the path of a file, or with 'file' the name of an array"

static const isb_field fields[] = {
    {.key = "file",
     .kind = &kind_string,
     .offset = AT(file),
     .sample = "mnist.npz",
     .must = "the path of an .npz file, or none"},
    {.key = "x", ARRAY, .offset = AT(x), .sample = "x_train.npy", .required = true},
    {.key = "y", ARRAY, .offset = AT(y), .sample = "y_train.npy", .required = true},
    {.key = "x_test", ARRAY, .offset = AT(x_test), .sample = "x_test.npy"},
    {.key = "y_test", ARRAY, .offset = AT(y_test), .sample = "y_test.npy"},
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

const isb_map isb_data_source_map = {"source", fields, FIELDS};

static char **member(isb_data_source *source, size_t i) { return isb_field_at(&fields[i], source); }

void isb_data_source_free(isb_data_source *source) {
    for (size_t i = 0; i < FIELDS; i++)
        free(*member(source, i));
    *source = (isb_data_source){0};
}

static bool is_utf8(const char *text) {
    const size_t length = strlen(text);
    for (size_t i = 0, size; i < length; i += size)
        if (isb_utf8_decode(text + i, length - i, &size) == ISB_UTF8_INVALID)
            return false;
    return true;
}

static void make_absolute(isb_reader *reader, const isb_entry *entry, char **path) {
    const isb_place place = entry->value->place;
    const char *folder =
        place.source < reader->files ? reader->folders[place.source] : reader->here;
    char *absolute = isb_path_absolute(folder, *path);
    if (absolute == NULL)
        reader->problems->no_memory = true;
    else if (!is_utf8(absolute))
        isb_problems_add(reader->problems, place,
                         "the whole path of %s is not valid UTF-8; rename its directories",
                         entry->key);
    free(*path);
    *path = absolute;
}

/* With `file` the other keys name arrays, without it files. */
static void resolve_paths(isb_reader *reader, isb_data_source *out, const isb_node *node) {
    const size_t paths = out->file != NULL ? 1 : FIELDS;
    for (size_t i = 0; i < paths; i++)
        if (*member(out, i) != NULL)
            make_absolute(reader, isb_node_find(node, fields[i].key), member(out, i));
}

static void check_test(isb_reader *reader, const isb_data_source *out, const isb_node *node) {
    if ((out->x_test == NULL) == (out->y_test == NULL))
        return;
    const char *there = out->x_test != NULL ? "x_test" : "y_test";
    isb_problems_add(reader->problems, isb_node_find(node, there)->value->place,
                     "%s stands without %s; a test part has both", there,
                     out->x_test != NULL ? "y_test" : "x_test");
}

void isb_data_source_read(isb_data_source *out, isb_reader *reader, const isb_node *node) {
    const size_t before = reader->problems->count;
    *out = (isb_data_source){0};
    isb_map_read(reader, &isb_data_source_map, node, out);
    if (reader->problems->count == before)
        check_test(reader, out, node);
    if (reader->problems->count == before && reader->here != NULL)
        resolve_paths(reader, out, node);
    if (reader->problems->count > before || reader->problems->no_memory)
        isb_data_source_free(out);
}

char *isb_data_source_text(const isb_data_source *source) {
    isb_text text = {0};
    for (size_t i = 0; i < FIELDS; i++) {
        const char *const *value = isb_field_of(&fields[i], source);
        if (*value == NULL)
            continue;
        isb_text_add(&text, text.length == 0 ? "{" : ", ");
        isb_text_add(&text, fields[i].key);
        isb_text_add(&text, ": ");
        isb_yaml_add_string(&text, *value);
    }
    isb_text_add(&text, "}");
    if (!text.failed)
        return text.data;
    free(text.data);
    return NULL;
}

isb_status isb_data_source_parse(isb_data_source *out, const char *text, isb_error *error) {
    isb_pool pool = {0};
    isb_problems problems = {0};
    isb_reader reader = {.problems = &problems, .pool = &pool};
    const isb_place place = {"data source", 0, 0, 0};
    *out = (isb_data_source){0};
    const isb_node *node = isb_yaml_parse(&pool, &problems, text, strlen(text), place);
    if (node != NULL && node->kind == ISB_NODE_MAP)
        isb_data_source_read(out, &reader, node);
    else if (node != NULL)
        isb_problems_add(&problems, place, "is no map such as {x: FILE, y: FILE}");
    isb_error reasons = ISB_ERROR_INIT;
    isb_status status = isb_problems_report(&problems, text, &reasons);
    isb_pool_free(&pool);
    if (status == ISB_OK)
        return ISB_OK;
    status = status == ISB_USAGE ? ISB_DATA : status;
    isb_fail(error, status, "%s", isb_error_text(&reasons));
    isb_error_clear(&reasons);
    return status;
}
