/* Reads float data sets out of an HDF5 file in memory, as Keras (h5py) and Isobit write them:
 * groups with symbol tables or links as messages, contiguous data, float16, float32 or float64.
 * Every offset is checked, and the work for a file is bounded: libhdf5 promises neither. */
#ifndef ISB_EXPORT_HDF5_READ_H
#define ISB_EXPORT_HDF5_READ_H

#include <isobit/error.h>
#include <isobit/model.h>
#include <stdint.h>

typedef struct isb_hdf5_reader {
    const char *bytes; /* borrowed, like `path` */
    size_t length;
    const char *path; /* for messages */
    isb_error *error;
    uint64_t root;
    size_t steps; /* that may still be taken */
    size_t left;  /* bytes that may still be read: no two data sets lie in the same ones */
} isb_hdf5_reader;

/* ISB_CORRUPT: not an HDF5 file of this form. */
isb_status isb_hdf5_reader_open(isb_hdf5_reader *out, const char *bytes, size_t length,
                                const char *path, isb_error *error);

/* The values of the data set `name` ("layers/dense/vars/0"), which must have this shape and be
 * finite; `out` has room for them. ISB_CORRUPT. */
isb_status isb_hdf5_reader_floats(isb_hdf5_reader *reader, const char *name, isb_shape shape,
                                  float *out);

#endif
