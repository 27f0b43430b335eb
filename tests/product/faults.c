/* Every call that a run makes fails in turn, or ends it. What must hold each time: a documented
 * status, an error that names its place, and a run that goes on from there to the same bytes.
 *
 * ISOBIT_TEST_FAULTS=all tries every call; otherwise some of them, evenly spread. */
#include "check.h"
#include "sanitized.h"
#include "scene.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 3, FOR_EVER = 1000000, STOPPED = 75 };

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A kind of disturbance. */
typedef struct fault_kind {
    const char *place, *calls; /* tests/hostile/faults.h explains these */
    const char *action;
    int value;
    size_t times;         /* calls in a row that meet it */
    const char *statuses; /* that the program may end with; "137" where it is killed */
} fault_kind;

/* What the program printed, and what the preloaded library wrote about itself. */
typedef struct outcome {
    output printed;
    char about[512];
    char call[192]; /* that met the first fault: "met fsync run", or nothing of the kind */
    bool met;
} outcome;

static output train_with(const scene *s, const char *mode, const char *rules) {
    char faults[256];
    snprintf(faults, sizeof faults, "FAULTS=%s", rules);
    place_remove(&s->place, "report");
    return scene_train(
        s, "run", ARGS(mode, "--threads", "1"),
        ARGS("LD_PRELOAD=" ISB_FAULTS, faults, "FAULTS_RUN=run", "FAULTS_REPORT=report"));
}

static outcome disturb(const scene *s, const char *mode, const char *rules) {
    outcome o = {.printed = train_with(s, mode, rules)};
    char *report = place_read(&s->place, "report");
    CHECKF(report != NULL, "%s: the library was not loaded: %s", rules, o.printed.err);
    o.met = strncmp(report, "met ", 4) == 0;
    snprintf(o.call, sizeof o.call, "%.*s", (int)strcspn(report, "\n"), report);
    snprintf(o.about, sizeof o.about, "%s, %s: %s", mode, rules, o.call);
    free(report);
    return o;
}

static bool allows(const char *statuses, int status) {
    char word[16];
    snprintf(word, sizeof word, " %d ", status);
    return strstr(statuses, word) != NULL;
}

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

/* An error says where: a file that was concerned, or for want of what memory. */
static bool names_a_place(const char *line) {
    static const char *const places[] = {"run",    "data",   "e.yaml", "standard output",
                                         "memory", "SHA-256"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strstr(line, places[i]) != NULL)
            return true;
    return false;
}

/* Notes and errors, a line each; an error exactly where the run failed. */
static void check_errors(const outcome *o) {
    size_t errors = 0;
    const char *next;
    for (const char *line = o->printed.err; *line != '\0'; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        if (!starts_with(line, "error: "))
            continue;
        errors++;
        CHECKF(errors > 1 || names_a_place(line), "%s: %s", o->about, o->printed.err);
    }
    const bool failed = o->printed.status != 0 && o->printed.status != STOPPED;
    CHECKF((errors > 0) == failed, "%s: status %d with: %s", o->about, o->printed.status,
           o->printed.err);
    CHECKF(strstr(o->printed.err, "0x") == NULL, "%s: %s", o->about, o->printed.err);
}

/* What did not reach the disk is not saved, whatever comes after it. */
static void check_sync(const outcome *o) {
    const bool file = strstr(o->call, "met fsync .isobit-") != NULL ||
                      strstr(o->call, "met fsync run/events.jsonl") != NULL;
    CHECKF(!file || o->printed.status != 0, "%s: status 0", o->about);
}

/* A single failure in writing a file leaves the means to remove it. */
static void check_litter(const scene *s, const fault_kind *kind, const outcome *o) {
    const bool file = strstr(o->call, " .isobit-") != NULL && strstr(o->call, "unlink") == NULL;
    if (file && kind->times == 1 && strcmp(kind->action, "error") == 0)
        CHECKF(!place_has_prefix(&s->place, "run", ".isobit-"), "%s: a temporary file stays",
               o->about);
}

static void check_end(const scene *s, const fault_kind *kind, const outcome *o) {
    CHECKF(allows(kind->statuses, o->printed.status), "%s: status %d: %s", o->about,
           o->printed.status, o->printed.err);
    if (o->printed.status >= 128)
        return;
    check_errors(o);
    check_litter(s, kind, o);
    if (strstr(kind->action, "error") != NULL)
        check_sync(o);
    if (o->printed.status == 0)
        CHECKF(strstr(o->printed.out, s->digest) != NULL, "%s: another digest: %s", o->about,
               o->printed.out);
}

