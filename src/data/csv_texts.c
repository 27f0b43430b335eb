#include "data/csv_texts.h"
#include "base/hash.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 16 };

struct isb_csv_text {
    size_t start;
    uint32_t length, hash;
};

static bool add_slots(isb_csv_texts *texts) {
    const size_t count = texts->slot_count == 0 ? FIRST_SLOTS : 2 * texts->slot_count;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    if (texts->slot_count == 0)
        texts->key = isb_hash_key((uintptr_t)texts);
    for (uint32_t i = 0; i < texts->count; i++) {
        size_t at = texts->items[i].hash & (count - 1);
        while (slots[at] != 0)
            at = (at + 1) & (count - 1);
        slots[at] = i + 1;
    }
    free(texts->slots);
    texts->slots = slots;
    texts->slot_count = count;
    return true;
}

static bool add_room(isb_csv_texts *texts, size_t length) {
    if (texts->count == texts->room) {
        const uint32_t room = texts->room + texts->room / 2 + 8;
        struct isb_csv_text *items = realloc(texts->items, room * sizeof *items);
        if (items == NULL)
            return false;
        texts->items = items;
        texts->room = room;
    }
    if (texts->capacity - texts->length <= length) {
        const size_t capacity = texts->capacity + texts->capacity / 2 + length + 64;
        char *bytes = realloc(texts->bytes, capacity);
        if (bytes == NULL)
            return false;
        texts->bytes = bytes;
        texts->capacity = capacity;
    }
    return true;
}

static bool add_text(isb_csv_texts *texts, const char *text, size_t length, uint32_t hash) {
    if (texts->count >= ISB_FRAME_MISSING / 2 || !add_room(texts, length))
        return false;
    texts->items[texts->count++] = (struct isb_csv_text){texts->length, (uint32_t)length, hash};
    memcpy(texts->bytes + texts->length, text, length);
    texts->bytes[texts->length + length] = '\0';
    texts->length += length + 1;
    return true;
}

bool isb_csv_texts_find(isb_csv_texts *texts, const char *text, size_t length, uint32_t *number) {
    if (texts->slot_count < 2 * (size_t)texts->count + 2 && !add_slots(texts))
        return false;
    const uint32_t hash = (uint32_t)isb_hash(text, length, texts->key);
    size_t at = hash & (texts->slot_count - 1);
    for (; texts->slots[at] != 0; at = (at + 1) & (texts->slot_count - 1)) {
        const struct isb_csv_text *item = &texts->items[texts->slots[at] - 1];
        if (item->hash == hash && item->length == length &&
            memcmp(texts->bytes + item->start, text, length) == 0) {
            *number = texts->slots[at] - 1;
            return true;
        }
    }
    *number = texts->count;
    texts->slots[at] = texts->count + 1;
    if (add_text(texts, text, length, hash))
        return true;
    texts->slots[at] = 0;
    return false;
}

void isb_csv_texts_free(isb_csv_texts *texts) {
    free(texts->bytes);
    free(texts->items);
    free(texts->slots);
    *texts = (isb_csv_texts){0};
}

/* A text that a part has met. */
typedef struct meeting {
    const char *text;
    uint32_t length, part, number;
} meeting;

static int compare(const void *a, const void *b) {
    return strcmp(((const meeting *)a)->text, ((const meeting *)b)->text);
}

static size_t list_meetings(meeting *all, isb_csv_texts *const *parts, size_t count) {
    size_t total = 0;
    for (size_t part = 0; part < count; part++) {
        for (uint32_t i = 0; i < parts[part]->count; i++) {
            const struct isb_csv_text *item = &parts[part]->items[i];
            all[total++] =
                (meeting){parts[part]->bytes + item->start, item->length, (uint32_t)part, i};
        }
    }
    qsort(all, total, sizeof *all, compare);
    return total;
}

static bool is_new(const meeting *all, size_t i) {
    return i == 0 || strcmp(all[i].text, all[i - 1].text) != 0;
}

/* Copies each distinct one. */
static bool take_texts(isb_column *column, const meeting *all, size_t total, uint32_t **tables) {
    size_t bytes = 0, distinct = 0;
    for (size_t i = 0; i < total; i++) {
        if (is_new(all, i)) {
            bytes += all[i].length + 1;
            distinct++;
        }
    }
    column->texts = malloc((distinct + 1) * sizeof *column->texts);
    column->texts_block = malloc(bytes + 1);
    if (column->texts == NULL || column->texts_block == NULL)
        return false;
    char *at = column->texts_block;
    for (size_t i = 0; i < total; i++) {
        if (is_new(all, i)) {
            column->texts[column->text_count++] = at;
            memcpy(at, all[i].text, all[i].length + 1);
            at += all[i].length + 1;
        }
        tables[all[i].part][all[i].number] = (uint32_t)(column->text_count - 1);
    }
    return true;
}

isb_status isb_csv_texts_merge(isb_column *column, isb_csv_texts *const *parts, size_t count,
                               uint32_t **tables, isb_error *error) {
    size_t total = 0;
    bool room = true;
    for (size_t i = 0; i < count; i++) {
        total += parts[i]->count;
        tables[i] = malloc((parts[i]->count + (size_t)1) * sizeof *tables[i]);
        room = room && tables[i] != NULL;
    }
    meeting *all = malloc((total + 1) * sizeof *all);
    room = room && all != NULL && total < ISB_FRAME_MISSING &&
           take_texts(column, all, list_meetings(all, parts, count), tables);
    free(all);
    return room ? ISB_OK : isb_fail_memory(error, "the texts of a table");
}
