#include "io/utf8.h"
#include "io/yaml.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Plain, these would be read as something other than a string, here or by another YAML reader. */
static bool is_reserved_word(const char *value) {
    static const char *const words[] = {"true", "false", "yes", "no",   "on",  "off", "y",
                                        "n",    "null",  "~",   "none", "nan", "inf"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(value, words[i]) == 0)
            return true;
    return false;
}

/* Numbers, dates, times, .inf and the like. */
static bool looks_like_number(const char *value) {
    return strchr("+-.0123456789", value[0]) != NULL &&
           strspn(value, "+-.:_0123456789abcdefABCDEFxXoOinINT") == strlen(value);
}

static bool is_plain_character(uint32_t point) {
    if (point < 0x80)
        return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') ||
               (point >= '0' && point <= '9') || (point != 0 && strchr("_./+-", (int)point));
    return point >= 0xa1 && point != 0x2028 && point != 0x2029 && point != 0xfeff &&
           (point < 0xfff0 || point >= 0x10000) && (point & 0xffff) < 0xfffe;
}

static bool can_be_plain(const char *value) {
    if (value[0] == '\0' || value[0] == '-' || is_reserved_word(value) || looks_like_number(value))
        return false;
    size_t length = strlen(value);
    for (size_t i = 0, size; i < length; i += size)
        if (!is_plain_character(isb_utf8_decode(value + i, length - i, &size)))
            return false;
    return true;
}

static void add_escape(isb_text *text, uint32_t point) {
    char escape[16];
    if (point <= 0xff)
        snprintf(escape, sizeof escape, "\\x%02x", point);
    else
        snprintf(escape, sizeof escape, point <= 0xffff ? "\\u%04x" : "\\U%08x", point);
    isb_text_add(text, escape);
}

void isb_yaml_add_string(isb_text *text, const char *value) {
    if (can_be_plain(value)) {
        isb_text_add(text, value);
        return;
    }
    isb_text_add(text, "\"");
    size_t length = strlen(value);
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t point = isb_utf8_decode(value + i, length - i, &size);
        if (point == '"' || point == '\\')
            isb_text_add(text, "\\");
        if ((point >= 0x20 && point < 0x7f) || is_plain_character(point))
            isb_text_add_bytes(text, value + i, size);
        else
            add_escape(text, point);
    }
    isb_text_add(text, "\"");
}

/* Without quotes it means the same between brackets as where it stood. */
static bool stays_plain(const char *value) {
    for (const char *c = value; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || strchr(",[]{}#:", *c) != NULL)
            return false;
    return true;
}

static void add_scalar(isb_text *text, const isb_node *node) {
    if (node->plain && stays_plain(node->text))
        isb_text_add(text, node->text);
    else
        isb_yaml_add_string(text, node->text);
}

void isb_yaml_add_node(isb_text *text, const isb_node *node) {
    if (node->kind == ISB_NODE_BROKEN)
        return;
    if (node->kind == ISB_NODE_SCALAR) {
        add_scalar(text, node);
        return;
    }
    const bool map = node->kind == ISB_NODE_MAP;
    isb_text_add(text, map ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        isb_text_add(text, i > 0 ? ", " : "");
        if (map) {
            isb_yaml_add_string(text, node->entries[i].key);
            isb_text_add(text, ": ");
        }
        isb_yaml_add_node(text, node->entries[i].value);
    }
    isb_text_add(text, map ? "}" : "]");
}
