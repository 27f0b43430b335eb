/* Makers of hostile files: each puts something at a path where a file is expected. */
#ifndef ISB_TESTS_HOSTILE_MAKERS_H
#define ISB_TESTS_HOSTILE_MAKERS_H

#include "temporary.h"

typedef void hostile_maker(const char *path, const char *text);

static inline void put_text(const char *path, const char *text) {
    temporary_put(path, text, strlen(text));
}

/* `@` stands for a NUL. */
static inline void put_with_nul(const char *path, const char *text) {
    size_t length = strlen(text);
    char *copy = strdup(text);
    CHECK(copy != NULL);
    for (char *at = copy; (at = strchr(at, '@')) != NULL;)
        *at++ = '\0';
    temporary_put(path, copy, length);
    free(copy);
}

static inline void put_directory(const char *path, const char *text) {
    (void)text;
    CHECK(mkdir(path, 0700) == 0);
}

static inline void put_pipe(const char *path, const char *text) {
    (void)text;
    CHECK(mkfifo(path, 0600) == 0);
}

static inline void put_link(const char *path, const char *text) {
    CHECK(symlink(text[0] != '\0' ? text : path, path) == 0);
}

/* `text` at the beginning, the rest of 10 GB a hole. */
static inline void put_sparse(const char *path, const char *text) {
    put_text(path, text);
    CHECK(truncate(path, (off_t)10 << 30) == 0);
}

/* "BYTE COUNT": so many of this byte. */
static inline void put_run(const char *path, const char *text) {
    size_t count = strtoul(text + 2, NULL, 10);
    char *bytes = malloc(count);
    CHECK(bytes != NULL);
    memset(bytes, text[0], count);
    temporary_put(path, bytes, count);
    free(bytes);
}

/* "HOW OFTEN WHAT": the beginning `x: `, and `what` so often. */
static inline void put_repeated(const char *path, const char *text) {
    char *what;
    const size_t count = strtoul(text, &what, 10), size = strlen(++what);
    char *bytes = malloc(count * size + 3);
    CHECK(bytes != NULL);
    memcpy(bytes, "x: ", 3);
    for (size_t i = 0; i < count; i++)
        memcpy(bytes + 3 + i * size, what, size);
    temporary_put(path, bytes, 3 + count * size);
    free(bytes);
}

#endif
