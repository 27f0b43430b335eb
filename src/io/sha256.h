/* SHA-256 as 64 lower-case hex digits, by libcrypto. */
#ifndef ISB_IO_SHA256_H
#define ISB_IO_SHA256_H

#include <isobit/error.h>
#include <isobit/tensors.h>
#include <stdbool.h>
#include <stddef.h>

#define ISB_SHA256_SIZE 65 /* with the NUL */

/* open, add as often as needed, close. A failure in between is remembered and reported by close,
 * which must be called once after every open and releases what the hash holds. */
typedef struct isb_sha256 {
    void *context;
    bool failed;
} isb_sha256;

void isb_sha256_open(isb_sha256 *hash);
void isb_sha256_add(isb_sha256 *hash, const void *data, size_t length);

/* `hex` is "" after a failure (ISB_FAILURE). */
isb_status isb_sha256_close(isb_sha256 *hash, char hex[ISB_SHA256_SIZE], isb_error *error);

/* The digest of what was added so far; more may be added after it. A failure shows at close. */
void isb_sha256_peek(isb_sha256 *hash, char hex[ISB_SHA256_SIZE]);

/* All three at once. */
isb_status isb_sha256_of(const void *data, size_t length, char hex[ISB_SHA256_SIZE],
                         isb_error *error);

/* The digest that names a trained model: over the float32 little-endian bytes of every tensor of
 * the model itself, in the order given (kernel, bias, kernel, bias, ...). */
isb_status isb_weights_sha256(const isb_tensors *tensors, char hex[ISB_SHA256_SIZE],
                              isb_error *error);

/* Exactly 64 lower-case hex digits. */
bool isb_sha256_valid(const char *hex);

#endif
