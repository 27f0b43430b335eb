#include "io/document.h"
#include "io/path.h"
#include "io/utf8.h"
#include "io/yaml.h"
#include <string.h>

/* UTF-8, and no control characters but tabs and line ends. */
static bool check_text(isb_problems *problems, const char *text, size_t length, isb_place start) {
    isb_place place = start;
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t point = isb_utf8_decode(text + i, length - i, &size);
        bool line_end =
            point == '\n' || (point == '\r' && (i + 1 == length || text[i + 1] != '\n'));
        if (point == ISB_UTF8_INVALID) {
            isb_problems_add(problems, place, "not valid UTF-8; save the file as UTF-8");
            return false;
        }
        if ((point < 0x20 && point != '\n' && point != '\r' && point != '\t') || point == 0x7f) {
            isb_problems_add(problems, place, "control character U+%04X; remove it", point);
            return false;
        }
        place.line += line_end;
        place.column = line_end ? 1 : place.column + 1;
    }
    return true;
}

isb_node *isb_document_parse(isb_pool *pool, isb_problems *problems, const isb_document *document,
                             const char *text, size_t length, isb_place start) {
    isb_place whole = {start.origin, start.source, 0, 0};
    if (length > ISB_LARGEST_DOCUMENT) {
        isb_problems_add(problems, whole, "larger than 1 MiB: not %s file", document->what);
        return NULL;
    }
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (!check_text(problems, text, length, start))
        return NULL;
    isb_node *root = isb_yaml_parse(pool, problems, text, length, start);
    if (root == NULL || root->kind == ISB_NODE_MAP || root->kind == ISB_NODE_BROKEN)
        return root != NULL && root->kind == ISB_NODE_MAP ? root : NULL;
    if (isb_node_empty(root))
        isb_problems_add(problems, whole, "the file is empty; it needs %s", document->keys);
    else
        isb_problems_add(problems, root->place, "%s is a map with the keys %s, not a %s",
                         document->what, document->keys,
                         root->kind == ISB_NODE_LIST ? "list" : "single value");
    return NULL;
}

char *isb_document_name(const char *path) {
    const char *base = isb_path_base(path);
    const char *dot = strrchr(base, '.');
    return strndup(base, dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base));
}
