/* A directory of IDX files under MNIST's usual names. */
#ifndef ISB_DATA_IDX_DIRECTORY_H
#define ISB_DATA_IDX_DIRECTORY_H

#include "io/data_source.h"

/* The paths of train and, where there is one, test part, gzipped or not. ISB_DATA where a file is
 * missing. `out` is released by isb_data_source_free, also after a failure. */
isb_status isb_idx_directory_find(isb_data_source *out, const char *directory, isb_error *error);

#endif
