#include "io/file.h"
#include "io/json_bounds.h"
#include "io/safetensors_format.h"
#include "io/sha256.h"
#include "io/text.h"
#include <fcntl.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MOST_HEADER = 16 << 20,
    MOST_TENSORS = 65536,
    MOST_DEPTH = 3,                 /* header, entry, shape */
    MOST_PARTS = 16 * MOST_TENSORS, /* commas and brackets; an entry of rank 4 has 11 */
};
static const size_t MOST_FILE = (size_t)1 << 34;

typedef struct reader {
    const char *path;
    isb_error *error;
    const char *data; /* what follows the header */
    size_t length;
} reader;

/* A tensor of the header whose place in the data is known. */
typedef struct entry {
    const char *name;
    isb_shape shape;
    size_t begin, end;
} entry;

/* Text of the file, fit for a message. */
typedef struct printable {
    char text[ISB_CLIP_SIZE];
} printable;

static printable clean(const char *text) {
    printable result;
    isb_clip(result.text, text);
    return result;
}

#define FAIL(reader, ...) isb_fail((reader)->error, ISB_CORRUPT, __VA_ARGS__)

static isb_status fail_entry(const reader *in, const char *name, const char *what) {
    return FAIL(in, "%s: tensor '%s': %s", in->path, clean(name).text, what);
}

static isb_status verify_digest(const reader *in, const char *bytes, size_t length) {
    const char *stored = bytes + DIGEST_AT;
    char hex[ISB_SHA256_SIZE];
    isb_sha256 hash;
    isb_sha256_open(&hash);
    isb_sha256_add(&hash, bytes, DIGEST_AT);
    isb_sha256_add(&hash, ISB_SAFETENSORS_ZEROS, DIGEST_SIZE);
    isb_sha256_add(&hash, stored + DIGEST_SIZE, length - DIGEST_AT - DIGEST_SIZE);
    isb_status status = isb_sha256_close(&hash, hex, in->error);
    if (status != ISB_OK)
        return status;
    if (memcmp(stored, hex, DIGEST_SIZE) != 0)
        return FAIL(in, "%s: damaged: its content does not match its SHA-256", in->path);
    return ISB_OK;
}

static isb_status check_own_start(const reader *in, const char *bytes, size_t length) {
    if (length < DIGEST_AT + DIGEST_SIZE + 1 ||
        memcmp(bytes + LENGTH_SIZE, ISB_SAFETENSORS_START, sizeof ISB_SAFETENSORS_START - 1) != 0)
        return FAIL(in,
                    "%s: not a file that isobit wrote, or damaged: it has no SHA-256 at its "
                    "beginning",
                    in->path);
    return ISB_OK;
}

static isb_status check_header_length(const reader *in, const char *bytes, size_t length) {
    if (length < LENGTH_SIZE)
        return FAIL(in, "%s: too short for a safetensors file", in->path);
    uint64_t size;
    memcpy(&size, bytes, LENGTH_SIZE);
    if (size > length - LENGTH_SIZE)
        return FAIL(in, "%s: cut off, or not a safetensors file: its header does not fit it",
                    in->path);
    if (size > MOST_HEADER)
        return FAIL(in, "%s: header: longer than 16 MiB", in->path);
    if (size == 0 || bytes[LENGTH_SIZE] != '{')
        return FAIL(in, "%s: header: does not begin with '{'", in->path);
    return ISB_OK;
}

static isb_status load_header(const reader *in, const char *text, size_t length, json_t **header) {
    const char *excess = isb_json_excess(text, length, MOST_DEPTH, MOST_PARTS);
    if (excess != NULL)
        return FAIL(in, "%s: header: %s", in->path, excess);
    json_error_t problem;
    *header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
    if (*header != NULL)
        return ISB_OK;
    if (json_error_code(&problem) == json_error_out_of_memory)
        return isb_fail_memory(in->error, in->path);
    return FAIL(in, "%s: header: byte %d: %s", in->path, problem.position,
                clean(problem.text).text);
}

static isb_status read_metadata(const reader *in, json_t *object, isb_metadata *metadata) {
    if (!json_is_object(object))
        return FAIL(in, "%s: header: __metadata__ is not an object", in->path);
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        if (!json_is_string(value))
            return FAIL(in, "%s: header: __metadata__: '%s' is not a string", in->path,
                        clean(key).text);
        if (metadata == NULL || strcmp(key, "sha256") == 0)
            continue;
        isb_status status = isb_metadata_append(metadata, key, json_string_value(value), in->error);
        if (status != ISB_OK)
            return status;
    }
    return ISB_OK;
}

