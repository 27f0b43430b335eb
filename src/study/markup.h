/* Text inside HTML and SVG, both written so that an XML parser takes them. */
#ifndef ISB_STUDY_MARKUP_H
#define ISB_STUDY_MARKUP_H

#include "io/text.h"

/* Any text as character data or as the value of a quoted attribute. What XML does not allow, or
 * could turn the direction of writing, becomes U+FFFD; lines and tabs stay. */
void isb_put_escaped(isb_text *out, const char *text);

/* A name on one line, shortened to `columns` columns, then escaped. */
void isb_put_escaped_name(isb_text *out, const char *name, size_t columns);

#endif
