#include "io/file.h"
#include "temporary.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

static size_t entries(const char *path) {
    DIR *directory = opendir(path);
    CHECK(directory != NULL);
    size_t count = 0;
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count - 2;
}

static void check_content(const char *path, const char *expected) {
    size_t length = 0;
    char *text = temporary_get(path, &length);
    CHECKF(text != NULL, "%s is missing", path);
    CHECKF(length == strlen(expected) && memcmp(text, expected, length) == 0, "%s holds '%s'", path,
           text);
    free(text);
}

/* The read fails with status 3 and the message, in which %s stands for the path. */
static void check_refused(const char *path, size_t limit, const char *format_end) {
    isb_error error = ISB_ERROR_INIT;
    char *data = NULL, expected[600];
    size_t length;
    CHECK(isb_file_read(path, limit, &data, &length, ISB_DATA, &error) == ISB_DATA);
    CHECK(data == NULL && error.status == ISB_DATA);
    snprintf(expected, sizeof expected, "%s%s", path, format_end);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
}

CASE(file, written_pieces_read_back_and_replace_the_old_file) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x");
    isb_bytes pieces[] = {{"ab", 2}, {"", 0}, {"cde", 3}};
    CHECK(isb_file_write(path, pieces, 3, NULL) == ISB_OK);
    check_content(path, "abcde");
    CHECK(isb_file_write(path, pieces, 1, NULL) == ISB_OK);
    CHECK(entries(directory.path) == 1);
    char *data;
    size_t length;
    CHECK(isb_file_read(path, 2, &data, &length, ISB_DATA, NULL) == ISB_OK);
    CHECK(length == 2 && strcmp(data, "ab") == 0);
    free(data);
    temporary_remove(&directory);
}

CASE(file, an_empty_file_is_written_and_read) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x");
    CHECK(isb_file_write(path, NULL, 0, NULL) == ISB_OK);
    char *data;
    size_t length = 1;
    CHECK(isb_file_read(path, 0, &data, &length, ISB_DATA, NULL) == ISB_OK);
    CHECK(length == 0 && data[0] == '\0');
    free(data);
    temporary_remove(&directory);
}

CASE(file, rotation_keeps_the_file_before) {
    temporary directory = temporary_make();
    const char *last = temporary_path(&directory, "last");
    const char *previous = temporary_path(&directory, "previous");
    const char *texts[] = {"one", "two", "three"};
    for (size_t i = 0; i < 3; i++) {
        isb_bytes piece = {texts[i], strlen(texts[i])};
        CHECK(isb_file_rotate(last, previous, &piece, 1, NULL) == ISB_OK);
        check_content(last, texts[i]);
        if (i > 0)
            check_content(previous, texts[i - 1]);
        CHECK(entries(directory.path) == (i == 0 ? 1 : 2));
    }
    temporary_remove(&directory);
}

CASE(file, what_is_no_readable_file_is_refused) {
    temporary directory = temporary_make();
    check_refused(temporary_path(&directory, "none"), 9, ": does not exist");
    check_refused(directory.path, 9, ": is a directory, not a file");
    check_refused("/dev/zero", 9, ": is a device, not a file");
    const char *pipe = temporary_path(&directory, "pipe");
    CHECK(mkfifo(pipe, 0600) == 0);
    check_refused(pipe, 9, ": is a pipe, not a file");
    const char *path = temporary_path(&directory, "ten");
    temporary_put(path, "0123456789", 10);
    check_refused(path, 9, ": has 10 bytes; at most 9 are read");
    temporary_remove(&directory);
}

static void check_write_fails(const char *path, const char *format_end) {
    isb_error error = ISB_ERROR_INIT;
    char expected[700];
    isb_bytes piece = {"0123456789", 10};
    CHECK(isb_file_write(path, &piece, 1, &error) == ISB_FAILURE);
    snprintf(expected, sizeof expected, "%s: cannot be written: %s", path, format_end);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
}

CASE(file, writing_where_nothing_can_be_fails) {
    temporary directory = temporary_make();
    check_write_fails(temporary_path(&directory, "none/x"), strerror(ENOENT));
    const char *taken = temporary_path(&directory, "taken");
    CHECK(mkdir(taken, 0700) == 0);
    check_write_fails(taken, strerror(EISDIR));
    CHECK(entries(directory.path) == 1);
    check_write_fails(temporary_path(&directory, ""), strerror(ENOENT));
    temporary_remove(&directory);
}

