#include "io/json.h"
#include "base/number.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(isb_json *json, const char *text, size_t length) {
    if (json->failed)
        return;
    if (length >= json->capacity - json->length) {
        size_t capacity = (json->length + length + 64) * 2;
        char *grown = realloc(json->text, capacity);
        if (grown == NULL) {
            json->failed = true;
            return;
        }
        json->text = grown;
        json->capacity = capacity;
    }
    memcpy(json->text + json->length, text, length);
    json->length += length;
    json->text[json->length] = '\0';
}

static void append_text(isb_json *json, const char *text) { append(json, text, strlen(text)); }

/* Bytes of the UTF-8 character at `text`; 0 where there is none (overlong, a surrogate, cut off).
 */
static size_t utf8_length(const unsigned char *text) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80             ? 1
                    : (text[0] & 0xe0) == 0xc0 ? 2
                    : (text[0] & 0xf0) == 0xe0 ? 3
                    : (text[0] & 0xf8) == 0xf0 ? 4
                                               : 0;
    if (length < 2)
        return length;
    uint32_t code = text[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3fu);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code >= smallest[length] && code <= 0x10ffff && !surrogate ? length : 0;
}

bool isb_utf8_valid(const char *text) {
    while (*text != '\0') {
        size_t length = utf8_length((const unsigned char *)text);
        if (length == 0)
            return false;
        text += length;
    }
    return true;
}

static void append_control(isb_json *json, unsigned char byte) {
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04x", byte);
    append_text(json, byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : escape);
}

static void append_quoted(isb_json *json, const char *text) {
    append_text(json, "\"");
    while (*text != '\0') {
        unsigned char byte = (unsigned char)*text;
        size_t length = utf8_length((const unsigned char *)text);
        if (length == 0)
            append_text(json, "\xef\xbf\xbd");
        else if (byte < 0x20 || byte == 0x7f)
            append_control(json, byte);
        else {
            if (byte == '"' || byte == '\\')
                append_text(json, "\\");
            append(json, text, length);
        }
        text += length == 0 ? 1 : length;
    }
    append_text(json, "\"");
}

/* What stands before a value: a comma unless it is the first, and its key. */
static void begin(isb_json *json, const char *key) {
    char last = json->length > 0 ? json->text[json->length - 1] : '{';
    if (last != '{' && last != '[')
        append_text(json, ", ");
    if (key != NULL) {
        append_quoted(json, key);
        append_text(json, ": ");
    }
}

void isb_json_object(isb_json *json, const char *key) {
    begin(json, key);
    append_text(json, "{");
}

void isb_json_end_object(isb_json *json) { append_text(json, "}"); }

void isb_json_array(isb_json *json, const char *key) {
    begin(json, key);
    append_text(json, "[");
}

void isb_json_end_array(isb_json *json) { append_text(json, "]"); }

void isb_json_string(isb_json *json, const char *key, const char *value) {
    if (value == NULL) {
        isb_json_null(json, key);
        return;
    }
    begin(json, key);
    append_quoted(json, value);
}

void isb_json_unsigned(isb_json *json, const char *key, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    begin(json, key);
    append_text(json, digits);
}

void isb_json_boolean(isb_json *json, const char *key, bool value) {
    begin(json, key);
    append_text(json, value ? "true" : "false");
}

void isb_json_null(isb_json *json, const char *key) {
    begin(json, key);
    append_text(json, "null");
}

void isb_json_double(isb_json *json, const char *key, double value) {
    if (!isfinite(value)) {
        isb_json_null(json, key);
        return;
    }
    char number[ISB_NUMBER_SIZE];
    isb_format_double(number, value);
    begin(json, key);
    append_text(json, number);
}

isb_status isb_json_finish(isb_json *json, char **text, isb_error *error) {
    append_text(json, "");
    *text = NULL;
    if (json->failed) {
        isb_json_free(json);
        return isb_fail_memory(error, "JSON");
    }
    *text = json->text;
    *json = (isb_json)ISB_JSON_INIT;
    return ISB_OK;
}

void isb_json_free(isb_json *json) {
    free(json->text);
    *json = (isb_json)ISB_JSON_INIT;
}
