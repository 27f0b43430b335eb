#include "data/csv_texts.h"
#include "base/hash.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 16 };

/* One word each: a table may have millions. */
struct isb_csv_text {
    uint64_t start : 40; /* in the bytes */
    uint64_t tag : 24;   /* of its hash, the upper part */
};

static const size_t MOST_BYTES = (size_t)1 << 40;

static const char *text_of(const isb_csv_texts *texts, uint32_t number) {
    return texts->bytes + texts->items[number].start;
}

static uint32_t tag_of(uint64_t hash) { return (uint32_t)(hash >> 37) & 0xffffff; }

static bool add_slots(isb_csv_texts *texts) {
    const size_t count = texts->slot_count == 0 ? FIRST_SLOTS : 2 * texts->slot_count;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    if (texts->slot_count == 0)
        texts->key = isb_hash_key((uintptr_t)texts);
    for (uint32_t i = 0; i < texts->count; i++) {
        const char *text = text_of(texts, i);
        size_t at = isb_hash(text, strlen(text), texts->key) & (count - 1);
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

static bool add_text(isb_csv_texts *texts, const char *text, size_t length, uint32_t tag) {
    if (texts->count >= ISB_FRAME_MISSING / 2 || !add_room(texts, length) ||
        texts->length >= MOST_BYTES)
        return false;
    texts->items[texts->count++] =
        (struct isb_csv_text){.start = texts->length & (MOST_BYTES - 1), .tag = tag & 0xffffff};
    memcpy(texts->bytes + texts->length, text, length);
    texts->bytes[texts->length + length] = '\0';
    texts->length += length + 1;
    return true;
}

/* `text` holds no NUL, and need not end with one. */
static bool is_text(const char *known, const char *text, size_t length) {
    return strncmp(known, text, length) == 0 && known[length] == '\0';
}

bool isb_csv_texts_find(isb_csv_texts *texts, const char *text, size_t length, uint32_t *number) {
    if (texts->slot_count < 2 * (size_t)texts->count + 2 && !add_slots(texts))
        return false;
    const uint64_t hash = isb_hash(text, length, texts->key);
    const uint32_t tag = tag_of(hash);
    size_t at = hash & (texts->slot_count - 1);
    for (; texts->slots[at] != 0; at = (at + 1) & (texts->slot_count - 1)) {
        const uint32_t met = texts->slots[at] - 1;
        if (texts->items[met].tag == tag && is_text(text_of(texts, met), text, length)) {
            *number = met;
            return true;
        }
    }
    *number = texts->count;
    texts->slots[at] = texts->count + 1;
    if (add_text(texts, text, length, tag))
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
    uint32_t part, number;
} meeting;

static const char *text_met(isb_csv_texts *const *parts, const meeting *of) {
    return text_of(parts[of->part], of->number);
}

static int compare(const void *a, const void *b, void *parts) {
    return strcmp(text_met(parts, a), text_met(parts, b));
}

/* All of them, in byte order; NULL without memory. */
static meeting *list_meetings(isb_csv_texts *const *parts, size_t count, size_t total) {
    meeting *all = malloc((total + 1) * sizeof *all);
    size_t next = 0;
    for (size_t part = 0; all != NULL && part < count; part++)
        for (uint32_t i = 0; i < parts[part]->count; i++)
            all[next++] = (meeting){(uint32_t)part, i};
    if (all != NULL)
        qsort_r(all, total, sizeof *all, compare, (void *)(uintptr_t)parts);
    return all;
}

static bool is_new(isb_csv_texts *const *parts, const meeting *all, size_t i) {
    return i == 0 || strcmp(text_met(parts, &all[i]), text_met(parts, &all[i - 1])) != 0;
}

/* The column takes each distinct one. */
static bool take_texts(isb_column *column, isb_csv_texts *const *parts, const meeting *all,
                       size_t total, uint32_t **tables) {
    size_t distinct = 0;
    for (size_t i = 0; i < total; i++)
        distinct += is_new(parts, all, i);
    column->texts = malloc((distinct + 1) * sizeof *column->texts);
    if (column->texts == NULL)
        return false;
    for (size_t i = 0; i < total; i++) {
        if (is_new(parts, all, i))
            column->texts[column->text_count++] =
                parts[all[i].part]->bytes + parts[all[i].part]->items[all[i].number].start;
        tables[all[i].part][all[i].number] = (uint32_t)(column->text_count - 1);
    }
    return true;
}

/* The texts stay where they are: all that a part has met, no more than the file has of them. */
static bool take_bytes(isb_column *column, isb_csv_texts *const *parts, size_t count) {
    column->text_blocks = calloc(count + 1, sizeof *column->text_blocks);
    if (column->text_blocks == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        column->text_blocks[column->text_block_count++] = parts[i]->bytes;
        parts[i]->bytes = NULL;
        isb_csv_texts_free(parts[i]);
    }
    return true;
}

isb_status isb_csv_texts_merge(isb_column *column, isb_csv_texts *const *parts, size_t count,
                               uint32_t **tables, isb_error *error) {
    size_t total = 0;
    bool room = true;
    for (size_t i = 0; i < count; i++) {
        free(parts[i]->slots);
        parts[i]->slots = NULL;
        total += parts[i]->count;
        tables[i] = malloc((parts[i]->count + (size_t)1) * sizeof *tables[i]);
        room = room && tables[i] != NULL;
    }
    meeting *all = room && total < ISB_FRAME_MISSING ? list_meetings(parts, count, total) : NULL;
    room = all != NULL && take_texts(column, parts, all, total, tables) &&
           take_bytes(column, parts, count);
    free(all);
    return room ? ISB_OK : isb_fail_memory(error, "the texts of a table");
}
