/* What writing and reading of safetensors files share.
 *
 * u64 little-endian length of the header, the header (JSON, padded with spaces), the data. */
#ifndef ISB_IO_SAFETENSORS_FORMAT_H
#define ISB_IO_SAFETENSORS_FORMAT_H

#include "io/safetensors.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors lie in files as in memory");

/* The header of Isobit's own files begins so; 64 hex digits follow. */
#define ISB_SAFETENSORS_START "{\"__metadata__\":{\"sha256\":\""
/* What stands for the digits while the checksum is computed. */
#define ISB_SAFETENSORS_ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

enum {
    LENGTH_SIZE = 8,
    DIGEST_AT = LENGTH_SIZE + sizeof ISB_SAFETENSORS_START - 1, /* of the file */
    DIGEST_SIZE = sizeof ISB_SAFETENSORS_ZEROS - 1,
};

/* Bytes of a tensor; 0 where they do not fit a size_t or a size is 0. */
static inline size_t isb_safetensors_bytes(isb_shape shape) {
    size_t bytes = sizeof(float);
    for (size_t i = 0; i < shape.rank; i++)
        if (__builtin_mul_overflow(bytes, shape.sizes[i], &bytes))
            return 0;
    return bytes;
}

/* Adds a pair whose key is known to be new. */
isb_status isb_metadata_append(isb_metadata *metadata, const char *key, const char *value,
                               isb_error *error);

#endif
