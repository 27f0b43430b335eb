#include "data/csv_field.h"
#include <string.h>

isb_csv_format isb_csv_format_make(char separator) {
    isb_csv_format format = {.separator = separator};
    format.special[(unsigned char)separator] = true;
    format.special['\n'] = format.special['\r'] = true;
    format.special['"'] = format.special['\0'] = true;
    return format;
}

static bool is_blank(char c, const isb_csv_format *format) {
    return (c == ' ' || c == '\t') && c != format->separator;
}

static void fail(isb_csv_field *field, const char *where, const char *why) {
    field->bad = where;
    field->why = why;
}

/* `at` is where the field ends: at the separator, or at the end of a line. */
static bool find_end(isb_csv_field *field, const char *at, const isb_csv_format *format) {
    at += at[0] == '\r' && at[1] == '\n';
    field->end = at;
    return *at == format->separator || *at == '\n';
}

static void read_plain(isb_csv_field *field, const char *text, const isb_csv_format *format) {
    field->text = text;
    while (!format->special[(unsigned char)*text])
        text++;
    if (find_end(field, text, format)) {
        while (text > field->text && is_blank(text[-1], format))
            text--;
        field->length = (size_t)(text - field->text);
    } else if (*text == '"') {
        fail(field, text,
             "a quote stands within a field that begins without one; put the field in quotes and "
             "double those within it");
    } else if (*text == '\0') {
        fail(field, text,
             "a byte 0 stands here; this is no file of text, or UTF-16: save it as UTF-8");
    } else {
        fail(field, text,
             "a carriage return stands here without a line feed; end lines with \\n or \\r\\n");
    }
}

static size_t count_line_ends(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += text[i] == '\n';
    return count;
}

/* The quote that closes the field; NULL where none does. */
static const char *find_quote(isb_csv_field *field, const char *text, const char *limit) {
    for (const char *p = text; (p = memchr(p, '"', (size_t)(limit - p))) != NULL; p += 2) {
        if (p[1] != '"')
            return p;
        field->doubled = true;
    }
    return NULL;
}

static void read_quoted(isb_csv_field *field, const char *quote, const char *limit,
                        const isb_csv_format *format) {
    field->text = quote + 1;
    const char *close = find_quote(field, field->text, limit);
    if (close == NULL) {
        fail(field, quote, "a quote is opened here and never closed");
        return;
    }
    field->length = (size_t)(close - field->text);
    const char *zero = memchr(field->text, '\0', field->length);
    if (zero != NULL) {
        fail(field, zero,
             "a byte 0 stands here; this is no file of text, or UTF-16: save it as UTF-8");
        return;
    }
    field->line_ends = count_line_ends(field->text, field->length);
    const char *behind = close + 1;
    while (is_blank(*behind, format))
        behind++;
    if (!find_end(field, behind, format))
        fail(field, behind,
             "something stands behind the quote that closes the field; double the quotes within "
             "the field");
}

void isb_csv_field_read(isb_csv_field *field, const char *text, const char *limit,
                        const isb_csv_format *format) {
    *field = (isb_csv_field){.text = text};
    while (is_blank(*text, format))
        text++;
    if (*text == '"')
        read_quoted(field, text, limit, format);
    else
        read_plain(field, text, format);
}

size_t isb_csv_field_copy(char *out, const isb_csv_field *field) {
    if (!field->doubled) {
        memcpy(out, field->text, field->length);
        return field->length;
    }
    size_t length = 0;
    for (size_t i = 0; i < field->length; i++) {
        out[length++] = field->text[i];
        i += field->text[i] == '"';
    }
    return length;
}
