#include "data/idx.h"
#include "base/memory.h"
#include "data/input.h"
#include "data/unpacking.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEND "download or copy the file again"

enum {
    TYPE_U8 = 0x08,
    FIRST_GROWTH = 1 << 20, /* bytes allocated before any element of a gzip file has arrived */
    SIZES_TEXT = ISB_IDX_MAX_RANK * 13 + 1,
};

typedef struct reader {
    const char *path;
    isb_idx_kind kind;
    isb_input *input;
    const char *unpacked; /* "unpacked " where the file is gzip */
    isb_idx *out;
    size_t header;   /* bytes */
    size_t elements; /* bytes announced by the header */
    isb_error *error;
} reader;

static const char *guess_format(const uint8_t start[4]) {
    if (start[0] == '<' || memcmp(start, "\r\n<", 3) == 0 || memcmp(start, "\n<", 2) == 0)
        return "; this looks like a web page: download the file itself";
    if (memcmp(start, "PK\3\4", 4) == 0)
        return "; this looks like a zip archive: unzip it";
    if (start[0] == 0x1f && start[1] == 0x8b)
        return "; this looks like gzip within gzip: gunzip it once";
    return "; " MEND;
}

static const char *type_name(uint8_t type) {
    switch (type) {
    case 0x09: return "signed byte";
    case 0x0b: return "16-bit integer";
    case 0x0c: return "32-bit integer";
    case 0x0d: return "float";
    case 0x0e: return "double";
    default: return "unknown";
    }
}

static isb_status fail_short_header(const reader *from, size_t found) {
    if (found == 0)
        return isb_fail(from->error, ISB_DATA, "%s: is empty%s; " MEND, from->path,
                        *from->unpacked != '\0' ? " when unpacked" : "");
    return isb_fail(from->error, ISB_DATA, "%s: ends after %zu %sbyte%s, within its header; " MEND,
                    from->path, found, from->unpacked, found == 1 ? "" : "s");
}

static isb_status check_start(const reader *from, const uint8_t start[4]) {
    if (start[0] != 0 || start[1] != 0)
        return isb_fail(from->error, ISB_DATA,
                        "%s: starts with the %sbytes %02x %02x %02x %02x, where an IDX file starts "
                        "with 00 00%s",
                        from->path, from->unpacked, start[0], start[1], start[2], start[3],
                        guess_format(start));
    if (start[2] != TYPE_U8)
        return isb_fail(from->error, ISB_DATA,
                        "%s: holds elements of type 0x%02x (%s), where 0x08 (unsigned byte) is "
                        "expected; convert it",
                        from->path, start[2], type_name(start[2]));
    bool images = from->kind == ISB_IDX_IMAGES;
    if (images ? start[3] < 2 || start[3] > ISB_IDX_MAX_RANK : start[3] != 1)
        return isb_fail(from->error, ISB_DATA,
                        "%s: has %d %s, where %s; are images and labels swapped?", from->path,
                        start[3], start[3] == 1 ? "axis" : "axes",
                        images ? "images have 2 to 5" : "labels have 1");
    return ISB_OK;
}

/* "60000 x 28 x 28" */
static const char *sizes_text(const isb_idx *idx, char text[SIZES_TEXT]) {
    size_t length = 0;
    for (size_t i = 0; i < idx->rank; i++)
        length += (size_t)snprintf(text + length, SIZES_TEXT - length, "%s%zu", i > 0 ? " x " : "",
                                   idx->sizes[i]);
    return text;
}

static isb_status count_elements(reader *from) {
    size_t count = 1;
    for (size_t i = 0; i < from->out->rank; i++) {
        size_t size = from->out->sizes[i];
        if (size == 0)
            return isb_fail(from->error, ISB_DATA,
                            "%s: axis %zu%s has size 0; a data set needs at least one row, of at "
                            "least one value",
                            from->path, i, i == 0 ? " (the rows)" : "");
        if (__builtin_mul_overflow(count, size, &count) || count > PTRDIFF_MAX - from->header) {
            char text[SIZES_TEXT];
            return isb_fail(from->error, ISB_DATA,
                            "%s: its header announces %s bytes, more than any memory holds; " MEND,
                            from->path, sizes_text(from->out, text));
        }
    }
    from->elements = count;
    return ISB_OK;
}

