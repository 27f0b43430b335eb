#include "io/file.h"
#include "io/safetensors_format.h"
#include "io/sha256.h"
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static json_t *encode_metadata(const isb_metadata *metadata) {
    json_t *object = json_object();
    bool good = json_object_set_new(object, "sha256", json_string(ISB_SAFETENSORS_ZEROS)) == 0;
    for (size_t i = 0; metadata != NULL && i < metadata->count; i++) {
        const struct isb_metadata_item *item = &metadata->items[i];
        good = good && json_object_set_new(object, item->key, json_string(item->value)) == 0;
    }
    if (!good) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *encode_entry(const isb_tensor *tensor, size_t begin, size_t end) {
    json_t *shape = json_array();
    bool good = shape != NULL;
    for (size_t i = 0; i < tensor->shape.rank; i++)
        good = good &&
               json_array_append_new(shape, json_integer((json_int_t)tensor->shape.sizes[i])) == 0;
    if (!good) {
        json_decref(shape);
        return NULL;
    }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)end);
}

static json_t *encode_header(const isb_tensors *tensors, const isb_metadata *metadata) {
    json_t *header = json_object();
    bool good = json_object_set_new(header, "__metadata__", encode_metadata(metadata)) == 0;
    size_t offset = 0;
    for (size_t i = 0; i < tensors->count && good; i++) {
        const isb_tensor *tensor = &tensors->items[i];
        size_t end = offset + isb_safetensors_bytes(tensor->shape);
        good = json_object_set_new(header, tensor->name, encode_entry(tensor, offset, end)) == 0;
        offset = end;
    }
    if (!good) {
        json_decref(header);
        return NULL;
    }
    return header;
}

/* The length and the padded header, the digest still zeros; NULL without memory. */
static char *encode_start(const isb_tensors *tensors, const isb_metadata *metadata,
                          size_t *length) {
    json_t *header = encode_header(tensors, metadata);
    char *text = json_dumps(header, JSON_COMPACT);
    json_decref(header);
    if (text == NULL)
        return NULL;
    size_t used = strlen(text), padded = (used + 7) / 8 * 8;
    char *start = malloc(LENGTH_SIZE + padded);
    if (start != NULL) {
        uint64_t size = padded;
        memcpy(start, &size, LENGTH_SIZE);
        memset(start + LENGTH_SIZE, ' ', padded);
        memcpy(start + LENGTH_SIZE, text, used);
        *length = LENGTH_SIZE + padded;
    }
    free(text);
    return start;
}

static isb_status sign(const isb_bytes *pieces, size_t count, char *start, isb_error *error) {
    char hex[ISB_SHA256_SIZE];
    isb_sha256 hash;
    isb_sha256_open(&hash);
    for (size_t i = 0; i < count; i++)
        isb_sha256_add(&hash, pieces[i].data, pieces[i].length);
    isb_status status = isb_sha256_close(&hash, hex, error);
    if (status == ISB_OK)
        memcpy(start + DIGEST_AT, hex, DIGEST_SIZE);
    return status;
}

isb_status isb_safetensors_rotate(const char *path, const char *keep, const isb_tensors *tensors,
                                  const isb_metadata *metadata, isb_error *error) {
    size_t length = 0, count = tensors->count + 1;
    isb_bytes *pieces = calloc(count, sizeof *pieces);
    char *start = encode_start(tensors, metadata, &length);
    if (pieces == NULL || start == NULL) {
        free(pieces);
        free(start);
        return isb_fail_memory(error, path);
    }
    pieces[0] = (isb_bytes){start, length};
    for (size_t i = 0; i < tensors->count; i++)
        pieces[i + 1] =
            (isb_bytes){tensors->items[i].data, isb_safetensors_bytes(tensors->items[i].shape)};
    isb_status status = sign(pieces, count, start, error);
    if (status == ISB_OK)
        status = isb_file_rotate(path, keep, pieces, count, error);
    free(pieces);
    free(start);
    return status;
}

isb_status isb_safetensors_write(const char *path, const isb_tensors *tensors,
                                 const isb_metadata *metadata, isb_error *error) {
    return isb_safetensors_rotate(path, NULL, tensors, metadata, error);
}
