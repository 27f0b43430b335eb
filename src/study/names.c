/* Names from files, made fit to be shown. */
#include "io/utf8.h"
#include "study/figures.h"
#include <stdlib.h>
#include <string.h>

typedef struct range {
    uint32_t first, last;
} range;

static bool within(uint32_t point, const range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

#define WITHIN(point, ranges) within(point, ranges, sizeof(ranges) / sizeof(ranges)[0])

bool isb_unfit(uint32_t point) {
    static const range ranges[] = {
        {0, 0x1f},        {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200b, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f}, {0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
    return point == ISB_UTF8_INVALID || (point & 0xfffe) == 0xfffe || WITHIN(point, ranges);
}

/* The blocks of Unicode's wide characters, and of the marks that take no column. */
static size_t columns_of(uint32_t point) {
    static const range wide[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                 {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                 {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    static const range none[] = {
        {0x300, 0x36f}, {0x1ab0, 0x1aff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
    if (WITHIN(point, none))
        return 0;
    return WITHIN(point, wide) ? 2 : 1;
}

size_t isb_columns(const char *text) {
    size_t columns = 0, size;
    for (size_t left = strlen(text); left > 0; left -= size, text += size)
        columns += columns_of(isb_utf8_decode(text, left, &size));
    return columns;
}

/* All of the name, one piece a character. */
static void put_fit(isb_text *out, const char *name, bool utf8) {
    size_t size;
    for (size_t left = strlen(name); left > 0; left -= size, name += size) {
        const uint32_t point = isb_utf8_decode(name, left, &size);
        if (!isb_unfit(point) && (utf8 || point < 0x80))
            isb_text_add_bytes(out, name, size);
        else
            isb_text_add(out, utf8 ? "\xef\xbf\xbd" : "?");
    }
}

/* Bytes from the start of `text` that take at most `columns` columns. */
static size_t head(const char *text, size_t columns) {
    size_t used = 0, size, left = strlen(text);
    const char *end = text;
    for (; left > 0; left -= size, end += size) {
        used += columns_of(isb_utf8_decode(end, left, &size));
        if (used > columns)
            break;
    }
    return (size_t)(end - text);
}

/* Bytes at the start of `text` without which the rest takes at most `columns` columns. */
static size_t before_tail(const char *text, size_t columns) {
    size_t all = isb_columns(text), size, left = strlen(text);
    const char *start = text;
    for (; left > 0 && all > columns; left -= size, start += size)
        all -= columns_of(isb_utf8_decode(start, left, &size));
    return (size_t)(start - text);
}

void isb_put_name(isb_text *out, const char *name, size_t columns, bool utf8) {
    isb_text whole = {0};
    put_fit(&whole, name, utf8);
    const char *text = whole.data == NULL ? "" : whole.data;
    const char *gap = utf8 ? "\xe2\x80\xa6" : "...";
    const size_t room = columns > isb_columns(gap) ? columns - isb_columns(gap) : 0;
    if (isb_columns(text) <= columns) {
        isb_text_add(out, text);
    } else {
        isb_text_add_bytes(out, text, head(text, room - room / 3));
        isb_text_add(out, gap);
        isb_text_add(out, text + before_tail(text, room / 3));
    }
    out->failed = out->failed || whole.failed;
    free(whole.data);
}
