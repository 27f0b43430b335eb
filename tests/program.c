#include "program.h"
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

place place_open(void) {
    place p;
    strcpy(p.path, "/tmp/isobit-program-XXXXXX");
    CHECK(mkdtemp(p.path) != NULL);
    return p;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

void place_close(const place *p) {
    CHECK(nftw(p->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

static void full_path(char out[512], const place *p, const char *path) {
    snprintf(out, 512, "%s/%s", p->path, path);
}

void place_write(const place *p, const char *path, const char *text) {
    char full[512];
    full_path(full, p, path);
    FILE *file = fopen(full, "w");
    CHECK(file != NULL);
    CHECK(fputs(text, file) >= 0 && fclose(file) == 0);
}

bool place_has(const place *p, const char *path) {
    char full[512];
    full_path(full, p, path);
    return access(full, F_OK) == 0;
}

bool place_same(const place *p, const char *a, const char *b) {
    char path_a[512], path_b[512];
    full_path(path_a, p, a);
    full_path(path_b, p, b);
    FILE *file_a = fopen(path_a, "r"), *file_b = fopen(path_b, "r");
    CHECK(file_a != NULL && file_b != NULL);
    int c, d;
    do {
        c = getc(file_a);
        d = getc(file_b);
    } while (c == d && c != EOF);
    fclose(file_a);
    fclose(file_b);
    return c == d;
}

/* Text read from a pipe or terminal until its other end is closed. */
typedef struct reader {
    int descriptor;
    char *text;
    size_t length;
} reader;

static void reader_read(reader *r) {
    char *grown = realloc(r->text, r->length + 65536 + 1);
    CHECK(grown != NULL);
    r->text = grown;
    ssize_t got = r->descriptor < 0 ? 0 : read(r->descriptor, r->text + r->length, 65536);
    if (got < 0 && errno == EINTR)
        return;
    if (got > 0)
        r->length += (size_t)got;
    r->text[r->length] = '\0';
    if (got <= 0 && r->descriptor >= 0) { /* a terminal ends with EIO */
        close(r->descriptor);
        r->descriptor = -1;
    }
}

static void read_all(reader *a, reader *b) {
    while (a->descriptor >= 0 || b->descriptor >= 0) {
        struct pollfd polled[] = {{a->descriptor, POLLIN, 0}, {b->descriptor, POLLIN, 0}};
        CHECK(poll(polled, 2, 60000) > 0 || errno == EINTR);
        if (polled[0].revents != 0)
            reader_read(a);
        if (polled[1].revents != 0)
            reader_read(b);
    }
}

/* Both ends close in the program: it gets them as its streams only. */
static void make_pipe(int ends[2]) { CHECK(pipe2(ends, O_CLOEXEC) == 0); }

static void make_terminal(int ends[2]) {
    struct winsize size = {.ws_row = 24, .ws_col = 100};
    struct termios raw;
    CHECK(openpty(&ends[0], &ends[1], NULL, NULL, &size) == 0);
    CHECK(tcgetattr(ends[1], &raw) == 0);
    cfmakeraw(&raw);
    CHECK(tcsetattr(ends[1], TCSANOW, &raw) == 0);
    CHECK(fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0);
}

static pid_t start(const place *p, const request *r, int out, int err) {
    char program[] = ISB_PROGRAM;
    char *arguments[32] = {program};
    char *environment[16] = {NULL};
    for (size_t i = 0; r->arguments[i] != NULL; i++) {
        CHECK(i < 30);
        memcpy(&arguments[i + 1], &r->arguments[i], sizeof(char *));
    }
    for (size_t i = 0; r->environment != NULL && r->environment[i] != NULL; i++) {
        CHECK(i < 15);
        memcpy(&environment[i], &r->environment[i], sizeof(char *));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, p->path);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (r->out != NULL)
        posix_spawn_file_actions_addopen(&actions, 1, r->out, O_WRONLY, 0);
    else
        posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
    pid_t child;
    CHECK(posix_spawn(&child, program, &actions, NULL, arguments, environment) == 0);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

output program_run(const place *p, const request *r) {
    int out[2], err[2], status;
    make_pipe(out);
    if (r->terminal)
        make_terminal(err);
    else
        make_pipe(err);
    reader reads[2] = {{.descriptor = out[0]}, {.descriptor = err[0]}};
    if (r->broken_pipe) {
        close(out[0]);
        reads[0].descriptor = -1;
    }
    pid_t child = start(p, r, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    read_all(&reads[0], &reads[1]);
    CHECK(waitpid(child, &status, 0) == child);
    for (size_t i = 0; i < 2; i++)
        reader_read(&reads[i]);
    return (output){.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                    .out = reads[0].text,
                    .err = reads[1].text};
}

void output_free(output *o) {
    free(o->out);
    free(o->err);
}
