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

/* driver [SUITE[/NAME]]: runs all cases, or those that match. */
int main(int count, char **arguments) {
    int results[3] = {0, 0, 0};
    for (const check_case *entry = cases; entry != NULL; entry = entry->next) {
        char full[256];
        snprintf(full, sizeof full, "%s/%s", entry->suite, entry->name);
        if (count > 1 && strncmp(full, arguments[1], strlen(arguments[1])) != 0)
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