/* Without disturbance it goes on, from where it stood and not from the beginning, to the same end.
 */
static void check_recovery(const scene *s, const outcome *o, bool saved) {
    output again = scene_train(s, "run", ARGS("--resume", "--threads", "1"), NULL);
    scene_check_whole(s, "run", &again, o->about);
    CHECKF(!saved || strstr(again.err, "starting from the beginning") == NULL,
           "%s: what was saved is lost: %s", o->about, again.err);
    output_free(&again);
}

/* What a run starts from. */
typedef struct fault_start {
    const char *directory; /* copied to be that of the run; NULL: none */
    const char *mode;
    bool saved; /* it holds a state to go on from, whatever happens */
} fault_start;

static const fault_start FROM_NOTHING = {NULL, "--resume", false};
static const fault_start FROM_MIDDLE = {"middle", "--resume", true};
static const fault_start ANEW = {"whole", "--force", false};

static void put_start(const scene *s, const fault_start *start) {
    if (start->directory == NULL)
        place_remove(&s->place, "run");
    else
        place_copy(&s->place, start->directory, "run");
}

static void rule_of(char rule[128], const fault_kind *kind, size_t number) {
    snprintf(rule, 128, "%s:%s:%zu-%zu:%s=%d", kind->place, kind->calls, number,
             number + kind->times - 1, kind->action, kind->value);
}

/* Whether so many calls were made that one of them met the fault. */
static bool try_one(const scene *s, const fault_start *start, const fault_kind *kind,
                    size_t number) {
    char rule[128];
    rule_of(rule, kind, number);
    put_start(s, start);
    outcome o = disturb(s, start->mode, rule);
    if (o.met) {
        check_end(s, kind, &o);
        check_recovery(s, &o, start->saved);
    } else {
        scene_check_whole(s, "run", &o.printed, o.about);
    }
    output_free(&o.printed);
    return o.met;
}

static bool all_faults(void) {
    const char *text = getenv("ISOBIT_TEST_FAULTS");
    return text != NULL && strcmp(text, "all") == 0;
}

/* Every `step`-th call meets the fault, one a run; with ISOBIT_TEST_FAULTS=all every one. At least
 * `least` calls must be there, or the sweep proves nothing. */
static size_t sweep(const scene *s, const fault_start *start, const fault_kind *kind, size_t step,
                    size_t first, size_t least) {
    size_t number = first, tried = 0;
    step = all_faults() ? 1 : step;
    for (number = all_faults() ? 1 : first; try_one(s, start, kind, number); number += step)
        tried++;
    CHECKF(number > least, "only %zu calls %s:%s", number, kind->place, kind->calls);
    fprintf(stderr, "%s %s of %s, %s=%d, %zu times: %zu of at least %zu calls\n", start->mode,
            start->directory == NULL ? "nothing" : start->directory, kind->place, kind->action,
            kind->value, kind->times, tried, number - 1);
    return tried;
}

/* middle/: a run that was killed while it put a state in its place. */
static scene open_scene(void) {
    scene s = scene_open(EPOCHS);
    place_remove(&s.place, "run");
    outcome o = disturb(&s, "--resume", "run:rename:12-12:signal=9");
    CHECKF(o.printed.status == 128 + SIGKILL, "%s: status %d: %s", o.about, o.printed.status,
           o.printed.err);
    output_free(&o.printed);
    place_copy(&s.place, "run", "middle");
    return s;
}

static const char INPUT_OUTPUT[] = " 0 1 ", ANY_FILE[] = " 0 1 2 3 ", NO_MEMORY[] = " 0 7 ",
                  KILLED[] = " 137 ";

static void sweep_run(const fault_kind *kinds, size_t count, size_t step) {
    const scene s = open_scene();
    for (size_t i = 0; i < count; i++) {
        sweep(&s, &FROM_MIDDLE, &kinds[i], step, 1 + i % step, 1);
        sweep(&s, &FROM_NOTHING, &kinds[i], 2 * step, 1 + (i + 3) % step, 1);
    }
    scene_close(&s);
}

CASE(faults, a_failing_call_on_the_run) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"run", "*", "error", EIO, 1, INPUT_OUTPUT},
        {"run", "*", "error", EIO, FOR_EVER, INPUT_OUTPUT},
        {"run", "*", "error", ENOSPC, 1, INPUT_OUTPUT},
        {"run", "*", "error", ENOSPC, FOR_EVER, INPUT_OUTPUT},
    };
    sweep_run(kinds, sizeof kinds / sizeof *kinds, 3);
}

