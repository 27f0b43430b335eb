/* Zeroed memory aligned to a cache line, with the size checked for overflow. */
#ifndef ISB_BASE_MEMORY_H
#define ISB_BASE_MEMORY_H

#include <stddef.h>

/* NULL where memory is short or count * size overflows; never NULL for 0. Released by isb_release
 * alone. Large blocks are not touched here: their pages come to lie near the thread that first
 * writes them, in huge pages where the system grants them. */
void *isb_allocate(size_t count, size_t size);

/* For memory of malloc, before it is touched: rows that are read from all over a table cost an
 * address translation each, which is cheaper in huge pages. A wish, of no effect on small blocks.
 */
void isb_prefer_huge_pages(void *memory, size_t bytes);

/* NULL is allowed. */
void isb_release(void *memory);

/* Gives the system back the whole pages of a block, of any allocator, from byte `begin` to `end`.
 * What they hold is lost; the block is released as ever. */
void isb_forget(void *memory, size_t begin, size_t end);

#endif
