/* The bytes of a regular file or a stream, unpacked on the way where they are gzip. */
#ifndef ISB_DATA_INPUT_H
#define ISB_DATA_INPUT_H

#include <isobit/error.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct isb_input isb_input;

/* Opens `path` (borrowed), which must be a regular file. Whether it is gzip is told by its first
 * two bytes, not by its name. Errors are ISB_DATA. `*out` is released by isb_input_close. */
isb_status isb_input_open(isb_input **out, const char *path, isb_error *error);
void isb_input_close(isb_input *input);

/* The same of bytes in memory, which are borrowed; `name` stands for the path. */
isb_status isb_input_of_bytes(isb_input **out, const char *name, const void *bytes, size_t length,
                              isb_error *error);

/* The same of an open file that may be a pipe, read once and in order by isb_input_read_some. It
 * stays the caller's. Waits for the first two bytes. */
isb_status isb_input_of_stream(isb_input **out, const char *name, int file, isb_error *error);

/* What has come of a stream, at most `most` bytes; waits for the first one. None: it has ended. */
isb_status isb_input_read_some(isb_input *input, void *to, size_t most, size_t *got,
                               isb_error *error);

/* Whether that would not wait. */
bool isb_input_ready(const isb_input *input);

bool isb_input_gzip(const isb_input *input);

/* Bytes of the file as it lies on the disk. */
uint64_t isb_input_file_size(const isb_input *input);

/* Goes back to the beginning. */
isb_status isb_input_rewind(isb_input *input, isb_error *error);

/* ISB_DATA where the file is no longer the one that was opened: another size or time of writing. */
isb_status isb_input_check_unchanged(const isb_input *input, isb_error *error);

/* The open file, at its beginning until something is read; forgotten, it is no longer closed with
 * the input, and nothing more can be read. */
int isb_input_descriptor(const isb_input *input);
void isb_input_forget(isb_input *input);

/* The next `wanted` bytes; *got is less only where the data end. Damaged or incomplete gzip data,
 * data that unpack to too much (data/unpacking.h), and whatever stands behind them are ISB_DATA;
 * several gzip members one after the other are one file. */
isb_status isb_input_read(isb_input *input, void *to, size_t wanted, size_t *got, isb_error *error);

#endif