CASE(faults, a_call_that_reports_failure_though_it_was_done) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"run", "*", "late-error", EIO, 1, INPUT_OUTPUT},
        {"run", "rename,unlink", "late-error", EIO, 1, INPUT_OUTPUT},
    };
    sweep_run(kinds, sizeof kinds / sizeof *kinds, 9);
}

CASE(faults, interrupted_and_short_calls) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"run", "open,read,write,fsync,close,flock,posix_fallocate,ftruncate", "error", EINTR, 1,
         INPUT_OUTPUT},
        {"run", "read,write", "error", EINTR, 5, " 0 "},
        {"run", "read,write,pread,pwrite", "short", 2, 1, " 0 "},
        {"run", "read,write,pread,pwrite", "short", 3, 20, " 0 "},
    };
    sweep_run(kinds, sizeof kinds / sizeof *kinds, 2);
}

CASE(faults, a_failing_sync_or_rename) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"run", "fsync,fdatasync", "error", EIO, 1, INPUT_OUTPUT},
        {"run", "fsync,fdatasync", "error", EIO, FOR_EVER, INPUT_OUTPUT},
        {"run", "rename", "error", EXDEV, 1, INPUT_OUTPUT},
        {"run", "rename,unlink", "error", EACCES, FOR_EVER, INPUT_OUTPUT},
        {"run", "posix_fallocate", "error", EDQUOT, 1, INPUT_OUTPUT},
    };
    sweep_run(kinds, sizeof kinds / sizeof *kinds, 3);
}

/* A file system that cannot reserve room, and fills up in the middle of a file. */
CASE(faults, a_disk_that_fills_up_while_a_file_is_written) {
    SKIP_SANITIZED();
    const scene s = open_scene();
    const fault_kind kind = {"run", "write", "error", ENOSPC, FOR_EVER, INPUT_OUTPUT};
    char rules[256];
    for (size_t number = 1;; number += all_faults() ? 1 : 5) {
        snprintf(rules, sizeof rules,
                 "run:write:%zu-%zu:short=2;run:write:%zu-999999:error=%d;"
                 "run:posix_fallocate:1-999999:error=%d",
                 number, number, number + 1, ENOSPC, EOPNOTSUPP);
        put_start(&s, &FROM_MIDDLE);
        outcome o = disturb(&s, "--resume", rules);
        check_end(&s, &kind, &o);
        const bool failed = o.printed.status != 0;
        check_recovery(&s, &o, true);
        output_free(&o.printed);
        if (!failed) {
            CHECKF(number > 10, "only %zu calls", number);
            break;
        }
    }
    scene_close(&s);
}

CASE(faults, a_failing_call_on_another_file) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"other", "*", "error", EIO, 1, ANY_FILE},
        {"other", "*", "error", EIO, FOR_EVER, ANY_FILE},
        {"other", "*", "error", EMFILE, 1, ANY_FILE},
        {"other", "read,write", "error", EINTR, 3, " 0 "},
        {"other", "read,write", "short", 2, 20, " 0 "},
    };
    const scene s = open_scene();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        sweep(&s, &FROM_MIDDLE, &kinds[i], 1, 1, 10);
    scene_close(&s);
}

CASE(faults, memory_that_is_refused) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"memory", "*", "error", ENOMEM, 1, NO_MEMORY},
        {"memory", "*", "error", ENOMEM, FOR_EVER, NO_MEMORY},
    };
    const scene s = open_scene();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        sweep(&s, &FROM_MIDDLE, &kinds[i], 4, 1 + 2 * i, 100);
    scene_close(&s);
}

/* libcrypto's first use does not survive it (3.0), so the process may crash; the run must not. */
CASE(faults, memory_that_is_refused_to_libraries) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"libraries", "*", "error", ENOMEM, 1, " 0 1 2 6 7 139 "},
        {"libraries", "*", "error", ENOMEM, FOR_EVER, " 0 1 2 6 7 139 "},
    };
    const scene s = open_scene();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        sweep(&s, &FROM_MIDDLE, &kinds[i], 97, 1 + 40 * i, 1000);
    scene_close(&s);
}

static output run_with_memory(const scene *s, size_t kilobytes, const char *arguments) {
    char command[256];
    snprintf(command, sizeof command, "ulimit -v %zu; exec %s %s", kilobytes, ISB_PROGRAM,
             arguments);
    return program_run(&s->place,
                       &(request){.program = "/bin/sh", .arguments = ARGS("-c", command)});
}

