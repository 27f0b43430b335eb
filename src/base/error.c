#include <isobit/error.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MESSAGES = 64 };

static const char no_memory[] = "out of memory";
static const char more_follow[] = "more errors follow; mend these first";

static bool append(isb_error *error, const char *text, size_t length) {
    size_t needed = error->length + length + 2; /* a '\n' before it, a NUL after it */
    if (needed > error->capacity) {
        size_t capacity = needed * 2;
        char *grown = realloc(error->text, capacity);
        if (grown == NULL)
            return false;
        error->text = grown;
        error->capacity = capacity;
    }
    if (error->length > 0)
        error->text[error->length++] = '\n';
    memcpy(error->text + error->length, text, length);
    error->length += length;
    error->text[error->length] = '\0';
    return true;
}

/* Messages quote what files hold: a terminal must not obey it. */
static void disarm(char *line, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)line[i] < 0x20 && line[i] != '\n') || line[i] == 0x7f)
            line[i] = ' ';
}

isb_status isb_fail(isb_error *error, isb_status status, const char *format, ...) {
    if (error == NULL)
        return status;
    if (error->count++ == 0)
        error->status = status;
    if (error->count > MOST_MESSAGES) {
        if (error->count == MOST_MESSAGES + 1)
            append(error, more_follow, sizeof more_follow - 1);
        return status;
    }
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0)
        length = 0;
    if ((size_t)length >= sizeof line)
        length = (int)sizeof line - 1;
    disarm(line, (size_t)length);
    append(error, line, (size_t)length);
    return status;
}

isb_status isb_fail_memory(isb_error *error, const char *what) {
    return isb_fail(error, ISB_NO_MEMORY,
                    "out of memory for %s; free some, or use smaller layers or a smaller batch",
                    what);
}

const char *isb_error_text(const isb_error *error) {
    if (error->text != NULL)
        return error->text;
    return error->count > 0 ? no_memory : "";
}

void isb_error_clear(isb_error *error) {
    free(error->text);
    *error = (isb_error)ISB_ERROR_INIT;
}
