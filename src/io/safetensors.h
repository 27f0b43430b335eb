/* Named float32 tensors in files of the safetensors format. Isobit's own carry a SHA-256 of the
 * whole file as the first metadata value, taken with its 64 digits as '0'. */
#ifndef ISB_IO_SAFETENSORS_H
#define ISB_IO_SAFETENSORS_H

#include <isobit/tensors.h>
#include <stdbool.h>

/* Text by name, in order; keys are unique. Start with ISB_METADATA_INIT. */
typedef struct isb_metadata {
    size_t count;
    struct isb_metadata_item {
        char *key;
        char *value;
    } * items;
} isb_metadata;

#define ISB_METADATA_INIT                                                                          \
    { 0, NULL }

/* Copies key and value, which must be valid UTF-8. "sha256" is reserved (ISB_FAILURE). */
isb_status isb_metadata_add(isb_metadata *metadata, const char *key, const char *value,
                            isb_error *error);

/* Adds `value` as decimal digits. */
isb_status isb_metadata_add_integer(isb_metadata *metadata, const char *key, size_t value,
                                    isb_error *error);

/* NULL where there is none. */
const char *isb_metadata_find(const isb_metadata *metadata, const char *key);

/* The value must be there and a decimal number. */
bool isb_metadata_integer(const isb_metadata *metadata, const char *key, size_t *value);

void isb_metadata_free(isb_metadata *metadata);

/* Writes the tensors in the given order, the old file replaced in one go (see io/file.h). */
isb_status isb_safetensors_write(const char *path, const isb_tensors *tensors,
                                 const isb_metadata *metadata, isb_error *error);

/* The same; the file replaced stays under the name `keep`. */
isb_status isb_safetensors_rotate(const char *path, const char *keep, const isb_tensors *tensors,
                                  const isb_metadata *metadata, isb_error *error);

/* Reads the whole file. own: Isobit's own files alone, whose checksum is verified before anything
 * else is believed. Not own: any valid safetensors file of float32 tensors, from any tool. Whatever
 * is missing, malformed or damaged is ISB_CORRUPT. Values are not looked at: NaN and Inf pass.
 * Tensors come in the order of their data. `metadata` may be NULL; it does not get "sha256". Both
 * are released by the caller and empty after a failure. */
isb_status isb_safetensors_read(isb_tensors *out, isb_metadata *metadata, const char *path,
                                bool own, isb_error *error);

/* The same from the bytes of a file; `path` is for messages. */
isb_status isb_safetensors_parse(isb_tensors *out, isb_metadata *metadata, const char *bytes,
                                 size_t length, const char *path, bool own, isb_error *error);

#endif
