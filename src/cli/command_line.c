#include "cli/command_line.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool plain(const char *word) {
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-./=,:+@%";
    return *word != '\0' && word[strspn(word, safe)] == '\0';
}

static void print_word(FILE *out, const char *word) {
    if (plain(word)) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    }
    fputc('\'', out);
}

char *isb_command_line(int argc, const char *const *argv) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return NULL;
    print_word(out, argc > 0 ? argv[0] : "isobit");
    bool options = true;
    for (int i = 1; i < argc; i++) {
        if (options && (strcmp(argv[i], "--force") == 0 || strcmp(argv[i], "--resume") == 0))
            continue;
        options = options && strcmp(argv[i], "--") != 0;
        fputc(' ', out);
        print_word(out, argv[i]);
    }
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    if (!failed)
        return text;
    free(text);
    return NULL;
}
