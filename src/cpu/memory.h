/* How much memory there is to take. */
#ifndef ISB_CPU_MEMORY_H
#define ISB_CPU_MEMORY_H

#include <stddef.h>

/* Bytes that the process holds. */
size_t isb_memory_held(const char *root);

/* Bytes that it can take besides without swapping, within the limits of its control groups; files
 * are looked up below `root`, "" for the machine's own. SIZE_MAX where nothing is known. */
size_t isb_memory_available(const char *root);

#endif
