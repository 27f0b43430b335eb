/* What an experiment's name may be. */
#ifndef ISB_IO_EXPERIMENT_DATA_H
#define ISB_IO_EXPERIMENT_DATA_H

#include <stdbool.h>

/* The name of a directory: 1 to 128 bytes of UTF-8, no '/', no control characters, not "." or "..".
 */
bool isb_name_valid(const char *name);

#endif
