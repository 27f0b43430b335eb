#include "io/yaml.h"
#include "io/utf8.h"
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 32, MOST_NODES = 100000, MOST_BLANK_LINES = 1000, LEAST_RESERVE = 1 << 20 };

/* A map or list that is still open. */
typedef struct frame {
    isb_node *node;
    bool has_key;    /* of a map: a key waits for its value */
    const char *key; /* NULL: the key was refused, its value is dropped */
    isb_place key_place;
} frame;

typedef struct builder {
    isb_pool *pool;
    isb_problems *problems;
    isb_place start; /* of the text */
    isb_place last;  /* of the last event that had one */
    frame frames[DEEPEST];
    size_t depth;
    size_t nodes;
    size_t documents;
    isb_node *root;
    bool stopped; /* the rest of the text is not looked at */
    bool broken;  /* there is no tree */
} builder;

static isb_place place_at(const builder *b, const struct fy_mark *mark, int columns_back) {
    isb_place place = b->start;
    if (place.line != 0) {
        place.line = (uint32_t)mark->line + 1;
        place.column = (uint32_t)(mark->column + 1 - columns_back);
    }
    return place;
}

/* A syntax error is reported alone. */
static void break_off(builder *b, isb_place place, const char *message) {
    isb_problems_drop(b->problems, b->start.source);
    isb_problems_add(b->problems, place, "%s", message);
    b->stopped = b->broken = true;
}

static void no_memory(builder *b) {
    b->problems->no_memory = true;
    b->stopped = b->broken = true;
}

static frame *top(builder *b) { return b->depth > 0 ? &b->frames[b->depth - 1] : NULL; }

static bool key_expected(builder *b) {
    frame *open = top(b);
    return open != NULL && open->node->kind == ISB_NODE_MAP && !open->has_key;
}

static void take_key(builder *b, const char *key, isb_place place) {
    frame *open = top(b);
    open->has_key = true;
    open->key = key;
    open->key_place = place;
}

static void attach(builder *b, isb_node *node) {
    frame *open = top(b);
    bool kept = true;
    if (open == NULL)
        b->root = node;
    else if (open->node->kind == ISB_NODE_LIST)
        kept = isb_node_add(b->pool, open->node, (isb_entry){NULL, node->place, node});
    else if (open->key != NULL)
        kept = isb_node_add(b->pool, open->node, (isb_entry){open->key, open->key_place, node});
    if (open != NULL)
        open->has_key = false;
    if (!kept)
        no_memory(b);
}

static isb_node *new_node(builder *b, isb_node_kind kind, isb_place place) {
    if (++b->nodes > MOST_NODES) {
        break_off(b, place, "more than 100000 values; a few dozen are enough");
        return NULL;
    }
    isb_node *node = isb_node_new(b->pool, kind, place);
    if (node == NULL)
        no_memory(b);
    return node;
}

static void open_container(builder *b, isb_node_kind kind, isb_place place) {
    if (b->depth == DEEPEST) {
        break_off(b, place, "nested more than 32 levels deep; a few are enough");
        return;
    }
    isb_node *node = new_node(b, kind, place);
    if (node == NULL)
        return;
    if (key_expected(b)) {
        isb_problems_add(b->problems, place, "a key must be a single word, not a list or a map");
        take_key(b, NULL, place);
    } else {
        attach(b, node);
    }
    b->frames[b->depth++] = (frame){node, false, NULL, place};
}

