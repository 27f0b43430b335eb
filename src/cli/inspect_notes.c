#include "base/room.h"
#include "cli/inspecting.h"
#include <stdarg.h>
#include <stdlib.h>

void isb_notes_add(isb_notes *notes, const char *format, ...) {
    char **grown = isb_room_for_more(notes->items, notes->count, sizeof *grown), *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (grown != NULL)
        notes->items = grown;
    if (grown == NULL || length < 0) {
        if (length >= 0)
            free(text);
        notes->no_memory = true;
        return;
    }
    notes->items[notes->count++] = text;
}

void isb_notes_json(isb_json *json, const isb_notes *notes) {
    isb_json_array(json, "notes");
    for (size_t i = 0; i < notes->count; i++)
        isb_json_string(json, NULL, notes->items[i]);
    isb_json_end_array(json);
}

void isb_notes_print(FILE *out, const isb_notes *notes) {
    if (notes->count > 0)
        fputs("\nworth a look\n", out);
    for (size_t i = 0; i < notes->count; i++)
        fprintf(out, "  %s\n", notes->items[i]);
}

void isb_notes_free(isb_notes *notes) {
    for (size_t i = 0; i < notes->count; i++)
        free(notes->items[i]);
    free(notes->items);
    *notes = (isb_notes){0};
}