CASE(file, without_room_the_old_files_stay) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x");
    const char *keep = temporary_path(&directory, "keep");
    temporary_put(path, "old", 3);
    temporary_put(keep, "older", 5);
    struct rlimit before, small = {5, 5};
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    isb_error error = ISB_ERROR_INIT;
    isb_bytes piece = {"0123456789", 10};
    isb_status status = isb_file_rotate(path, keep, &piece, 1, &error);
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    char expected[700];
    snprintf(expected, sizeof expected,
             "%s: cannot be written: File too large; free space there, or choose another "
             "directory with --run DIR",
             path);
    CHECK(status == ISB_FAILURE);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
    check_content(path, "old");
    check_content(keep, "older");
    CHECK(entries(directory.path) == 2);
    temporary_remove(&directory);
}

CASE(file, rotation_that_fails_at_the_end_puts_the_old_file_back) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x");
    const char *keep = temporary_path(&directory, "keep");
    CHECK(mkdir(keep, 0700) == 0);
    temporary_put(path, "old", 3);
    isb_bytes piece = {"new", 3};
    CHECK(isb_file_rotate(path, keep, &piece, 1, NULL) == ISB_FAILURE);
    check_content(path, "old");
    CHECK(entries(directory.path) == 2);
    temporary_remove(&directory);
}

static void append(const char *path, const char *text, size_t length_then) {
    size_t length = 0;
    CHECK(isb_file_append(path, (isb_bytes){text, strlen(text)}, &length, NULL) == ISB_OK);
    CHECKF(length == length_then, "%zu", length);
}

CASE(file, lines_are_appended_and_cut_back) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x");
    CHECK(isb_file_cut(path, 5, NULL) == ISB_OK); /* there is nothing to cut */
    CHECK(!temporary_has(path));
    append(path, "one\n", 4);
    append(path, "two\nthree\n", 14);
    CHECK(isb_file_cut(path, 14, NULL) == ISB_OK);
    check_content(path, "one\ntwo\nthree\n");
    CHECK(isb_file_cut(path, 10, NULL) == ISB_OK); /* within a line */
    check_content(path, "one\ntwo\n");
    append(path, "four", 12);
    CHECK(isb_file_cut(path, 1000, NULL) == ISB_OK); /* half a line */
    check_content(path, "one\ntwo\n");
    CHECK(isb_file_cut(path, 0, NULL) == ISB_OK);
    check_content(path, "");
    temporary_remove(&directory);
}

CASE(file, what_is_no_file_gets_no_lines) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x"), *link = temporary_path(&directory, "link");
    temporary_put(path, "x", 1);
    CHECK(symlink(path, link) == 0);
    const char *const paths[] = {directory.path, link, temporary_path(&directory, "no/such")};
    for (size_t i = 0; i < 3; i++) {
        size_t length;
        isb_error error = ISB_ERROR_INIT;
        CHECK(isb_file_append(paths[i], (isb_bytes){"y\n", 2}, &length, &error) == ISB_FAILURE);
        CHECK(strncmp(isb_error_text(&error), paths[i], strlen(paths[i])) == 0);
        isb_error_clear(&error);
    }
    check_content(path, "x");
    temporary_remove(&directory);
}

CASE(file, names_of_temporary_files_are_known) {
    CHECK(isb_file_is_temporary(".isobit-0123456789abcdef.tmp"));
    CHECK(!isb_file_is_temporary(".isobit-0123456789abcde.tmp"));
    CHECK(!isb_file_is_temporary(".isobit-0123456789abcdeF.tmp"));
    CHECK(!isb_file_is_temporary(".isobit-0123456789abcdef.tmpx"));
    CHECK(!isb_file_is_temporary("isobit-0123456789abcdef.tmp"));
    CHECK(!isb_file_is_temporary(""));
}

CASE(file, paths_are_joined_with_one_slash) {
    const char *cases[][3] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}};
    for (size_t i = 0; i < 3; i++) {
        char *path = isb_path_join(cases[i][0], cases[i][1]);
        CHECK(strcmp(path, cases[i][2]) == 0);
        free(path);
    }
}
