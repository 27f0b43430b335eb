/* Pieces of C source. */
#ifndef ISB_EXPORT_C_TEXT_H
#define ISB_EXPORT_C_TEXT_H

#include "io/text.h"

/* Adds a template, in which @ stands for the network's name. */
void isb_c_add(isb_text *text, const char *template, const char *name);

/* Adds a hexadecimal literal, exact to the bit and the same in every locale; the value is finite.
 */
void isb_c_add_float(isb_text *text, float value);

/* The same of a double. */
void isb_c_add_double(isb_text *text, double value);

/* Adds a literal in quotes, in ASCII and without trigraphs. */
void isb_c_add_string(isb_text *text, const char *string);

/* Adds what parts item `index` of a list from the one before it, `a_line` items a line. */
void isb_c_part(isb_text *text, size_t index, size_t a_line);

#endif
