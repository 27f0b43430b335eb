/* UTF-8: checked before anything else looks at a text. */
#ifndef ISB_IO_UTF8_H
#define ISB_IO_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define ISB_UTF8_INVALID UINT32_MAX

/* The code point at the start of `text` and its size in bytes; ISB_UTF8_INVALID with size 1 where
 * none starts there (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
uint32_t isb_utf8_decode(const char *text, size_t length, size_t *size);

#endif
