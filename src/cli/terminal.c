#include "cli/terminal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

bool isb_terminal_live(void) {
    const char *term = variable("TERM");
    return isatty(STDERR_FILENO) && (term == NULL || strcmp(term, "dumb") != 0);
}

size_t isb_terminal_columns(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

bool isb_terminal_color(isb_color color) {
    if (color != ISB_COLOR_AUTO)
        return color == ISB_COLOR_ALWAYS;
    return variable("NO_COLOR") == NULL && isb_terminal_live();
}

/* Only asked, never set: numbers must not depend on a locale. */
bool isb_terminal_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *locale = variable(names[i]);
        if (locale != NULL)
            return strcasestr(locale, "utf-8") != NULL || strcasestr(locale, "utf8") != NULL;
    }
    return true; /* containers leave it unset, and their terminals are UTF-8 */
}

isb_status isb_print(const char *text, size_t length, isb_error *error) {
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, text, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EPIPE)
            return ISB_FAILURE;
        if (written < 0)
            return isb_fail(error, ISB_FAILURE, "cannot write to standard output: %s",
                            strerror(errno));
        text += written;
        length -= (size_t)written;
    }
    return ISB_OK;
}

/* A run that was told to stop did nothing wrong. */
static const char *label_of(isb_status status, isb_color color) {
    if (status == ISB_STOPPED || status == ISB_INTERRUPTED)
        return "";
    return isb_terminal_color(color) ? "\x1b[1;31merror:\x1b[0m " : "error: ";
}

void isb_print_errors(const isb_error *error, isb_color color) {
    const char *label = label_of(error->status, color);
    const char *text = isb_error_text(error);
    if (*text == '\0')
        return;
    fputs(label, stderr);
    for (; *text != '\0'; text++) {
        bool control = ((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f;
        fputc(control ? '?' : *text, stderr); /* messages quote files, which may hold anything */
        if (*text == '\n')
            fputs(label, stderr);
    }
    fputc('\n', stderr);
}
