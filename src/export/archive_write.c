#include "export/archive.h"
#include "io/text.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    LOCAL_HEADER = 0x04034b50,
    CENTRAL_HEADER = 0x02014b50,
    END_OF_CENTRAL = 0x06054b50,
    LOCAL_SIZE = 30,
    STORED = 0,
    ZIP_VERSION = 20,
    FIRST_DAY = 0x21, /* 1980-01-01: a zip file knows no earlier one */
    MOST_MEMBERS = UINT16_MAX,
};

static void put(isb_text *text, uint64_t value, size_t bytes) {
    char little[8];
    for (size_t i = 0; i < bytes; i++)
        little[i] = (char)(value >> 8 * i);
    isb_text_add_bytes(text, little, bytes);
}

/* A member's place in the file, and the header before it. */
typedef struct placed {
    uint64_t size, offset;
    uint32_t crc;
    isb_text local;
} placed;

static uint32_t crc_of(const isb_member *member) {
    const uLong head = crc32_z(0, member->head.data, member->head.length);
    return (uint32_t)(member->body.data == NULL
                          ? head
                          : crc32_z(head, member->body.data, member->body.length));
}

/* What both headers have in the middle. */
static void put_common(isb_text *text, const isb_member *member, const placed *at) {
    put(text, ZIP_VERSION, 2);
    put(text, 0, 2); /* flags */
    put(text, STORED, 2);
    put(text, 0, 2); /* time */
    put(text, FIRST_DAY, 2);
    put(text, at->crc, 4);
    put(text, at->size, 4);
    put(text, at->size, 4);
    put(text, strlen(member->name), 2);
    put(text, 0, 2); /* no more fields */
}

static void put_local(isb_text *text, const isb_member *member, const placed *at) {
    put(text, LOCAL_HEADER, 4);
    put_common(text, member, at);
    isb_text_add(text, member->name);
}

static void put_central(isb_text *text, const isb_member *member, const placed *at) {
    put(text, CENTRAL_HEADER, 4);
    put(text, ZIP_VERSION, 2);
    put_common(text, member, at);
    put(text, 0, 6); /* comment, disk, attributes */
    put(text, 0, 4);
    put(text, at->offset, 4);
    isb_text_add(text, member->name);
}

static void put_end(isb_text *text, size_t count, uint64_t begin) {
    const size_t size = text->length;
    put(text, END_OF_CENTRAL, 4);
    put(text, 0, 4); /* disks */
    put(text, count, 2);
    put(text, count, 2);
    put(text, size, 4);
    put(text, begin, 4);
    put(text, 0, 2); /* comment */
}

/* Works out where everything goes; false where the format has no room. */
static bool place(placed *at, const isb_member *members, size_t count, uint64_t *end) {
    *end = 0;
    for (size_t i = 0; i < count; i++) {
        at[i].size = (uint64_t)members[i].head.length + members[i].body.length;
        at[i].offset = *end;
        *end += LOCAL_SIZE + strlen(members[i].name) + at[i].size;
    }
    return count <= MOST_MEMBERS && *end <= INT32_MAX;
}

static isb_status write_placed(const char *path, placed *at, const isb_member *members,
                               size_t count, uint64_t end, isb_error *error) {
    isb_bytes *pieces = calloc(3 * count + 1, sizeof *pieces);
    isb_text central = {0};
    bool failed = pieces == NULL;
    for (size_t i = 0; i < count && !failed; i++) {
        at[i].crc = crc_of(&members[i]);
        put_local(&at[i].local, &members[i], &at[i]);
        put_central(&central, &members[i], &at[i]);
        pieces[3 * i] = (isb_bytes){at[i].local.data, at[i].local.length};
        pieces[3 * i + 1] = members[i].head;
        pieces[3 * i + 2] = members[i].body;
        failed = at[i].local.failed;
    }
    put_end(&central, count, end);
    isb_status status = ISB_OK;
    if (failed || central.failed) {
        status = isb_fail_memory(error, path);
    } else {
        pieces[3 * count] = (isb_bytes){central.data, central.length};
        status = isb_file_write(path, pieces, 3 * count + 1, error);
    }
    free(central.data);
    free(pieces);
    return status;
}

isb_status isb_archive_write(const char *path, const isb_member *members, size_t count,
                             isb_error *error) {
    placed *at = calloc(count, sizeof *at);
    uint64_t end;
    if (at == NULL)
        return isb_fail_memory(error, path);
    isb_status status;
    if (place(at, members, count, &end))
        status = write_placed(path, at, members, count, end, error);
    else
        status =
            isb_fail(error, ISB_FAILURE,
                     "%s: a zip file of more than 2 GiB; export the weights as .safetensors", path);
    for (size_t i = 0; i < count; i++)
        free(at[i].local.data);
    free(at);
    return status;
}
