#include "data/csv_problems.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

isb_csv_place isb_csv_place_behind(isb_csv_place place, const char *from, const char *at) {
    for (; from < at; from++) {
        if (*from == '\n') {
            place.line++;
            place.column = 1;
        } else {
            place.column += ((unsigned char)*from & 0xc0) != 0x80;
        }
    }
    return place;
}

void isb_csv_problems_open(isb_csv_problems *problems) {
    *problems = (isb_csv_problems){.kept = 0};
    pthread_mutex_init(&problems->lock, NULL);
}

void isb_csv_problems_clear(isb_csv_problems *problems) {
    for (size_t i = 0; i < problems->kept; i++)
        free(problems->items[i].text);
    problems->kept = problems->count = 0;
    problems->broken = problems->no_memory = false;
}

void isb_csv_problems_close(isb_csv_problems *problems) {
    isb_csv_problems_clear(problems);
    pthread_mutex_destroy(&problems->lock);
}

static bool comes_before(isb_csv_place a, isb_csv_place b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/* Takes the text over. */
static void insert(isb_csv_problems *problems, isb_csv_place place, char *text) {
    size_t at = problems->kept;
    while (at > 0 && comes_before(place, problems->items[at - 1].place))
        at--;
    if (at == ISB_CSV_MOST_PROBLEMS) {
        free(text);
        return;
    }
    if (problems->kept == ISB_CSV_MOST_PROBLEMS)
        free(problems->items[--problems->kept].text);
    memmove(problems->items + at + 1, problems->items + at,
            (problems->kept - at) * sizeof problems->items[0]);
    problems->items[at] = (isb_csv_problem){place, text};
    problems->kept++;
}

static void add(isb_csv_problems *problems, isb_csv_place place, char *text) {
    problems->count++;
    if (text == NULL)
        problems->no_memory = true;
    else
        insert(problems, place, text);
}

void isb_csv_problems_add(isb_csv_problems *problems, isb_csv_place place, const char *format,
                          ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&problems->lock);
    add(problems, place, length < 0 ? NULL : text);
    pthread_mutex_unlock(&problems->lock);
}

void isb_csv_problems_break(isb_csv_problems *problems, isb_csv_place place, const char *text) {
    pthread_mutex_lock(&problems->lock);
    add(problems, place, strdup(text));
    if (!problems->broken || comes_before(place, problems->break_at))
        problems->break_at = place;
    problems->broken = true;
    pthread_mutex_unlock(&problems->lock);
}

isb_status isb_csv_problems_report(const isb_csv_problems *problems, const char *file,
                                   isb_error *error) {
    if (problems->no_memory)
        return isb_fail_memory(error, file);
    if (problems->count == 0)
        return ISB_OK;
    size_t told = 0;
    for (; told < problems->kept; told++) {
        const isb_csv_problem *item = &problems->items[told];
        if (problems->broken && comes_before(problems->break_at, item->place))
            break;
        isb_fail(error, ISB_DATA, "%s:%zu:%zu: %s", file, item->place.line, item->place.column,
                 item->text);
    }
    if (!problems->broken && told < problems->count)
        isb_fail(error, ISB_DATA, "%s: and %zu more errors", file, problems->count - told);
    return ISB_DATA;
}
