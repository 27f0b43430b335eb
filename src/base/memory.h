/* Zeroed memory aligned to a cache line, with the size checked for overflow. */
#ifndef ISB_BASE_MEMORY_H
#define ISB_BASE_MEMORY_H

#include <stddef.h>

/* NULL where memory is short or count * size overflows. Released by free(). Never NULL for 0. */
void *isb_allocate(size_t count, size_t size);

#endif
