#include "data/npy.h"
#include "data/unpacking.h"
#include "io/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_HEADER = 1 << 16, MOST_TYPE = 64, PREFIX = ISB_NPY_MAGIC_SIZE + 2 };

/* The header's text on the way through it; what is not understood is said at the end. */
typedef struct parser {
    const char *at;
    isb_npy *out;
    const isb_feed *feed;
    bool has_type, has_order, has_shape;
    size_t axes; /* also those that the array has no room for */
    isb_error *error;
} parser;

static isb_status fail_syntax(const parser *p) {
    char clipped[ISB_CLIP_SIZE];
    return isb_fail(p->error, ISB_DATA,
                    "%s: its header is not what NumPy writes, at '%s'; save the array again with "
                    "numpy.save",
                    p->feed->name, isb_clip(clipped, p->at));
}

static void skip_spaces(parser *p) { p->at += strspn(p->at, " \t\r\n"); }

static bool take(parser *p, char c) {
    skip_spaces(p);
    if (*p->at != c)
        return false;
    p->at++;
    return true;
}

/* 'text' or "text", without escapes; false, and nothing taken, where there is none. */
static bool take_string(parser *p, char *text, size_t room) {
    skip_spaces(p);
    const char quote = *p->at;
    if (quote != '\'' && quote != '"')
        return false;
    const char *end = strchr(p->at + 1, quote);
    if (end == NULL || (size_t)(end - p->at) > room)
        return false;
    const size_t length = (size_t)(end - p->at) - 1;
    memcpy(text, p->at + 1, length);
    text[length] = '\0';
    p->at = end + 1;
    return memchr(text, '\\', length) == NULL;
}

static bool take_word(parser *p, const char *word) {
    skip_spaces(p);
    const size_t length = strlen(word);
    if (strncmp(p->at, word, length) != 0)
        return false;
    p->at += length;
    return true;
}

/* --- type --- */

static const char *type_name(char kind) {
    switch (kind) {
    case 'c': return "complex numbers";
    case 'U':
    case 'S':
    case 'a': return "text";
    case 'M':
    case 'm': return "dates or times";
    case 'V': return "raw bytes";
    default: return "something else than numbers";
    }
}

static isb_status fail_objects(const parser *p) {
    return isb_fail(p->error, ISB_DATA,
                    "%s: holds Python objects, which are pickled, and unpickling may run any code; "
                    "save plain numbers, such as numpy.save(FILE, x.astype('float32'))",
                    p->feed->name);
}

static isb_status fail_type(const parser *p, const char *type, char kind) {
    char clipped[ISB_CLIP_SIZE];
    return isb_fail(p->error, ISB_DATA,
                    "%s: holds elements of type '%s' (%s); integers of 1 to 8 bytes, floats of 2, "
                    "4 or 8 bytes and bool are read: save it again, such as x.astype('float32')",
                    p->feed->name, isb_clip(clipped, type), type_name(kind));
}

static isb_status set_type(parser *p, const char *type) {
    const bool has_order = type[0] != '\0' && strchr("<>|=", type[0]) != NULL;
    const char *kind = has_order ? type + 1 : type;
    if (*kind == 'O')
        return fail_objects(p);
    const char *const sizes = *kind == 'b'                   ? "1"
                              : *kind == 'i' || *kind == 'u' ? "1248"
                              : *kind == 'f'                 ? "248"
                                                             : "";
    if (kind[0] == '\0' || kind[1] == '\0' || kind[2] != '\0' || strchr(sizes, kind[1]) == NULL)
        return fail_type(p, type, *kind);
    p->out->kind = *kind == 'b'   ? ISB_NPY_BOOL
                   : *kind == 'i' ? ISB_NPY_SIGNED
                   : *kind == 'u' ? ISB_NPY_UNSIGNED
                                  : ISB_NPY_FLOAT;
    p->out->size = (size_t)(kind[1] - '0');
    p->out->swapped = type[0] == '>' && p->out->size > 1;
    return ISB_OK;
}

