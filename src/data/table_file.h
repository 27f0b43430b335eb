/* A file of text as a data set. */
#ifndef ISB_DATA_TABLE_FILE_H
#define ISB_DATA_TABLE_FILE_H

#include "data/frame.h"
#include "data/prepare.h"
#include "data/preprocessing.h"

/* As isb_dataset_prepare, of a table. */
isb_status isb_table_file_open(isb_dataset *out, const isb_experiment *experiment,
                               const isb_preparation *preparation, isb_error *error);

/* The two halves of it, for many data sets of one table. The reading depends on the experiment's
 * table form and loss alone (data/table_reading.h); `out` is released by isb_frame_free, also after
 * a failure. */
isb_status isb_table_file_read(isb_frame *out, char sha256[65], const isb_experiment *experiment,
                               const isb_preprocessing *fitted, size_t threads, isb_error *error);

/* A data set to train on, of a table that was read so. As isb_dataset_prepare. */
isb_status isb_table_file_make(isb_dataset *out, const isb_frame *frame, const char sha256[65],
                               const isb_experiment *experiment, isb_error *error);

/* The SHA-256 of what the table holds, whatever its file is called or packed with: over
 * "isobit table 1" (14 bytes of ASCII), then, integers little-endian, u64 rows, u64 columns, and
 * of each column its name, u32 type (0 numbers, 1 texts) and cells: float32 as they lie in memory,
 * NaN as 0x7fc00000 where one is missing; or u64 number of texts, the texts, and u32 codes. A name
 * or text is its u64 length and its bytes. */
isb_status isb_frame_digest(const isb_frame *frame, char sha256[65], isb_error *error);

#endif