/* A JSON integer that is no sign of damage as a size. */
static bool to_size(const json_t *value, size_t *size) {
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *size = (size_t)json_integer_value(value);
    return true;
}

static isb_status read_shape(const reader *in, const char *name, const json_t *shape,
                             isb_shape *out) {
    if (!json_is_array(shape))
        return fail_entry(in, name, "shape is not a list");
    out->rank = json_array_size(shape);
    if (out->rank > ISB_MAX_RANK)
        return fail_entry(in, name, "shape has more than 4 sizes");
    for (size_t i = 0; i < out->rank; i++) {
        if (!to_size(json_array_get(shape, i), &out->sizes[i]))
            return fail_entry(in, name, "shape holds something else than a size");
        if (out->sizes[i] == 0)
            return fail_entry(in, name, "shape holds a 0");
    }
    return ISB_OK;
}

static isb_status read_offsets(const reader *in, const json_t *offsets, entry *out) {
    if (json_array_size(offsets) != 2 || !to_size(json_array_get(offsets, 0), &out->begin) ||
        !to_size(json_array_get(offsets, 1), &out->end))
        return fail_entry(in, out->name, "data_offsets is not a list of two offsets");
    if (out->begin > out->end || out->end > in->length)
        return fail_entry(in, out->name, "data_offsets lie outside the data");
    size_t bytes = isb_safetensors_bytes(out->shape);
    if (bytes == 0 || bytes != out->end - out->begin)
        return fail_entry(in, out->name, "data_offsets and shape disagree");
    return ISB_OK;
}

static isb_status read_dtype(const reader *in, const char *name, const json_t *dtype) {
    if (!json_is_string(dtype))
        return fail_entry(in, name, "dtype is missing or not a string");
    if (strcmp(json_string_value(dtype), "F32") != 0)
        return FAIL(in, "%s: tensor '%s': dtype is %s; convert it to float32 (F32)", in->path,
                    clean(name).text, clean(json_string_value(dtype)).text);
    return ISB_OK;
}

static isb_status read_entry(const reader *in, const char *name, json_t *value, entry *out) {
    *out = (entry){.name = name};
    if (strlen(name) >= sizeof(((isb_tensor *)NULL)->name))
        return fail_entry(in, name, "the name has more than 63 bytes");
    if (!json_is_object(value))
        return fail_entry(in, name, "its description is not an object");
    const char *key;
    json_t *part;
    json_object_foreach(value, key, part) {
        if (strcmp(key, "dtype") != 0 && strcmp(key, "shape") != 0 &&
            strcmp(key, "data_offsets") != 0)
            return FAIL(in, "%s: tensor '%s': unknown key '%s'", in->path, clean(name).text,
                        clean(key).text);
    }
    isb_status status = read_dtype(in, name, json_object_get(value, "dtype"));
    if (status == ISB_OK)
        status = read_shape(in, name, json_object_get(value, "shape"), &out->shape);
    if (status == ISB_OK)
        status = read_offsets(in, json_object_get(value, "data_offsets"), out);
    return status;
}

static int by_begin(const void *a, const void *b) {
    const entry *first = a, *second = b;
    return (first->begin > second->begin) - (first->begin < second->begin);
}

/* No tensor is empty, so sorted ones without hole and overlap each begin where the last ended. */
static isb_status check_layout(const reader *in, entry *entries, size_t count) {
    qsort(entries, count, sizeof *entries, by_begin);
    size_t expected = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].begin < expected)
            return fail_entry(in, entries[i].name, "its data overlap another tensor's");
        if (entries[i].begin > expected)
            return fail_entry(in, entries[i].name, "there is a hole in the data before it");
        expected = entries[i].end;
    }
    if (expected != in->length)
        return FAIL(in, "%s: %zu bytes of data belong to no tensor", in->path,
                    in->length - expected);
    return ISB_OK;
}

