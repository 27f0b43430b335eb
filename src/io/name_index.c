#include "io/name_index.h"
#include <stdlib.h>
#include <string.h>

struct isb_indexed_name {
    const char *name;
    size_t place;
};

static int compare(const void *a, const void *b) {
    const struct isb_indexed_name *left = a, *right = b;
    const int order = strcmp(left->name, right->name);
    return order != 0 ? order : left->place < right->place ? -1 : 1;
}

bool isb_name_index_make(isb_name_index *out, const char *const *names, size_t count) {
    *out = (isb_name_index){.items = calloc(count + 1, sizeof *out->items)};
    if (out->items == NULL)
        return false;
    for (; out->count < count; out->count++)
        out->items[out->count] = (struct isb_indexed_name){names[out->count], out->count};
    qsort(out->items, count, sizeof *out->items, compare);
    return true;
}

void isb_name_index_free(isb_name_index *index) {
    free(index->items);
    *index = (isb_name_index){0};
}

size_t isb_name_index_find(const isb_name_index *index, const char *name) {
    size_t low = 0, high = index->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(index->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < index->count && strcmp(index->items[low].name, name) == 0 ? index->items[low].place
                                                                           : index->count;
}
