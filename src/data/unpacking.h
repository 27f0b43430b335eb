/* How far packed data may unpack before they are taken for a bomb, made to fill memory: to 1 GiB,
 * or to 100 times their size where that is more. */
#ifndef ISB_DATA_UNPACKING_H
#define ISB_DATA_UNPACKING_H

#include <isobit/error.h>
#include <stdint.h>

/* Deflated data unpack to at most so many times their size (zlib's technical details). */
enum { ISB_DEFLATE_MOST = 1032 };

/* Bytes that so many packed ones may become. */
uint64_t isb_unpacked_most(uint64_t packed);

/* What to do with a gzip file that is no bomb, for messages. */
#define ISB_UNPACK_GZIP "unpack it (gunzip -k), and name the file that it makes"

/* `status`, with a message that names the file, or the member of it, and what to do where it is
 * none. */
isb_status isb_fail_unpacked(const char *name, const char *mend, isb_status status,
                             isb_error *error);

#endif
