#include "io/text.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(isb_text *text, size_t more) {
    if (more < text->capacity - text->length)
        return true;
    if (more > SIZE_MAX / 4 - text->length)
        return false;
    size_t capacity = (text->length + more + 32) * 2;
    char *grown = realloc(text->data, capacity);
    if (grown == NULL)
        return false;
    text->data = grown;
    text->capacity = capacity;
    return true;
}

void isb_text_add_bytes(isb_text *text, const char *bytes, size_t length) {
    if (text->failed || !reserve(text, length)) {
        text->failed = true;
        return;
    }
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void isb_text_add(isb_text *text, const char *string) {
    isb_text_add_bytes(text, string, strlen(string));
}

void isb_text_format(isb_text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (text->failed || length < 0 || !reserve(text, (size_t)length)) {
        text->failed = true;
    } else {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

static bool continues(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

const char *isb_clip(char out[ISB_CLIP_SIZE], const char *text) {
    static const char mark[] = "...";
    size_t length = strlen(text);
    bool cut = length >= ISB_CLIP_SIZE;
    if (cut) {
        length = ISB_CLIP_SIZE - sizeof mark;
        while (length > 0 && continues(text[length]))
            length--;
    }
    for (size_t i = 0; i < length; i++)
        out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
    strcpy(out + length, cut ? mark : "");
    return out;
}