static int compare_keys(const void *a, const void *b) {
    const isb_entry *const *left = a, *const *right = b;
    int order = strcmp((*left)->key, (*right)->key);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static void report_duplicate(builder *b, const isb_entry *first, const isb_entry *again) {
    char word[ISB_CLIP_SIZE];
    isb_clip(word, first->key);
    if (first->place.line == 0)
        isb_problems_add(b->problems, again->place, "duplicate key '%s'; remove one", word);
    else
        isb_problems_add(b->problems, again->place,
                         "duplicate key '%s'; it already stands at line %u, column %u; remove one",
                         word, first->place.line, first->place.column);
}

/* Of equal keys the first one stays. */
static void drop_duplicates(builder *b, isb_node *map) {
    if (map->count < 2)
        return;
    isb_entry **sorted = isb_pool_take(b->pool, map->count * sizeof *sorted);
    if (sorted == NULL) {
        no_memory(b);
        return;
    }
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->entries[i];
    qsort(sorted, map->count, sizeof *sorted, compare_keys);
    isb_entry *first = sorted[0];
    for (size_t i = 1; i < map->count; i++) {
        if (strcmp(first->key, sorted[i]->key) != 0) {
            first = sorted[i];
            continue;
        }
        report_duplicate(b, first, sorted[i]);
        sorted[i]->value = NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        if (map->entries[i].value != NULL)
            map->entries[kept++] = map->entries[i];
    map->count = kept;
}

static void close_container(builder *b) {
    isb_node *node = b->frames[--b->depth].node;
    if (node->kind == ISB_NODE_MAP)
        drop_duplicates(b, node);
}

/* Escapes can spell what no text file may hold. */
static bool is_string(const char *text, size_t length) {
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t point = isb_utf8_decode(text + i, length - i, &size);
        if (point == 0 || point == ISB_UTF8_INVALID)
            return false;
    }
    return true;
}

/* The text of a scalar; NULL where the parse is over. fy_token_get_text loses memory where a scalar
 * is made of many pieces, as one with many escapes is. */
static char *copy_scalar(builder *b, struct fy_token *token, isb_place place, size_t *length) {
    isb_text text = {0};
    struct fy_token_iter *pieces = fy_token_iter_create(token);
    const struct fy_iter_chunk *piece = NULL;
    int failed = 0;
    while (pieces != NULL && (piece = fy_token_iter_chunk_next(pieces, piece, &failed)) != NULL)
        isb_text_add_bytes(&text, piece->str, piece->len);
    fy_token_iter_destroy(pieces);
    *length = text.length;
    char *copy = isb_pool_copy(b->pool, text.data, text.length);
    free(text.data);
    if (pieces == NULL || text.failed || copy == NULL) {
        no_memory(b);
        return NULL;
    }
    if (failed != 0) {
        break_off(b, place, "not valid YAML: a string that cannot be read");
        return NULL;
    }
    return copy;
}

static void take_key_scalar(builder *b, const char *text, bool plain, isb_place place) {
    if (plain && text[0] == '\0') {
        isb_problems_add(b->problems, place, "a key is missing before ':'");
        text = NULL;
    } else if (plain && strcmp(text, "<<") == 0) {
        isb_problems_add(b->problems, place,
                         "merge keys (<<) are not supported; write the keys out");
        text = NULL;
    }
    take_key(b, text, place);
}

/* Where a scalar without text belongs: at its key, or at what stands before it. */
static isb_place place_of_nothing(builder *b) {
    frame *open = top(b);
    return open != NULL && open->has_key ? open->key_place : b->last;
}

static void take_scalar(builder *b, struct fy_event *event) {
    size_t length = 0;
    struct fy_token *token = event->scalar.value;
    const struct fy_mark *mark = token != NULL ? fy_event_start_mark(event) : NULL;
    enum fy_scalar_style style = token != NULL ? fy_token_scalar_style(token) : FYSS_PLAIN;
    bool plain = style == FYSS_PLAIN;
    int quote =
        style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED; /* the mark is behind it */
    isb_place place = mark != NULL ? place_at(b, mark, quote) : place_of_nothing(b);
    const char *copy = token != NULL ? copy_scalar(b, token, place, &length) : "";
    if (copy == NULL)
        return;
    bool valid = is_string(copy, length);
    if (!valid)
        isb_problems_add(b->problems, place,
                         "an escape stands for no character of a text; mend "
                         "the string");
    if (key_expected(b)) {
        take_key_scalar(b, valid ? copy : "?", plain && valid, place);
        if (!valid)
            top(b)->key = NULL;
        return;
    }
    isb_node *node = new_node(b, valid ? ISB_NODE_SCALAR : ISB_NODE_BROKEN, place);
    if (node == NULL)
        return;
    node->text = copy;
    node->plain = plain;
    attach(b, node);
}

static void refuse_alias(builder *b, struct fy_event *event) {
    isb_place place = place_at(b, fy_event_start_mark(event), 1);
    isb_problems_add(b->problems, place, "aliases (*name) are not supported; write the value out");
    if (key_expected(b)) {
        take_key(b, NULL, place);
        return;
    }
    isb_node *node = new_node(b, ISB_NODE_BROKEN, place);
    if (node != NULL)
        attach(b, node);
}

static void refuse_properties(builder *b, struct fy_event *event) {
    struct fy_token *anchor = event->type == FYET_ALIAS ? NULL : fy_event_get_anchor_token(event);
    if (anchor != NULL)
        isb_problems_add(b->problems, place_at(b, fy_token_start_mark(anchor), 1),
                         "anchors (&name) are not supported; remove it");
    struct fy_token *tag = fy_event_get_tag_token(event);
    if (tag != NULL)
        isb_problems_add(b->problems, place_at(b, fy_token_start_mark(tag), 0),
                         "tags (!name) are not supported; remove it");
}

static void begin_document(builder *b, struct fy_event *event) {
    if (++b->documents == 1)
        return;
    const struct fy_mark *mark = fy_event_start_mark(event);
    isb_problems_add(b->problems, mark != NULL ? place_at(b, mark, 0) : b->last,
                     "a second document; a file holds one");
    b->stopped = true;
}

static void take_event(builder *b, struct fy_event *event) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (event->type == FYET_DOCUMENT_START) {
        begin_document(b, event);
        return;
    }
    if (mark != NULL)
        b->last = place_at(b, mark, 0);
    refuse_properties(b, event);
    switch (event->type) {
    case FYET_SCALAR: take_scalar(b, event); break;
    case FYET_ALIAS: refuse_alias(b, event); break;
    case FYET_MAPPING_START: open_container(b, ISB_NODE_MAP, b->last); break;
    case FYET_SEQUENCE_START: open_container(b, ISB_NODE_LIST, b->last); break;
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END: close_container(b); break;
    default: break;
    }
}

