/* The columns of a table in C: what encodes them. */
#ifndef ISB_EXPORT_C_COLUMNS_H
#define ISB_EXPORT_C_COLUMNS_H

#include "export/exported.h"
#include "io/text.h"

/* Adds the names of columns and classes, and the function that makes inputs out of columns, all
 * named for the network. */
void isb_c_add_columns(isb_text *text, const isb_exported *from, const char *name);

#endif
