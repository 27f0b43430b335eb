/* Runs the registered cases in this process, one after the other; no fork, no library. */
#include "check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PASSED, FAILED, SKIPPED };

static check_case *cases;
static jmp_buf leave;

void check_register(check_case *entry) {
    entry->next = cases;
    cases = entry;
}

void check_fail(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    longjmp(leave, 1 + FAILED);
}

void check_skip(void) { longjmp(leave, 1 + SKIPPED); }

static int run(const check_case *entry) {
    int left = setjmp(leave);
    if (left != 0)
        return left - 1;
    entry->run();
    return PASSED;
}

static bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether the arguments pick the case `full`. */
static bool picked(const char *full, char *const *arguments) {
    bool named = false, any = false;
    for (; *arguments != NULL; arguments++) {
        const char *prefix = *arguments;
        if (*prefix == '-' && starts_with(full, prefix + 1))
            return false;
        any = any || *prefix != '-';
        named = named || starts_with(full, prefix);
    }
    return named || !any;
}

/* driver [[-]SUITE[/NAME] ...]: runs all cases, or those that start with one of the arguments, but
 * none that starts with one behind a minus. */
int main(int count, char **arguments) {
    (void)count;
    int results[3] = {0, 0, 0};
    for (const check_case *entry = cases; entry != NULL; entry = entry->next) {
        char full[256];
        snprintf(full, sizeof full, "%s/%s", entry->suite, entry->name);
        if (!picked(full, arguments + 1))
            continue;
        int result = run(entry);
        results[result]++;
        if (result == FAILED)
            fprintf(stderr, "FAILED %s\n", full);
    }
    printf("%d passed, %d failed, %d skipped\n", results[PASSED], results[FAILED],
           results[SKIPPED]);
    return results[FAILED] > 0 || results[PASSED] == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