/* `found` bytes of the file, header included, are not what the header announces. */
static isb_status fail_length(const reader *from, uint64_t found) {
    char text[SIZES_TEXT];
    size_t expected = from->header + from->elements;
    return isb_fail(
        from->error, ISB_DATA,
        "%s: %s: %s elements and the header make %zu %sbytes, and %llu are there; " MEND,
        from->path, found < expected ? "is cut short" : "goes on after its end",
        sizes_text(from->out, text), expected, from->unpacked, (unsigned long long)found);
}

static isb_status read_header(reader *from) {
    uint8_t header[4 + 4 * ISB_IDX_MAX_RANK];
    size_t got;
    isb_status status = isb_input_read(from->input, header, 4, &got, from->error);
    if (status == ISB_OK && got < 4)
        status = fail_short_header(from, got);
    if (status == ISB_OK)
        status = check_start(from, header);
    if (status != ISB_OK)
        return status;
    isb_idx *out = from->out;
    out->rank = header[3];
    from->header = 4 + 4 * out->rank;
    status = isb_input_read(from->input, header + 4, 4 * out->rank, &got, from->error);
    if (status == ISB_OK && got < 4 * out->rank)
        status = fail_short_header(from, 4 + got);
    if (status != ISB_OK)
        return status;
    for (size_t i = 0; i < out->rank; i++) {
        const uint8_t *size = header + 4 + 4 * i;
        out->sizes[i] =
            (size_t)size[0] << 24 | (size_t)size[1] << 16 | (size_t)size[2] << 8 | (size_t)size[3];
    }
    return count_elements(from);
}

/* Gives `elements` room for at most `capacity` bytes more than really have arrived. */
static isb_status grow(reader *from, size_t capacity) {
    uint8_t *grown = realloc(from->out->elements, capacity);
    if (grown == NULL)
        return isb_fail_memory(from->error, from->path);
    from->out->elements = grown;
    isb_prefer_huge_pages(grown, capacity);
    return ISB_OK;
}

/* A raw file is known to be long enough; what a gzip file unpacks to shows only as it comes. */
static isb_status read_elements(reader *from) {
    size_t capacity = isb_input_gzip(from->input) ? FIRST_GROWTH : from->elements;
    size_t length = 0;
    while (length < from->elements) {
        capacity = capacity < from->elements ? capacity : from->elements;
        isb_status status = grow(from, capacity);
        size_t got = 0;
        if (status == ISB_OK)
            status = isb_input_read(from->input, from->out->elements + length, capacity - length,
                                    &got, from->error);
        if (status != ISB_OK)
            return status;
        length += got;
        if (length < capacity)
            return fail_length(from, from->header + length);
        capacity *= 2;
    }
    return ISB_OK;
}

static isb_status check_end(reader *from) {
    uint8_t beyond;
    size_t got;
    isb_status status = isb_input_read(from->input, &beyond, 1, &got, from->error);
    if (status != ISB_OK || got == 0)
        return status;
    char text[SIZES_TEXT];
    return isb_fail(from->error, ISB_DATA,
                    "%s: goes on after its end: %s elements and the header make %zu %sbytes, and "
                    "more are there; " MEND,
                    from->path, sizes_text(from->out, text), from->header + from->elements,
                    from->unpacked);
}

/* What cannot be there at all shows by itself. */
static bool is_bomb(uint64_t bytes, uint64_t packed) {
    return bytes > isb_unpacked_most(packed) && bytes / ISB_DEFLATE_MOST <= packed;
}

static isb_status read_all(reader *from) {
    isb_status status = read_header(from);
    if (status != ISB_OK)
        return status;
    const uint64_t found = isb_input_file_size(from->input);
    const bool gzip = isb_input_gzip(from->input);
    if (!gzip && found != from->header + from->elements)
        return fail_length(from, found);
    if (gzip && is_bomb(from->header + from->elements, found))
        return isb_fail_unpacked(from->path, ISB_UNPACK_GZIP, ISB_DATA, from->error);
    status = read_elements(from);
    return status == ISB_OK ? check_end(from) : status;
}

isb_status isb_idx_read(isb_idx *out, const char *path, isb_idx_kind kind, isb_error *error) {
    *out = (isb_idx){.elements = NULL};
    reader from = {.path = path, .kind = kind, .out = out, .error = error};
    isb_status status = isb_input_open(&from.input, path, error);
    if (status != ISB_OK)
        return status;
    from.unpacked = isb_input_gzip(from.input) ? "unpacked " : "";
    status = read_all(&from);
    isb_input_close(from.input);
    if (status != ISB_OK)
        isb_idx_free(out);
    return status;
}

void isb_idx_free(isb_idx *idx) {
    free(idx->elements);
    *idx = (isb_idx){.elements = NULL};
}
