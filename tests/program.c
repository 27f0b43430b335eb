#include "program.h"
#include "check.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static place open_below(const char *directory) {
    place p;
    snprintf(p.path, sizeof p.path, "%s/isobit-program-XXXXXX", directory);
    CHECK(mkdtemp(p.path) != NULL);
    return p;
}

place place_open(void) { return open_below("/tmp"); }

place place_open_in_memory(void) {
    return open_below(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
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

char *place_read(const place *p, const char *path) {
    char full[512], *text = NULL;
    size_t size = 0;
    full_path(full, p, path);
    FILE *file = fopen(full, "r");
    if (file == NULL)
        return NULL;
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    fclose(file);
    return text;
}

void place_remove(const place *p, const char *path) {
    char full[512];
    full_path(full, p, path);
    CHECK(nftw(full, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT);
}

static void copy_file(const char *from, const char *to) {
    char data[65536];
    ssize_t got;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    CHECKF(in >= 0 && out >= 0, "%s to %s", from, to);
    while ((got = read(in, data, sizeof data)) > 0)
        CHECK(write(out, data, (size_t)got) == got);
    CHECK(got == 0);
    close(in);
    close(out);
}

void place_copy(const place *p, const char *from, const char *to) {
    char directory[512], source[1024], target[1024];
    place_remove(p, to);
    full_path(directory, p, to);
    CHECK(mkdir(directory, 0777) == 0);
    full_path(directory, p, from);
    DIR *entries = opendir(directory);
    CHECK(entries != NULL);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(source, sizeof source, "%s/%s/%s", p->path, from, entry->d_name);
        snprintf(target, sizeof target, "%s/%s/%s", p->path, to, entry->d_name);
        copy_file(source, target);
    }
    closedir(entries);
}

bool place_has_prefix(const place *p, const char *directory, const char *prefix) {
    char full[512];
    full_path(full, p, directory);
    DIR *entries = opendir(full);
    CHECKF(entries != NULL, "%s", full);
    bool found = false;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        found = found || strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(entries);
    return found;
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

/* False where nothing comes for a minute, or for an hour from what stands in for the program. */
static bool read_all(reader *a, reader *b) {
    const int wait = getenv("ISOBIT_TEST_PROGRAM") == NULL ? 60000 : 3600000;
    while (a->descriptor >= 0 || b->descriptor >= 0) {
        struct pollfd polled[] = {{a->descriptor, POLLIN, 0}, {b->descriptor, POLLIN, 0}};
        const int ready = poll(polled, 2, wait);
        if (ready == 0)
            return false;
        CHECK(ready > 0 || errno == EINTR);
        if (ready > 0 && polled[0].revents != 0)
            reader_read(a);
        if (ready > 0 && polled[1].revents != 0)
            reader_read(b);
    }
    return true;
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

/* Whatever runs the tests may ignore some: nohup does. */
static void set_signals(posix_spawnattr_t *attributes) {
    sigset_t all;
    sigfillset(&all);
    CHECK(posix_spawnattr_setsigdefault(attributes, &all) == 0);
    CHECK(posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF) == 0);
}

/* A session of its own, whose terminal the standard error becomes by being opened. */
static void add_session(const request *r, posix_spawnattr_t *attributes,
                        posix_spawn_file_actions_t *actions, int err) {
    if (!r->session)
        return;
    CHECK(posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID) == 0);
    CHECK(posix_spawn_file_actions_addopen(actions, 2, ttyname(err), O_RDWR, 0) == 0);
}

/* Something that stands in for the program, as the program under valgrind. */
static const char *program_path(const request *r) {
    const char *instead = getenv("ISOBIT_TEST_PROGRAM");
    if (r->program != NULL)
        return r->program;
    return instead != NULL ? instead : ISB_PROGRAM;
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
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    set_signals(&attributes);
    add_session(r, &attributes, &actions, err);
    pid_t child;
    CHECK(posix_spawn(&child, program_path(r), &actions, &attributes, arguments, environment) == 0);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

process program_start(const place *p, const request *r) {
    int out[2], err[2];
    make_pipe(out);
    if (r->terminal)
        make_terminal(err);
    else
        make_pipe(err);
    process started = {.out = out[0], .err = err[0]};
    if (r->broken_pipe) {
        close(out[0]);
        started.out = -1;
    }
    if (r->broken_error) {
        close(err[0]);
        started.err = -1;
    }
    started.child = start(p, r, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    return started;
}

output program_wait(process *started) {
    int status;
    reader reads[2] = {{.descriptor = started->out}, {.descriptor = started->err}};
    if (!read_all(&reads[0], &reads[1])) {
        kill(started->child, SIGKILL);
        CHECK_FAIL("the program hangs; it printed '%s'", reads[1].text);
    }
    CHECK(waitpid(started->child, &status, 0) == started->child);
    for (size_t i = 0; i < 2; i++)
        reader_read(&reads[i]);
    return (output){.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                    .out = reads[0].text,
                    .err = reads[1].text};
}

output program_run(const place *p, const request *r) {
    process started = program_start(p, r);
    return program_wait(&started);
}

void output_free(output *o) {
    free(o->out);
    free(o->err);
}
