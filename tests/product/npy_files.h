/* Makes .npy files and .npz archives byte by byte, right ones and others. */
#ifndef ISB_TESTS_NPY_FILES_H
#define ISB_TESTS_NPY_FILES_H

#include "data_files.h"

typedef struct npy_bytes {
    uint8_t data[65536 + 4096];
    size_t length;
} npy_bytes;

static inline void npy_add(npy_bytes *to, const void *data, size_t length) {
    CHECK(to->length + length <= sizeof to->data);
    memcpy(to->data + to->length, data, length);
    to->length += length;
}

/* Little-endian. */
static inline void npy_add_integer(npy_bytes *to, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        npy_add(to, &(uint8_t){(uint8_t)(i < 8 ? value >> 8 * i : 0)}, 1);
}

/* Magic bytes, version, length and header as it is given; then the elements. */
static inline npy_bytes npy_raw(int version, const char *header, const void *data, size_t length) {
    npy_bytes file = {.length = 0};
    npy_add(&file, "\x93NUMPY", 6);
    npy_add_integer(&file, (uint64_t)version, 2);
    npy_add_integer(&file, strlen(header), version == 1 ? 2 : 4);
    npy_add(&file, header, strlen(header));
    npy_add(&file, data, length);
    return file;
}

/* As NumPy writes it, without the padding. */
static inline npy_bytes npy_make(const char *type, const char *order, const char *shape,
                                 const void *data, size_t length) {
    char header[512];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", type,
             order, shape);
    return npy_raw(1, header, data, length);
}

static inline void npy_put(const char *path, npy_bytes file) { put(path, file.data, file.length); }

/* A member of an archive. Its sizes and methods are what the archive claims. */
typedef struct zip_member {
    const char *name;
    unsigned method, flags;
    const uint8_t *data; /* as it lies in the archive */
    size_t length;
    uint64_t size; /* unpacked */
    uint32_t crc;
} zip_member;

static inline zip_member zip_stored(const char *name, const npy_bytes *file) {
    return (zip_member){.name = name,
                        .data = file->data,
                        .length = file->length,
                        .size = file->length,
                        .crc = (uint32_t)crc32(0, file->data, (uInt)file->length)};
}

/* `packed` gets the deflated bytes. */
static inline zip_member zip_deflated(const char *name, const npy_bytes *file, npy_bytes *packed) {
    z_stream s = {.next_in = (Bytef *)(uintptr_t)file->data, .avail_in = (uInt)file->length};
    CHECK(deflateInit2(&s, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    s.next_out = packed->data;
    s.avail_out = sizeof packed->data;
    CHECK(deflate(&s, Z_FINISH) == Z_STREAM_END);
    packed->length = s.total_out;
    CHECK(deflateEnd(&s) == Z_OK);
    zip_member member = zip_stored(name, file);
    member.method = 8;
    member.data = packed->data;
    member.length = packed->length;
    return member;
}

static inline void zip_add_about(npy_bytes *to, const zip_member *m, bool zip64) {
    npy_add_integer(to, zip64 ? 45 : 20, 2);
    npy_add_integer(to, m->flags, 2);
    npy_add_integer(to, m->method, 2);
    npy_add_integer(to, 0x00210000, 4); /* 1980-01-01 */
    npy_add_integer(to, m->crc, 4);
    npy_add_integer(to, zip64 ? UINT32_MAX : m->length, 4);
    npy_add_integer(to, zip64 ? UINT32_MAX : m->size, 4);
    npy_add_integer(to, strlen(m->name), 2);
    npy_add_integer(to, zip64 ? 20 : 0, 2);
}

static inline void zip_add_zip64(npy_bytes *to, const zip_member *m) {
    npy_add_integer(to, 1, 2);
    npy_add_integer(to, 16, 2);
    npy_add_integer(to, m->size, 8);
    npy_add_integer(to, m->length, 8);
}

static inline npy_bytes zip_make(const zip_member *members, size_t count, bool zip64) {
    npy_bytes file = {.length = 0};
    size_t places[8];
    CHECK(count <= 8);
    for (size_t i = 0; i < count; i++) {
        places[i] = file.length;
        npy_add(&file, "PK\3\4", 4);
        zip_add_about(&file, &members[i], zip64);
        npy_add(&file, members[i].name, strlen(members[i].name));
        if (zip64)
            zip_add_zip64(&file, &members[i]);
        npy_add(&file, members[i].data, members[i].length);
    }
    const size_t directory = file.length;
    for (size_t i = 0; i < count; i++) {
        npy_add(&file, "PK\1\2", 4);
        npy_add_integer(&file, 45, 2);
        zip_add_about(&file, &members[i], zip64);
        npy_add_integer(&file, 0, 10);
        npy_add_integer(&file, places[i], 4);
        npy_add(&file, members[i].name, strlen(members[i].name));
        if (zip64)
            zip_add_zip64(&file, &members[i]);
    }
    const size_t end = file.length;
    npy_add(&file, "PK\5\6", 4);
    npy_add_integer(&file, 0, 4);
    npy_add_integer(&file, count, 2);
    npy_add_integer(&file, count, 2);
    npy_add_integer(&file, end - directory, 4);
    npy_add_integer(&file, directory, 4);
    npy_add_integer(&file, 0, 2);
    return file;
}

#endif
