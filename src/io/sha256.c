#include "io/sha256.h"
#include <openssl/evp.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "floats are hashed as they lie in memory");

void isb_sha256_open(isb_sha256 *hash) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    hash->context = context;
    hash->failed = context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1;
}

void isb_sha256_add(isb_sha256 *hash, const void *data, size_t length) {
    if (!hash->failed)
        hash->failed = EVP_DigestUpdate(hash->context, data, length) != 1;
}

static bool finish(EVP_MD_CTX *context, char hex[ISB_SHA256_SIZE]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    hex[0] = '\0';
    if (EVP_DigestFinal_ex(context, digest, &length) != 1 || length != 32)
        return false;
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    hex[ISB_SHA256_SIZE - 1] = '\0';
    return true;
}

void isb_sha256_peek(isb_sha256 *hash, char hex[ISB_SHA256_SIZE]) {
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    hex[0] = '\0';
    if (!hash->failed)
        hash->failed =
            copy == NULL || EVP_MD_CTX_copy_ex(copy, hash->context) != 1 || !finish(copy, hex);
    EVP_MD_CTX_free(copy);
}

isb_status isb_sha256_close(isb_sha256 *hash, char hex[ISB_SHA256_SIZE], isb_error *error) {
    hex[0] = '\0';
    const bool good = !hash->failed && finish(hash->context, hex);
    EVP_MD_CTX_free(hash->context);
    *hash = (isb_sha256){NULL, true};
    return good ? ISB_OK
                : isb_fail(error, ISB_FAILURE, "SHA-256: OpenSSL's libcrypto could not compute it");
}

isb_status isb_sha256_of(const void *data, size_t length, char hex[ISB_SHA256_SIZE],
                         isb_error *error) {
    isb_sha256 hash;
    isb_sha256_open(&hash);
    isb_sha256_add(&hash, data, length);
    return isb_sha256_close(&hash, hex, error);
}

isb_status isb_weights_sha256(const isb_tensors *tensors, char hex[ISB_SHA256_SIZE],
                              isb_error *error) {
    isb_sha256 hash;
    isb_sha256_open(&hash);
    for (size_t i = 0; i < tensors->count; i++) {
        const isb_tensor *tensor = &tensors->items[i];
        if (isb_tensor_is_weights(tensor->name))
            isb_sha256_add(&hash, tensor->data, isb_shape_size(tensor->shape) * sizeof(float));
    }
    return isb_sha256_close(&hash, hex, error);
}

bool isb_sha256_valid(const char *hex) {
    return strlen(hex) == ISB_SHA256_SIZE - 1 &&
           strspn(hex, "0123456789abcdef") == ISB_SHA256_SIZE - 1;
}
