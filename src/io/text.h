/* Text that grows. */
#ifndef ISB_IO_TEXT_H
#define ISB_IO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Start with {0}; `data` is NUL-terminated, NULL while empty, and released by free(). */
typedef struct isb_text {
    char *data;
    size_t length;
    size_t capacity;
    bool failed; /* an allocation failed: the text is incomplete */
} isb_text;

void isb_text_add(isb_text *text, const char *string);
void isb_text_add_bytes(isb_text *text, const char *bytes, size_t length);

/* Numbers with a point are not for this: they would obey the locale (base/number.h does not). */
void isb_text_format(isb_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define ISB_CLIP_SIZE 64

/* A piece of the user's text as messages quote it: on one line, cut where it is long. */
const char *isb_clip(char out[ISB_CLIP_SIZE], const char *text);

#endif
