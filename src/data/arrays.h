/* Data sets whose features and labels lie in arrays: NumPy's .npy and .npz, and IDX files. */
#ifndef ISB_DATA_ARRAYS_H
#define ISB_DATA_ARRAYS_H

#include "io/data_source.h"
#include <isobit/dataset.h>

/* Fills shape, train and test of an empty data set, which isb_dataset_free releases, also after a
 * failure. Files are told by their first bytes: NumPy's magic, else IDX. `idx`: all are IDX files.
 * What is wrong with features and labels is reported in one go. `regression`: labels may be any
 * finite numbers, also several a row; they are targets then, unless they could be labels. */
isb_status isb_arrays_read(isb_dataset *out, const isb_data_source *source, bool idx,
                           bool regression, isb_error *error);

/* The same from an archive that names its arrays as Keras's mnist.npz does (x_train, y_train,
 * x_test, y_test), or x and y. */
isb_status isb_arrays_read_archive(isb_dataset *out, const char *path, bool regression,
                                   isb_error *error);

#endif
