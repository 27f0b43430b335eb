#include "export/c_text.h"
#include <inttypes.h>
#include <string.h>

void isb_c_add(isb_text *text, const char *template, const char *name) {
    for (const char *at; (at = strchr(template, '@')) != NULL; template = at + 1) {
        isb_text_add_bytes(text, template, (size_t)(at - template));
        isb_text_add(text, name);
    }
    isb_text_add(text, template);
}

void isb_c_add_float(isb_text *text, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const char *sign = bits >> 31 ? "-" : "";
    const int exponent = (int)(bits >> 23 & 0xff);
    const uint32_t fraction = (bits & 0x7fffff) << 1;
    if (exponent == 0 && fraction == 0)
        isb_text_format(text, "%s0.0f", sign);
    else
        isb_text_format(text, "%s0x%d.%06xp%df", sign, exponent > 0, fraction,
                        exponent > 0 ? exponent - 127 : -126);
}

void isb_c_add_double(isb_text *text, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const char *sign = bits >> 63 ? "-" : "";
    const int exponent = (int)(bits >> 52 & 0x7ff);
    const uint64_t fraction = bits & 0xfffffffffffff;
    if (exponent == 0 && fraction == 0)
        isb_text_format(text, "%s0.0", sign);
    else
        isb_text_format(text, "%s0x%d.%013" PRIx64 "p%d", sign, exponent > 0, fraction,
                        exponent > 0 ? exponent - 1023 : -1022);
}

void isb_c_add_string(isb_text *text, const char *string) {
    isb_text_add(text, "\"");
    for (const char *c = string; *c != '\0'; c++) {
        if (*c >= ' ' && *c <= '~' && strchr("\"\\?", *c) == NULL)
            isb_text_add_bytes(text, c, 1);
        else
            isb_text_format(text, "\\%03o", (unsigned)(unsigned char)*c);
    }
    isb_text_add(text, "\"");
}

void isb_c_part(isb_text *text, size_t index, size_t a_line) {
    if (index > 0)
        isb_text_add(text, ",");
    isb_text_add(text, index % a_line == 0 ? "\n    " : " ");
}
