#include "io/utf8.h"

uint32_t isb_utf8_decode(const char *text, size_t length, size_t *size) {
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    *size = 1;
    if (first < 0x80)
        return first;
    size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc0 || first > 0xf4 || length < wanted)
        return ISB_UTF8_INVALID;
    uint32_t point = first & (0xffu >> (wanted + 1));
    for (size_t i = 1; i < wanted; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xc0) != 0x80)
            return ISB_UTF8_INVALID;
        point = point << 6 | (next & 0x3fu);
    }
    if (point < least[wanted] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return ISB_UTF8_INVALID;
    *size = wanted;
    return point;
}