static isb_status read_type(parser *p) {
    char type[MOST_TYPE];
    skip_spaces(p);
    if (*p->at == '[' || *p->at == '(')
        return isb_fail(p->error, ISB_DATA,
                        "%s: is a structured array, a table with named fields; save its numbers as "
                        "a plain one, such as "
                        "numpy.lib.recfunctions.structured_to_unstructured(x)",
                        p->feed->name);
    if (!take_string(p, type, sizeof type))
        return fail_syntax(p);
    p->has_type = true;
    return set_type(p, type);
}

/* --- order and shape --- */

static isb_status read_order(parser *p) {
    p->has_order = true;
    p->out->fortran = take_word(p, "True");
    return p->out->fortran || take_word(p, "False") ? ISB_OK : fail_syntax(p);
}

/* Digits, with the L that Python 2 puts behind long ones. */
static bool take_size(parser *p, size_t *size) {
    skip_spaces(p);
    const char *start = p->at;
    for (*size = 0; *p->at >= '0' && *p->at <= '9'; p->at++)
        if (__builtin_mul_overflow(*size, 10, size) ||
            __builtin_add_overflow(*size, (size_t)(*p->at - '0'), size))
            return false;
    if (p->at == start)
        return false;
    p->at += *p->at == 'L';
    return true;
}

static isb_status read_shape(parser *p) {
    if (!take(p, '('))
        return fail_syntax(p);
    bool comma = true;
    while (!take(p, ')')) {
        size_t size;
        if (!comma || !take_size(p, &size))
            return fail_syntax(p);
        if (p->axes < ISB_NPY_MAX_RANK)
            p->out->sizes[p->axes] = size;
        p->axes++;
        comma = take(p, ',');
    }
    p->has_shape = true;
    return ISB_OK;
}

/* --- the whole --- */

static isb_status read_entry(parser *p) {
    char key[MOST_TYPE];
    const char *start = p->at;
    if (!take_string(p, key, sizeof key) || !take(p, ':'))
        return fail_syntax(p);
    if (strcmp(key, "descr") == 0 && !p->has_type)
        return read_type(p);
    if (strcmp(key, "fortran_order") == 0 && !p->has_order)
        return read_order(p);
    if (strcmp(key, "shape") == 0 && !p->has_shape)
        return read_shape(p);
    p->at = start;
    return fail_syntax(p);
}

static isb_status read_dictionary(parser *p) {
    if (!take(p, '{'))
        return fail_syntax(p);
    bool comma = true;
    while (!take(p, '}')) {
        const isb_status status = comma ? read_entry(p) : fail_syntax(p);
        if (status != ISB_OK)
            return status;
        comma = take(p, ',');
    }
    skip_spaces(p);
    if (*p->at != '\0' || !p->has_type || !p->has_order || !p->has_shape)
        return fail_syntax(p);
    return ISB_OK;
}

const char *isb_npy_shape(const isb_npy *array, char text[ISB_NPY_SHAPE_SIZE]) {
    size_t length = (size_t)snprintf(text, ISB_NPY_SHAPE_SIZE, "(");
    for (size_t i = 0; i < array->rank; i++)
        length += (size_t)snprintf(text + length, ISB_NPY_SHAPE_SIZE - length, "%s%zu",
                                   i > 0 ? ", " : "", array->sizes[i]);
    snprintf(text + length, ISB_NPY_SHAPE_SIZE - length, array->rank == 1 ? ",)" : ")");
    return text;
}

static isb_status count_elements(const parser *p) {
    isb_npy *out = p->out;
    char shape[ISB_NPY_SHAPE_SIZE];
    if (p->axes > ISB_NPY_MAX_RANK)
        return isb_fail(p->error, ISB_DATA,
                        "%s: has %zu axes; at most %d are read, the first of them rows",
                        p->feed->name, p->axes, ISB_NPY_MAX_RANK);
    out->rank = p->axes;
    out->count = 1;
    for (size_t i = 0; i < out->rank; i++)
        if (out->sizes[i] == 0)
            return isb_fail(p->error, ISB_DATA,
                            "%s: has shape %s; a data set needs at least one row, of at least one "
                            "value",
                            p->feed->name, isb_npy_shape(out, shape));
    for (size_t i = 0; i < out->rank; i++)
        if (__builtin_mul_overflow(out->count, out->sizes[i], &out->count) ||
            out->count > (PTRDIFF_MAX - out->header) / 8)
            return isb_fail(p->error, ISB_DATA,
                            "%s: its header announces the shape %s, more than any memory holds; %s",
                            p->feed->name, isb_npy_shape(out, shape), p->feed->mend);
    return ISB_OK;
}

