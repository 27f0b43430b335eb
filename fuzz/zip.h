/* Zip archives with right checksums, which would keep the fuzzer out. */
#ifndef ISB_FUZZ_ZIP_H
#define ISB_FUZZ_ZIP_H

#include "fuzz.h"
#include <string.h>
#include <zlib.h>

enum { ZIP_MOST = 1 << 18, ZIP_MEMBERS = 4 };

typedef struct zip_writer {
    uint8_t bytes[ZIP_MOST];
    size_t length;
    uint8_t directory[1024]; /* the members, as they stand at the end */
    size_t directory_length, count;
} zip_writer;

/* Little-endian. */
static inline void zip_put(uint8_t *to, size_t *length, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        to[(*length)++] = (uint8_t)(i < 8 ? value >> 8 * i : 0);
}

static inline void zip_put_bytes(uint8_t *to, size_t *length, const void *bytes, size_t size) {
    if (size > 0)
        memcpy(to + *length, bytes, size);
    *length += size;
}

typedef struct zip_about {
    const char *name;
    unsigned method;
    uint32_t crc;
    size_t packed, size;
} zip_about;

static inline void zip_put_about(uint8_t *to, size_t *length, const zip_about *about) {
    zip_put(to, length, 20, 2);
    zip_put(to, length, 0, 2);
    zip_put(to, length, about->method, 2);
    zip_put(to, length, 0x00210000, 4); /* 1980-01-01 */
    zip_put(to, length, about->crc, 4);
    zip_put(to, length, about->packed, 4);
    zip_put(to, length, about->size, 4);
    zip_put(to, length, strlen(about->name), 2);
    zip_put(to, length, 0, 2);
}

/* Deflates to `to`; the length. */
static inline size_t zip_deflate(uint8_t *to, size_t room, const uint8_t *data, size_t size) {
    z_stream s = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)size};
    REQUIRE(deflateInit2(&s, 1, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    s.next_out = to;
    s.avail_out = (uInt)room;
    REQUIRE(deflate(&s, Z_FINISH) == Z_STREAM_END);
    REQUIRE(deflateEnd(&s) == Z_OK);
    return s.total_out;
}

static inline void zip_add(zip_writer *zip, const char *name, const uint8_t *data, size_t size,
                           bool deflated) {
    static uint8_t packed[ZIP_MOST / 2];
    REQUIRE(zip->count < ZIP_MEMBERS && size < ZIP_MOST / 8);
    zip_about about = {name, deflated ? 8 : 0, (uint32_t)crc32(0, data, (uInt)size), size, size};
    if (deflated)
        about.packed = zip_deflate(packed, sizeof packed, data, size);
    zip_put(zip->directory, &zip->directory_length, 0x02014b50, 4);
    zip_put(zip->directory, &zip->directory_length, 20, 2);
    zip_put_about(zip->directory, &zip->directory_length, &about);
    zip_put(zip->directory, &zip->directory_length, 0, 10);
    zip_put(zip->directory, &zip->directory_length, zip->length, 4);
    zip_put_bytes(zip->directory, &zip->directory_length, name, strlen(name));
    zip_put(zip->bytes, &zip->length, 0x04034b50, 4);
    zip_put_about(zip->bytes, &zip->length, &about);
    zip_put_bytes(zip->bytes, &zip->length, name, strlen(name));
    zip_put_bytes(zip->bytes, &zip->length, deflated ? packed : data, about.packed);
    zip->count++;
}

static inline void zip_end(zip_writer *zip) {
    const size_t at = zip->length;
    zip_put_bytes(zip->bytes, &zip->length, zip->directory, zip->directory_length);
    zip_put(zip->bytes, &zip->length, 0x06054b50, 4);
    zip_put(zip->bytes, &zip->length, 0, 4);
    zip_put(zip->bytes, &zip->length, zip->count, 2);
    zip_put(zip->bytes, &zip->length, zip->count, 2);
    zip_put(zip->bytes, &zip->length, zip->directory_length, 4);
    zip_put(zip->bytes, &zip->length, at, 4);
    zip_put(zip->bytes, &zip->length, 0, 2);
}

#endif
