#include "io/problems.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool comes_before(isb_place a, isb_place b) {
    if (a.source != b.source)
        return a.source < b.source;
    if (a.line != b.line)
        return a.line < b.line;
    return a.column < b.column;
}

static void insert(isb_problems *problems, isb_place place, char *text) {
    size_t at = problems->kept;
    while (at > 0 && comes_before(place, problems->items[at - 1].place))
        at--;
    if (at == ISB_MOST_PROBLEMS) {
        free(text);
        return;
    }
    if (problems->kept == ISB_MOST_PROBLEMS)
        free(problems->items[--problems->kept].text);
    memmove(problems->items + at + 1, problems->items + at,
            (problems->kept - at) * sizeof problems->items[0]);
    problems->items[at] = (isb_problem){place, text};
    problems->kept++;
}

void isb_problems_add(isb_problems *problems, isb_place place, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    problems->count++;
    if (length < 0)
        problems->no_memory = true;
    else
        insert(problems, place, text);
}

void isb_problems_drop(isb_problems *problems, uint32_t source) {
    size_t kept = 0;
    for (size_t i = 0; i < problems->kept; i++) {
        if (problems->items[i].place.source == source)
            free(problems->items[i].text);
        else
            problems->items[kept++] = problems->items[i];
    }
    problems->kept = kept;
    problems->count = kept;
}

static bool has(const isb_problems *problems, const isb_problem *wanted) {
    for (size_t i = 0; i < problems->kept; i++) {
        const isb_problem *item = &problems->items[i];
        if (!comes_before(item->place, wanted->place) &&
            !comes_before(wanted->place, item->place) && strcmp(item->text, wanted->text) == 0)
            return true;
    }
    return false;
}

void isb_problems_merge(isb_problems *problems, isb_problems *from) {
    problems->count += from->count - from->kept;
    problems->no_memory |= from->no_memory;
    for (size_t i = 0; i < from->kept; i++) {
        isb_problem *item = &from->items[i];
        if (has(problems, item)) {
            free(item->text);
        } else {
            problems->count++;
            insert(problems, item->place, item->text);
        }
    }
    *from = (isb_problems){0};
}

void isb_problems_clear(isb_problems *problems) {
    for (size_t i = 0; i < problems->kept; i++)
        free(problems->items[i].text);
    *problems = (isb_problems){0};
}

static void report_one(const isb_problem *problem, isb_error *error) {
    isb_place place = problem->place;
    if (place.line == 0)
        isb_fail(error, ISB_USAGE, "%s: %s", place.origin, problem->text);
    else
        isb_fail(error, ISB_USAGE, "%s:%u:%u: %s", place.origin, place.line, place.column,
                 problem->text);
}

isb_status isb_problems_report(isb_problems *problems, const char *file, isb_error *error) {
    isb_status status = problems->count > 0 ? ISB_USAGE : ISB_OK;
    if (problems->no_memory)
        status = isb_fail_memory(error, "the experiment file");
    for (size_t i = 0; i < problems->kept; i++) {
        if (!problems->no_memory)
            report_one(&problems->items[i], error);
    }
    if (!problems->no_memory && problems->count > problems->kept)
        isb_fail(error, ISB_USAGE, "%s: and %zu more errors", file,
                 problems->count - problems->kept);
    isb_problems_clear(problems);
    return status;
}

char *isb_place_text(isb_place place) {
    char *text = NULL;
    int length = place.line == 0
                     ? asprintf(&text, "%s", place.origin)
                     : asprintf(&text, "%s:%u:%u", place.origin, place.line, place.column);
    return length < 0 ? NULL : text;
}