/* What is there must do for more than the loader, which may end in any way. */
static size_t least_memory(const scene *s) {
    for (size_t kilobytes = 4000;; kilobytes += 50) {
        output o = run_with_memory(s, kilobytes, "--version");
        const bool starts = o.status == 0;
        output_free(&o);
        if (starts)
            return kilobytes;
    }
}

/* A limit of the system, and no library in between. */
CASE(faults, a_machine_with_little_memory) {
    SKIP_SANITIZED();
    const scene s = open_scene();
    const size_t least = least_memory(&s);
    size_t short_of = 0, kilobytes = least;
    for (int status = -1; status != 0; kilobytes += all_faults() ? 4 : 150) {
        outcome o = {.met = true};
        snprintf(o.about, sizeof o.about, "%zu kB of memory", kilobytes);
        put_start(&s, &FROM_MIDDLE);
        o.printed = run_with_memory(&s, kilobytes,
                                    "train e.yaml --run run --save-every 3 --resume --threads 1");
        status = o.printed.status;
        CHECKF(allows(" 0 1 7 ", status), "%s: status %d: %s", o.about, status, o.printed.err);
        CHECKF(status != 7 || strstr(o.printed.err, "error: out of memory") != NULL, "%s: %s",
               o.about, o.printed.err);
        short_of += status == 7;
        check_recovery(&s, &o, true);
        output_free(&o.printed);
    }
    fprintf(stderr, "%zu to %zu kB of memory: %zu times too little\n", least, kilobytes, short_of);
    CHECK(short_of > 0);
    scene_close(&s);
}

CASE(faults, a_thread_that_cannot_be_started) {
    SKIP_SANITIZED();
    const fault_kind kind = {"threads", "*", "error", EAGAIN, FOR_EVER, " 0 1 "};
    const scene s = open_scene();
    sweep(&s, &FROM_MIDDLE, &kind, 1, 1, 0);
    sweep(&s, &FROM_NOTHING, &kind, 1, 1, 0);
    scene_close(&s);
}

CASE(faults, a_kill_before_and_after_every_call) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"run", "*", "signal", SIGKILL, 1, KILLED},
        {"run", "*", "late-signal", SIGKILL, 1, KILLED},
    };
    const scene s = open_scene();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        sweep(&s, &FROM_MIDDLE, &kinds[i], 3, 1 + i, 100);
        sweep(&s, &FROM_NOTHING, &kinds[i], 3, 2 + i, 100);
        sweep(&s, &ANEW, &kinds[i], 5, 1 + i, 100);
    }
    scene_close(&s);
}

CASE(faults, a_signal_before_every_call) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"run", "*", "signal", SIGTERM, 1, " 0 75 "},
        {"run", "*", "signal", SIGTERM, 2, " 0 75 143 "},
        {"other", "*", "signal", SIGUSR1, 1, " 0 75 "},
    };
    const scene s = open_scene();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        sweep(&s, &FROM_MIDDLE, &kinds[i], 5, 1 + i, 50);
        sweep(&s, &FROM_NOTHING, &kinds[i], 7, 2 + i, 50);
    }
    scene_close(&s);
}

CASE(faults, a_second_signal_ends_at_once) {
    SKIP_SANITIZED();
    const scene s = open_scene();
    put_start(&s, &FROM_MIDDLE);
    outcome o = disturb(&s, "--resume", "run:*:120-120:signal=15;run:*:121-121:signal=10");
    CHECKF(o.printed.status == 128 + SIGUSR1, "%s: status %d: %s", o.about, o.printed.status,
           o.printed.err);
    CHECKF(strstr(o.printed.err, "second signal") != NULL, "%s: %s", o.about, o.printed.err);
    check_recovery(&s, &o, true);
    output_free(&o.printed);
    scene_close(&s);
}

/* Before anything is written: the way on is what was asked for. */
CASE(faults, a_signal_while_data_are_read_names_the_command) {
    SKIP_SANITIZED();
    static const char *const modes[] = {"--resume", "--force"};
    const scene s = open_scene();
    for (size_t i = 0; i < 2; i++) {
        char end[32];
        snprintf(end, sizeof end, " %s\n", modes[i]);
        put_start(&s, &FROM_MIDDLE);
        outcome o = disturb(&s, modes[i], "other:read:1-1:signal=15");
        CHECKF(o.printed.status == STOPPED && strstr(o.printed.err, "nothing was lost") != NULL &&
                   strstr(o.printed.err, end) != NULL,
               "%s: status %d: %s", o.about, o.printed.status, o.printed.err);
        check_recovery(&s, &o, true);
        output_free(&o.printed);
    }
    scene_close(&s);
}

