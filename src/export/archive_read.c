#include "export/archive.h"
#include "export/archive_format.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const size_t MOST_FILE = (size_t)1 << 32;

static uint64_t get(const isb_archive *a, size_t at, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)a->bytes[at + i] << 8 * i;
    return value;
}

static isb_status fail(const isb_archive *a, const char *what, isb_error *error) {
    return isb_fail(error, ISB_CORRUPT, "%s: %s", a->path, what);
}

/* The end of the directory is the end of the file, but for a comment. */
static isb_status find_directory(isb_archive *a, isb_error *error) {
    const size_t farthest = ZIP_END_SIZE + UINT16_MAX;
    for (size_t back = ZIP_END_SIZE; back <= a->length && back <= farthest; back++) {
        const size_t at = a->length - back;
        if (get(a, at, 4) != ZIP_END || get(a, at + 20, 2) != back - ZIP_END_SIZE)
            continue;
        a->count = get(a, at + 10, 2);
        a->directory_size = get(a, at + 12, 4);
        a->directory = get(a, at + 16, 4);
        if (a->directory > at || a->directory_size > at - a->directory)
            return fail(a, "damaged: its directory lies outside the file", error);
        return ISB_OK;
    }
    return fail(a, "cut off, or not a zip archive, as a .keras file is one", error);
}

isb_status isb_archive_open(isb_archive *out, const char *path, isb_error *error) {
    *out = (isb_archive){.path = path};
    const isb_status status =
        isb_file_read(path, MOST_FILE, &out->bytes, &out->length, ISB_CORRUPT, error);
    return status == ISB_OK ? find_directory(out, error) : status;
}

void isb_archive_close(isb_archive *archive) {
    free(archive->bytes);
    *archive = (isb_archive){0};
}

/* A member as the directory describes it. */
typedef struct entry {
    uint32_t crc;
    unsigned flags, method;
    size_t packed, size, data;
} entry;

/* Its data lie behind a header of their own, whose name and fields have lengths of their own. */
static isb_status find_data(const isb_archive *a, size_t local, entry *e, isb_error *error) {
    if (local > a->directory || a->directory - local < ZIP_LOCAL_SIZE ||
        get(a, local, 4) != ZIP_LOCAL)
        return fail(a, "damaged: a member is not where the directory says", error);
    e->data = local + ZIP_LOCAL_SIZE + get(a, local + 26, 2) + get(a, local + 28, 2);
    if (e->data > a->directory || e->packed > a->directory - e->data)
        return fail(a, "damaged: a member does not fit the file", error);
    return ISB_OK;
}

/* A member's line of the directory begins at `at`. */
static isb_status read_entry(const isb_archive *a, size_t at, entry *e, isb_error *error) {
    *e = (entry){.flags = (unsigned)get(a, at + 8, 2),
                 .method = (unsigned)get(a, at + 10, 2),
                 .crc = (uint32_t)get(a, at + 16, 4),
                 .packed = get(a, at + 20, 4),
                 .size = get(a, at + 24, 4)};
    if ((e->flags & 1) != 0)
        return fail(a, "is encrypted", error);
    if (e->method != ZIP_STORED && e->method != ZIP_DEFLATED)
        return fail(a, "is compressed by another method than deflate", error);
    return find_data(a, get(a, at + 42, 4), e, error);
}

static isb_status find_entry(const isb_archive *a, const char *name, entry *e, isb_error *error) {
    const size_t length = strlen(name), end = a->directory + a->directory_size;
    size_t at = a->directory, found = 0, place = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (end - at < ZIP_CENTRAL_SIZE || get(a, at, 4) != ZIP_CENTRAL)
            return fail(a, "damaged: its directory breaks off", error);
        const size_t named = get(a, at + 28, 2),
                     more = named + get(a, at + 30, 2) + get(a, at + 32, 2);
        if (more > end - at - ZIP_CENTRAL_SIZE)
            return fail(a, "damaged: its directory breaks off", error);
        if (named == length && memcmp(a->bytes + at + ZIP_CENTRAL_SIZE, name, length) == 0) {
            place = at;
            found++;
        }
        at += ZIP_CENTRAL_SIZE + more;
    }
    if (found != 1)
        return isb_fail(error, ISB_CORRUPT, "%s: %s member '%s' in it", a->path,
                        found == 0 ? "there is no" : "there is more than one", name);
    return read_entry(a, place, e, error);
}

/* False: the data are no deflate stream of exactly so many bytes. */
static bool inflate_into(char *out, const isb_archive *a, const entry *e) {
    z_stream stream = {.next_in = (unsigned char *)a->bytes + e->data,
                       .avail_in = (unsigned)e->packed,
                       .next_out = (unsigned char *)out,
                       .avail_out = (unsigned)e->size};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    const bool good = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == e->size;
    inflateEnd(&stream);
    return good;
}

isb_status isb_archive_read(const isb_archive *a, const char *name, size_t limit, char **data,
                            size_t *length, isb_error *error) {
    entry e = {0};
    isb_status status = find_entry(a, name, &e, error);
    if (status != ISB_OK)
        return status;
    /* deflate makes at most 1032 bytes of one */
    if (e.size > limit || (e.method == ZIP_STORED ? e.size != e.packed : e.size / 1032 > e.packed))
        return isb_fail(error, ISB_CORRUPT, "%s: %s: has an impossible size", a->path, name);
    char *content = malloc(e.size + 1);
    if (content == NULL)
        return isb_fail_memory(error, a->path);
    bool good = true;
    if (e.method == ZIP_STORED)
        memcpy(content, a->bytes + e.data, e.size);
    else
        good = inflate_into(content, a, &e);
    if (!good || crc32_z(0, (unsigned char *)content, e.size) != e.crc) {
        free(content);
        return isb_fail(error, ISB_CORRUPT, "%s: %s: damaged: its checksum is another one", a->path,
                        name);
    }
    content[e.size] = '\0';
    *data = content;
    *length = e.size;
    return ISB_OK;
}
