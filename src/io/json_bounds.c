#include "io/json_bounds.h"
#include <stdbool.h>

const char *isb_json_excess(const char *text, size_t length, size_t most_depth, size_t most_parts) {
    size_t depth = 0, parts = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\')
                i++;
            quoted = c != '"';
            continue;
        }
        quoted = c == '"';
        if (c == '{' || c == '[')
            depth++;
        if ((c == '}' || c == ']') && depth > 0)
            depth--;
        if (c == '{' || c == '[' || c == ',')
            parts++;
        if (depth > most_depth)
            return "nested too deeply";
        if (parts > most_parts)
            return "has too many parts";
    }
    return NULL;
}