/* A fault while the run recovers from a kill, and a kill while it recovers from that. */
CASE(faults, one_fault_upon_another) {
    SKIP_SANITIZED();
    static const fault_kind kinds[] = {
        {"run", "*", "signal", SIGKILL, 1, KILLED},
        {"run", "*", "error", EIO, 1, INPUT_OUTPUT},
        {"run", "*", "error", ENOSPC, FOR_EVER, INPUT_OUTPUT},
        {"memory", "*", "error", ENOMEM, 1, NO_MEMORY},
    };
    const scene s = open_scene();
    uint64_t state = 5;
    for (size_t i = 0; i < (all_faults() ? 2000 : 60); i++) {
        char about[1600] = "";
        place_remove(&s.place, "run");
        for (size_t k = 0; k < 3; k++) {
            const fault_kind *kind = &kinds[k == 0 ? 0 : scene_random(&state, 4)];
            char rule[128];
            rule_of(rule, kind, 1 + scene_random(&state, 250));
            outcome o = disturb(&s, "--resume", rule);
            strncat(about, o.about, sizeof about - strlen(about) - 3);
            strcat(about, "; ");
            snprintf(o.about, sizeof o.about, "%.511s", about);
            if (o.met)
                check_end(&s, kind, &o);
            output_free(&o.printed);
        }
        output again = scene_train(&s, "run", ARGS("--resume"), NULL);
        scene_check_whole(&s, "run", &again, about);
        output_free(&again);
    }
    scene_close(&s);
}

/* The faults above reach every call on files that the program can make. */
static bool has_word(const char *text, const char *word) {
    const size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += length)
        if (at > text && strchr(" \n", at[-1]) && (at[length] == '@' || at[length] == '\n'))
            return true;
    return false;
}

static char *symbols_of(const char *file) {
    char command[600], *text = NULL;
    size_t size = 0;
    snprintf(command, sizeof command, "nm -D %s", file);
    FILE *pipe = popen(command, "r");
    CHECK(pipe != NULL && getdelim(&text, &size, '\0', pipe) > 1000);
    CHECK(pclose(pipe) == 0);
    return text;
}

CASE(faults, the_saboteur_knows_every_call_on_files) {
    static const char *const calls[] = {
        "open",
        "openat",
        "creat",
        "read",
        "readv",
        "pread",
        "preadv",
        "write",
        "writev",
        "pwrite",
        "pwritev",
        "fsync",
        "fdatasync",
        "syncfs",
        "sync",
        "close",
        "rename",
        "renameat",
        "renameat2",
        "unlink",
        "unlinkat",
        "remove",
        "rmdir",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "mkdir",
        "mkdirat",
        "posix_fallocate",
        "fallocate",
        "ftruncate",
        "truncate",
        "flock",
        "lockf",
        "fstat",
        "stat",
        "lstat",
        "fstatat",
        "statx",
        "access",
        "faccessat",
        "opendir",
        "fdopendir",
        "readdir",
        "readdir_r",
        "scandir",
        "closedir",
        "lseek",
        "fopen",
        "freopen",
        "fdopen",
        "mmap",
        "msync",
        "mkstemp",
        "mkostemp",
        "mkdtemp",
        "tmpfile",
        "realpath",
        "copy_file_range",
        "sendfile",
        "splice",
        "chmod",
        "fchmod",
        "sync_file_range",
        "utimensat",
        "futimens",
        "dup",
        "dup2",
        "dup3",
        "io_uring_enter",
        "aio_write",
        "malloc",
        "calloc",
        "realloc",
        "memalign",
        "aligned_alloc",
        "posix_memalign",
        "pvalloc",
        "valloc",
        "reallocarray",
        "pthread_create",
        "thrd_create",
    };
    static const char *const forms[][2] = {{"", ""},       {"", "64"},     {"__", "_2"},
                                           {"__", "64_2"}, {"__", "_chk"}, {"__", "64_chk"}};
    char *program = symbols_of(ISB_PROGRAM), *saboteur = symbols_of(ISB_FAULTS), name[64],
         defined[80];
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
            snprintf(name, sizeof name, "%s%s%s", forms[k][0], calls[i], forms[k][1]);
            snprintf(defined, sizeof defined, "T %s", name);
            CHECKF(!has_word(program, name) || has_word(saboteur, defined),
                   "%s is called and not intercepted", name);
        }
    free(program);
    free(saboteur);
}