/* Files have exactly what the header announces; packed data cannot unpack to more than so much. */
static isb_status check_length(const parser *p) {
    const isb_npy *out = p->out;
    const isb_feed *feed = p->feed;
    const uint64_t wanted = out->header + (uint64_t)out->count * out->size;
    char shape[ISB_NPY_SHAPE_SIZE];
    if (feed->packed ? wanted <= feed->length : wanted == feed->length)
        return wanted <= feed->most ? ISB_OK
                                    : isb_fail_unpacked(feed->name, feed->unpack, ISB_DATA, p->error);
    return isb_fail(p->error, ISB_DATA,
                    "%s: %s: shape %s and the header make %" PRIu64 " bytes, and %s%" PRIu64
                    " are there; %s",
                    feed->name, wanted > feed->length ? "is cut short" : "goes on after its end",
                    isb_npy_shape(out, shape), wanted, feed->packed ? "at most " : "", feed->length,
                    feed->mend);
}

static isb_status fail_short(const isb_feed *feed, isb_error *error) {
    return isb_fail(error, ISB_DATA, "%s: ends within its header; %s", feed->name, feed->mend);
}

/* Magic bytes, version, and the length of the text that follows. */
static isb_status read_prefix(const isb_feed *feed, size_t *prefix, size_t *length,
                              isb_error *error) {
    uint8_t start[PREFIX], size[4] = {0};
    size_t got;
    isb_status status = isb_feed_read(feed, start, PREFIX, &got, error);
    if (status != ISB_OK)
        return status;
    if (got < ISB_NPY_MAGIC_SIZE || memcmp(start, ISB_NPY_MAGIC, ISB_NPY_MAGIC_SIZE) != 0)
        return isb_fail(error, ISB_DATA,
                        "%s: is not an array as NumPy saves it; save it with numpy.save or "
                        "numpy.savez",
                        feed->name);
    if (got < PREFIX)
        return fail_short(feed, error);
    const unsigned version = start[ISB_NPY_MAGIC_SIZE];
    if (version < 1 || version > 3)
        return isb_fail(error, ISB_DATA,
                        "%s: has version %u of the npy format; 1, 2 and 3 are read: save it again "
                        "with numpy.save",
                        feed->name, version);
    const size_t bytes = version == 1 ? 2 : 4;
    status = isb_feed_read(feed, size, bytes, &got, error);
    if (status == ISB_OK && got < bytes)
        status = fail_short(feed, error);
    *prefix = PREFIX + bytes;
    *length =
        (size_t)size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    if (status == ISB_OK && *length > LONGEST_HEADER)
        status = isb_fail(error, ISB_DATA,
                          "%s: its header has %zu bytes, where that of an array of numbers has "
                          "about 100 (at most %d are read); save it again with numpy.save",
                          feed->name, *length, LONGEST_HEADER);
    return status;
}

static isb_status read_text(isb_npy *out, const isb_feed *feed, char *text, size_t length,
                            isb_error *error) {
    size_t got;
    isb_status status = isb_feed_read(feed, text, length, &got, error);
    if (status == ISB_OK && got < length)
        status = fail_short(feed, error);
    if (status != ISB_OK)
        return status;
    text[length] = '\0';
    parser p = {.at = text, .out = out, .feed = feed, .error = error};
    if (strlen(text) < length)
        return isb_fail(error, ISB_DATA, "%s: its header has a zero byte; %s", feed->name,
                        feed->mend);
    status = read_dictionary(&p);
    if (status == ISB_OK)
        status = count_elements(&p);
    return status == ISB_OK ? check_length(&p) : status;
}

isb_status isb_npy_open(isb_npy *out, const isb_feed *feed, isb_error *error) {
    *out = (isb_npy){0};
    size_t prefix = 0, length = 0;
    isb_status status = read_prefix(feed, &prefix, &length, error);
    if (status != ISB_OK)
        return status;
    char *text = malloc(length + 1);
    if (text == NULL)
        return isb_fail_memory(error, feed->name);
    out->header = prefix + length;
    status = read_text(out, feed, text, length, error);
    free(text);
    return status;
}
