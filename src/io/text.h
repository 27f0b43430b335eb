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

#define ISB_CLIP_SIZE 64

/* A piece of the user's text as messages quote it: on one line, cut where it is long. */
const char *isb_clip(char out[ISB_CLIP_SIZE], const char *text);

#endif
