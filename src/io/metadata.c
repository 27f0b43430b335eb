#include "base/number.h"
#include "base/room.h"
#include "io/json.h"
#include "io/safetensors_format.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

isb_status isb_metadata_append(isb_metadata *metadata, const char *key, const char *value,
                               isb_error *error) {
    struct isb_metadata_item *items =
        isb_room_for_more(metadata->items, metadata->count, sizeof *items);
    if (items == NULL)
        return isb_fail_memory(error, "metadata");
    metadata->items = items;
    struct isb_metadata_item item = {strdup(key), strdup(value)};
    if (item.key == NULL || item.value == NULL) {
        free(item.key);
        free(item.value);
        return isb_fail_memory(error, "metadata");
    }
    items[metadata->count++] = item;
    return ISB_OK;
}

isb_status isb_metadata_add(isb_metadata *metadata, const char *key, const char *value,
                            isb_error *error) {
    if (strcmp(key, "sha256") == 0 || isb_metadata_find(metadata, key) != NULL)
        return isb_fail(error, ISB_FAILURE, "metadata: the key '%s' is taken", key);
    if (!isb_utf8_valid(key) || !isb_utf8_valid(value))
        return isb_fail(error, ISB_FAILURE, "metadata: '%s' is not valid UTF-8", key);
    return isb_metadata_append(metadata, key, value, error);
}

isb_status isb_metadata_add_integer(isb_metadata *metadata, const char *key, size_t value,
                                    isb_error *error) {
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", value);
    return isb_metadata_add(metadata, key, digits, error);
}

const char *isb_metadata_find(const isb_metadata *metadata, const char *key) {
    for (size_t i = 0; i < metadata->count; i++)
        if (strcmp(metadata->items[i].key, key) == 0)
            return metadata->items[i].value;
    return NULL;
}

bool isb_metadata_integer(const isb_metadata *metadata, const char *key, size_t *value) {
    const char *text = isb_metadata_find(metadata, key);
    uint64_t number;
    if (text == NULL || !isb_parse_unsigned(text, &number) || number > SIZE_MAX)
        return false;
    *value = (size_t)number;
    return true;
}

void isb_metadata_free(isb_metadata *metadata) {
    for (size_t i = 0; i < metadata->count; i++) {
        free(metadata->items[i].key);
        free(metadata->items[i].value);
    }
    free(metadata->items);
    *metadata = (isb_metadata)ISB_METADATA_INIT;
}
