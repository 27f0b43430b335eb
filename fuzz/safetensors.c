/* The safetensors reader, on files of other tools and on files with Isobit's own checksum, which is
 * made right here: a wrong one ends the reading before the parser sees anything.
 *
 * Input: a byte of switches, then the file; with TEXT without its first eight bytes, which then say
 * that the header ends with the last `}`. */
#include "io/safetensors.h"
#include "fuzz.h"
#include "io/safetensors_format.h"
#include "io/sha256.h"
#include <string.h>

enum { OWN = 1, TEXT = 2 };

static void sign(char *bytes, size_t length) {
    char hex[ISB_SHA256_SIZE];
    if (length < DIGEST_AT + DIGEST_SIZE)
        return;
    memcpy(bytes + LENGTH_SIZE, ISB_SAFETENSORS_START, sizeof ISB_SAFETENSORS_START - 1);
    memcpy(bytes + DIGEST_AT, ISB_SAFETENSORS_ZEROS, DIGEST_SIZE);
    REQUIRE(isb_sha256_of(bytes, length, hex, NULL) == ISB_OK);
    memcpy(bytes + DIGEST_AT, hex, DIGEST_SIZE);
}

static uint64_t header_length(const char *text, size_t length) {
    const char *end = memrchr(text, '}', length);
    return end == NULL ? length : (uint64_t)(end - text) + 1;
}

/* Whatever is accepted can be used: names end, and every float is there. */
static void use(const isb_tensors *tensors, const isb_metadata *metadata, size_t length) {
    static volatile float sink;
    size_t bytes = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        const isb_tensor *tensor = &tensors->items[i];
        const size_t size = isb_shape_size(tensor->shape);
        REQUIRE(size > 0 && strlen(tensor->name) < sizeof tensor->name);
        REQUIRE(isb_tensors_find(tensors, tensor->name) == tensor);
        for (size_t k = 0; k < size; k++)
            sink = tensor->data[k];
        bytes += size * sizeof(float);
    }
    REQUIRE(bytes <= length);
    for (size_t i = 0; i < metadata->count; i++)
        REQUIRE(isb_metadata_find(metadata, metadata->items[i].key) == metadata->items[i].value);
    (void)sink;
}

static void read_file(const char *bytes, size_t length, bool own) {
    isb_tensors tensors;
    isb_metadata metadata;
    isb_error error = ISB_ERROR_INIT;
    isb_status status =
        isb_safetensors_parse(&tensors, &metadata, bytes, length, "file", own, &error);
    if (status == ISB_OK) {
        use(&tensors, &metadata, length);
    } else {
        REQUIRE(status == ISB_CORRUPT && error.status == status && error.count == 1);
        REQUIRE(tensors.items == NULL && metadata.items == NULL);
        REQUIRE(strncmp(isb_error_text(&error), "file: ", 6) == 0);
        REQUIRE(strchr(isb_error_text(&error), '\n') == NULL);
    }
    isb_tensors_free(&tensors);
    isb_metadata_free(&metadata);
    isb_error_clear(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    const int switches = *data++;
    const size_t front = (switches & TEXT) != 0 ? LENGTH_SIZE : 0, length = front + --size;
    char *bytes = malloc(length > 0 ? length : 1); /* no byte more: one read too many shows */
    REQUIRE(bytes != NULL);
    memcpy(bytes + front, data, size);
    if (front > 0) {
        const uint64_t header = header_length(bytes + front, size);
        memcpy(bytes, &header, LENGTH_SIZE);
    }
    if ((switches & OWN) != 0)
        sign(bytes, length);
    read_file(bytes, length, (switches & OWN) != 0);
    free(bytes);
    return 0;
}
