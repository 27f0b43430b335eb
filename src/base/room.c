#include "base/room.h"
#include <stdint.h>
#include <stdlib.h>

/* Room is for a power of two: it is used up where `count` is one. */
void *isb_room_for_more(void *list, size_t count, size_t item_size) {
    if (count > 0 && (count & (count - 1)) != 0)
        return list;
    const size_t room = count > 0 ? 2 * count : 1;
    return count > SIZE_MAX / 2 / item_size ? NULL : realloc(list, room * item_size);
}
