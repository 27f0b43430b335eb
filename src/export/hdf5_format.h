/* What writing and reading of HDF5 files share: version 3.0 of the format's specification. */
#ifndef ISB_EXPORT_HDF5_FORMAT_H
#define ISB_EXPORT_HDF5_FORMAT_H

#include <stdint.h>

#define HDF5_SIGNATURE "\x89HDF\r\n\x1a\n"
#define HDF5_NOWHERE UINT64_MAX

/* Datatype messages, whole: IEEE floats and an unsigned integer, little-endian. */
#define HDF5_FLOAT16 "\x11\x20\x0f\0\2\0\0\0\0\0\x10\0\x0a\x05\0\x0a\x0f\0\0\0"
#define HDF5_FLOAT32 "\x11\x20\x1f\0\4\0\0\0\0\0\x20\0\x17\x08\0\x17\x7f\0\0\0"
#define HDF5_FLOAT64 "\x11\x20\x3f\0\x08\0\0\0\0\0\x40\0\x34\x0b\0\x34\xff\3\0\0"
#define HDF5_UINT32 "\x10\0\0\0\4\0\0\0\0\0\x20\0"

enum {
    HDF5_SIGNATURE_SIZE = 8,
    HDF5_HEADER_VERSION = 1,
    HDF5_FLOAT_SIZE = 20,
    HDF5_UINT_SIZE = 12,

    /* kinds of messages */
    HDF5_DATASPACE = 1,
    HDF5_LINK_INFO = 2,
    HDF5_DATATYPE = 3,
    HDF5_FILL_VALUE = 5,
    HDF5_LINK = 6,
    HDF5_LAYOUT = 8,
    HDF5_GROUP_INFO = 10,
    HDF5_FILTERS = 11,
    HDF5_CONTINUATION = 16,
    HDF5_SYMBOL_TABLE = 17,

    HDF5_CONTIGUOUS = 1, /* class of a layout */
};

#endif
