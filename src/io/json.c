#include "io/json.h"
#include "base/number.h"
#include "io/utf8.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append_text(isb_json *json, const char *text) { isb_text_add(&json->text, text); }

bool isb_utf8_valid(const char *text) {
    size_t left = strlen(text), size;
    for (; left > 0; text += size, left -= size)
        if (isb_utf8_decode(text, left, &size) == ISB_UTF8_INVALID)
            return false;
    return true;
}

static void append_control(isb_json *json, unsigned char byte) {
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04x", byte);
    append_text(json, byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : escape);
}

static void append_quoted(isb_json *json, const char *text) {
    append_text(json, "\"");
    size_t left = strlen(text), size;
    for (; left > 0; text += size, left -= size) {
        uint32_t point = isb_utf8_decode(text, left, &size);
        if (point == ISB_UTF8_INVALID)
            append_text(json, "\xef\xbf\xbd");
        else if (point < 0x20 || point == 0x7f)
            append_control(json, (unsigned char)point);
        else {
            if (point == '"' || point == '\\')
                append_text(json, "\\");
            isb_text_add_bytes(&json->text, text, size);
        }
    }
    append_text(json, "\"");
}

/* What stands before a value: a comma unless it is the first, and its key. */
static void begin(isb_json *json, const char *key) {
    size_t length = json->text.length;
    char last = length > 0 ? json->text.data[length - 1] : '{';
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
    bool failed = json->text.failed || json->text.data == NULL;
    *text = failed ? NULL : json->text.data;
    if (failed)
        free(json->text.data);
    *json = (isb_json)ISB_JSON_INIT;
    return failed ? isb_fail_memory(error, "JSON") : ISB_OK;
}

void isb_json_shape(isb_json *json, const char *key, isb_shape shape) {
    isb_json_array(json, key);
    isb_json_null(json, NULL);
    for (size_t i = 0; i < shape.rank; i++)
        isb_json_unsigned(json, NULL, shape.sizes[i]);
    isb_json_end_array(json);
}
