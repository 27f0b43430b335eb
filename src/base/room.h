/* Lists that grow by one item at a time, as long as a file makes them. */
#ifndef ISB_BASE_ROOM_H
#define ISB_BASE_ROOM_H

#include <stddef.h>

/* The list, with room for one more than the `count` that it holds, which came the same way; NULL
 * without memory, and the list stays as it is. The time for a list is in proportion to its length.
 */
void *isb_room_for_more(void *list, size_t count, size_t item_size);

#endif
