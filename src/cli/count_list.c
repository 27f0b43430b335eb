#include "cli/count_list.h"
#include "base/number.h"
#include <string.h>

static bool parse_item(isb_count_list *out, const char *text, size_t length, size_t limit) {
    char item[ISB_NUMBER_SIZE];
    uint64_t value;
    if (length >= sizeof item || out->count == ISB_COUNT_LIST_ROOM)
        return false;
    memcpy(item, text, length);
    item[length] = '\0';
    if (!isb_parse_unsigned(item, &value) || value == 0 || value > limit)
        return false;
    out->values[out->count++] = (size_t)value;
    return true;
}

bool isb_count_list_parse(isb_count_list *out, const char *text, size_t limit) {
    out->count = 0;
    for (;;) {
        size_t length = strcspn(text, ",");
        if (!parse_item(out, text, length, limit))
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}