static isb_status copy_tensors(const reader *in, const entry *entries, size_t count,
                               isb_tensors *out) {
    if (count == 0)
        return ISB_OK;
    out->items = calloc(count, sizeof *out->items);
    if (out->items == NULL)
        return isb_fail_memory(in->error, in->path);
    for (; out->count < count; out->count++) {
        const entry *from = &entries[out->count];
        isb_tensor *to = &out->items[out->count];
        to->data = malloc(from->end - from->begin);
        if (to->data == NULL)
            return isb_fail_memory(in->error, in->path);
        memcpy(to->name, from->name, strlen(from->name) + 1);
        to->shape = from->shape;
        memcpy(to->data, in->data + from->begin, from->end - from->begin);
    }
    return ISB_OK;
}

/* `entries` has room for every member of the header. */
static isb_status read_members(const reader *in, json_t *header, entry *entries, isb_tensors *out,
                               isb_metadata *metadata) {
    size_t count = 0;
    isb_status status = ISB_OK;
    const char *key;
    json_t *value;
    json_object_foreach(header, key, value) {
        if (strcmp(key, "__metadata__") == 0)
            status = read_metadata(in, value, metadata);
        else
            status = read_entry(in, key, value, &entries[count++]);
        if (status != ISB_OK)
            return status;
    }
    status = check_layout(in, entries, count);
    return status == ISB_OK ? copy_tensors(in, entries, count, out) : status;
}

static isb_status read_header(const reader *in, json_t *header, isb_tensors *out,
                              isb_metadata *metadata) {
    size_t members = json_object_size(header);
    if (members > MOST_TENSORS + 1)
        return FAIL(in, "%s: has more than %d tensors", in->path, MOST_TENSORS);
    entry *entries = calloc(members + 1, sizeof *entries);
    if (entries == NULL)
        return isb_fail_memory(in->error, in->path);
    isb_status status = read_members(in, header, entries, out, metadata);
    free(entries);
    return status;
}

static isb_status read_bytes(reader *in, const char *bytes, size_t length, bool own,
                             isb_tensors *out, isb_metadata *metadata) {
    isb_status status = own ? check_own_start(in, bytes, length) : ISB_OK;
    if (status == ISB_OK && own)
        status = verify_digest(in, bytes, length);
    if (status == ISB_OK)
        status = check_header_length(in, bytes, length);
    if (status != ISB_OK)
        return status;
    uint64_t size;
    memcpy(&size, bytes, LENGTH_SIZE);
    in->data = bytes + LENGTH_SIZE + size;
    in->length = length - LENGTH_SIZE - (size_t)size;
    json_t *header = NULL;
    status = load_header(in, bytes + LENGTH_SIZE, (size_t)size, &header);
    if (status == ISB_OK)
        status = read_header(in, header, out, metadata);
    json_decref(header);
    return status;
}

isb_status isb_safetensors_parse(isb_tensors *out, isb_metadata *metadata, const char *bytes,
                                 size_t length, const char *path, bool own, isb_error *error) {
    reader in = {.path = path, .error = error};
    *out = (isb_tensors){0};
    if (metadata != NULL)
        *metadata = (isb_metadata)ISB_METADATA_INIT;
    isb_status status = read_bytes(&in, bytes, length, own, out, metadata);
    if (status != ISB_OK) {
        isb_tensors_free(out);
        if (metadata != NULL)
            isb_metadata_free(metadata);
    }
    return status;
}

/* Gigabytes that are no safetensors file show it in their first bytes; memory for all of them is
 * taken after that. What cannot be read at all is left to the reading itself. */
static isb_status check_first_bytes(const char *path, bool own, isb_error *error) {
    const reader in = {.path = path, .error = error};
    char start[DIGEST_AT];
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return ISB_OK;
    bool there = fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
                 pread(file, start, sizeof start, 0) == (ssize_t)sizeof start;
    close(file);
    if (!there)
        return ISB_OK;
    const size_t length = (size_t)about.st_size;
    return own ? check_own_start(&in, start, length) : check_header_length(&in, start, length);
}

isb_status isb_safetensors_read(isb_tensors *out, isb_metadata *metadata, const char *path,
                                bool own, isb_error *error) {
    *out = (isb_tensors){0};
    if (metadata != NULL)
        *metadata = (isb_metadata)ISB_METADATA_INIT;
    char *bytes = NULL;
    size_t length = 0;
    isb_status status = check_first_bytes(path, own, error);
    if (status == ISB_OK)
        status = isb_file_read(path, MOST_FILE, &bytes, &length, ISB_CORRUPT, error);
    if (status == ISB_OK)
        status = isb_safetensors_parse(out, metadata, bytes, length, path, own, error);
    free(bytes);
    return status;
}
