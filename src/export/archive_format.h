/* What writing and reading of zip archives share. */
#ifndef ISB_EXPORT_ARCHIVE_FORMAT_H
#define ISB_EXPORT_ARCHIVE_FORMAT_H

enum {
    ZIP_LOCAL = 0x04034b50,
    ZIP_LOCAL_SIZE = 30,
    ZIP_CENTRAL = 0x02014b50,
    ZIP_CENTRAL_SIZE = 46,
    ZIP_END = 0x06054b50,
    ZIP_END_SIZE = 22,
    ZIP_STORED = 0,
    ZIP_DEFLATED = 8,
};

#endif