static void report_syntax_error(builder *b, struct fy_diag *diag) {
    void *iterator = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
    isb_place place = b->last;
    if (error != NULL && b->start.line != 0) {
        place.line = (uint32_t)(error->line > 0 ? error->line : 1);
        place.column = (uint32_t)(error->column > 0 ? error->column : 1);
    }
    char message[256];
    snprintf(message, sizeof message, "not valid YAML: %s",
             error != NULL ? error->msg : "it cannot be read");
    break_off(b, place, message);
}

static void build(builder *b, struct fy_parser *parser, struct fy_diag *diag) {
    struct fy_event *event;
    while (!b->stopped && (event = fy_parser_parse(parser)) != NULL) {
        take_event(b, event);
        fy_parser_event_free(parser, event);
    }
    bool failed = fy_parser_get_stream_error(parser) || fy_diag_got_error(diag);
    if (failed && !b->broken)
        report_syntax_error(b, diag);
}

static struct fy_diag *silent_diag(void) {
    struct fy_diag_cfg config;
    fy_diag_cfg_default(&config);
    config.fp = NULL;
    config.colorize = false;
    struct fy_diag *diag = fy_diag_create(&config);
    if (diag != NULL)
        fy_diag_set_collect_errors(diag, true);
    return diag;
}

static isb_node *tree_of(builder *b) {
    if (b->broken)
        return NULL;
    if (b->root == NULL)
        b->root = isb_node_scalar(b->pool, "", true, b->start);
    if (b->root == NULL)
        b->problems->no_memory = true;
    return b->root;
}

/* Experiments need no directives, and libfyaml takes a time for them that grows as the square of
 * their number. */
static void refuse_directives(builder *b, const char *text, size_t length) {
    isb_place place = b->start;
    for (size_t i = 0; i < length; i++) {
        bool first = i == 0 || text[i - 1] == '\n' || text[i - 1] == '\r';
        bool crlf = i > 0 && text[i] == '\n' && text[i - 1] == '\r';
        if (first && text[i] == '%') {
            break_off(b, place, "directives (%NAME) are not supported; remove the line");
            return;
        }
        if ((text[i] == '\n' || text[i] == '\r') && place.line != 0 && !crlf)
            place.line++;
    }
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Within a block (| or >) libfyaml takes a time for blank lines that grows as the square of their
 * number. Where nothing stands before them they are none of a block. */
static void refuse_blank_lines(builder *b, const char *text, size_t length) {
    isb_place place = b->start;
    size_t blank = 0, at = 0;
    while (at < length && is_blank(text[at]))
        at++;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n')
            blank += i >= at;
        else if (!is_blank(text[i]))
            blank = 0;
        if (text[i] == '\n' && place.line != 0)
            place.line++;
        if (blank > MOST_BLANK_LINES) {
            break_off(b, place, "more than 1000 blank lines in a row; take them out");
            return;
        }
    }
}

/* What libfyaml must not see. */
static void check_text(builder *b, const char *text, size_t length) {
    if (!is_string(text, length))
        break_off(b, b->start, "not valid UTF-8; save it as UTF-8");
    else
        refuse_directives(b, text, length);
    if (!b->stopped)
        refuse_blank_lines(b, text, length);
}

/* Where memory is short libfyaml ends the process, so what it needs must be there beforehand. */
static bool memory_suffices(size_t length) {
    void *reserve = malloc(LEAST_RESERVE + 4 * length);
    free(reserve);
    return reserve != NULL;
}

isb_node *isb_yaml_parse(isb_pool *pool, isb_problems *problems, const char *text, size_t length,
                         isb_place start) {
    builder b = {.pool = pool, .problems = problems, .start = start, .last = start};
    if (!memory_suffices(length)) {
        no_memory(&b);
        return NULL;
    }
    struct fy_diag *diag = silent_diag();
    struct fy_parse_cfg config = {
        .flags = FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_ALLOW_DUPLICATE_KEYS,
        .diag = diag,
    };
    struct fy_parser *parser = diag != NULL ? fy_parser_create(&config) : NULL;
    if (parser == NULL || fy_parser_set_string(parser, text, length) != 0)
        no_memory(&b);
    else
        check_text(&b, text, length);
    if (!b.stopped)
        build(&b, parser, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return tree_of(&b);
}
