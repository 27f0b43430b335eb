/* Tables of text: CSV (RFC 4180), TSV and the like, gzipped or not. docs/data.md says what is read,
 * and how. */
#ifndef ISB_DATA_CSV_H
#define ISB_DATA_CSV_H

#include "data/frame.h"

/* What is wrong with the file is ISB_DATA, with a message for each place up to ten. The result is
 * the same for any number of threads; `out` is released by isb_frame_free, also after a failure. */
isb_status isb_csv_read(isb_frame *out, const char *path, const isb_frame_options *options,
                        isb_error *error);

/* The same of a table in memory; `name` stands for the path. */
isb_status isb_csv_parse(isb_frame *out, const char *name, const char *bytes, size_t length,
                         const isb_frame_options *options, isb_error *error);

#endif
