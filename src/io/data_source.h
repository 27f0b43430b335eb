/* data.source where it names arrays: {x: FILE, y: FILE}, or {file: FILE.npz, x: KEY, y: KEY}. */
#ifndef ISB_IO_DATA_SOURCE_H
#define ISB_IO_DATA_SOURCE_H

#include "io/schema.h"

/* Start with {0}. */
typedef struct isb_data_source {
    char *file;            /* an archive that holds the arrays under keys; NULL: each is a file */
    char *x, *y;           /* keys of the archive, or paths */
    char *x_test, *y_test; /* of the test part; both or neither */
} isb_data_source;

void isb_data_source_free(isb_data_source *source);

/* The keys of the map. */
extern const isb_map isb_data_source_map;

/* Reads the map; paths become absolute. The source is empty after an error, which is reported. */
void isb_data_source_read(isb_data_source *out, isb_reader *reader, const isb_node *node);

/* The map as the resolved experiment has it, which begins with '{'. NULL without memory; released
 * by free(). */
char *isb_data_source_text(const isb_data_source *source);

/* What isb_data_source_text gave, or a user wrote like it; relative paths stay. ISB_DATA where it
 * is no such map. */
isb_status isb_data_source_parse(isb_data_source *out, const char *text, isb_error *error);

#endif
