/* What is no file, where each command expects one: a status, a message, and no waiting. */
#include "hostile_makers.h"
#include "program.h"
#include "small_run.h"
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void put_socket(const char *path, const char *text) {
    (void)text;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CHECK(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    const int socket_file = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(socket_file >= 0);
    CHECK(bind(socket_file, (const struct sockaddr *)&address, sizeof address) == 0);
    close(socket_file);
}

typedef enum kind { SPARSE, PIPE, DIRECTORY, LOOP, DANGLING, DEVICE, SOCKET, KINDS } kind;

static const struct {
    const char *what;
    hostile_maker *make;
    const char *text;
} kinds[KINDS] = {
    [SPARSE] = {"10 GB of nothing", put_sparse, ""},
    [PIPE] = {"a pipe that nobody writes to", put_pipe, ""},
    [DIRECTORY] = {"a directory", put_directory, ""},
    [LOOP] = {"a link to itself", put_link, ""},
    [DANGLING] = {"a link to nothing", put_link, "nothing"},
    [DEVICE] = {"/dev/zero", put_link, "/dev/zero"},
    [SOCKET] = {"a socket", put_socket, ""},
};

/* What the readers of data say, and those of everything else. */
#define DATA_MESSAGES(sparse, directory)                                                           \
    {                                                                                              \
        [SPARSE] = sparse, [PIPE] = "is a pipe; put a regular file there",                         \
        [DIRECTORY] = directory, [LOOP] = "Too many levels of symbolic links",                     \
        [DANGLING] = "No such file or directory",                                                  \
        [DEVICE] = "is a device; put a regular file there",                                        \
        [SOCKET] = "No such device or address; make it a regular file that may be read",           \
    }
#define FILE_MESSAGES(sparse, directory)                                                           \
    {                                                                                              \
        [SPARSE] = sparse, [PIPE] = "is a pipe, not a file", [DIRECTORY] = directory,              \
        [LOOP] = "Too many levels of symbolic links", [DANGLING] = "does not exist",               \
        [DEVICE] = "is a device, not a file", [SOCKET] = "is a socket or a device, not a file",    \
    }
#define NO_TEXT "a byte 0 stands here; this is no file of text"
#define NO_TYPE "type 0x00 (unknown)"
#define NO_DATA "is a directory; put a regular file there"
#define NO_IDX "has neither train-images-idx3-ubyte"
#define NO_FILE "is a directory, not a file"
#define TOO_LONG "has 10737418240 bytes; at most "

typedef struct reader {
    const char *file; /* that is replaced */
    const char *const *arguments;
    int status;
    const char *messages[KINDS]; /* a part of each */
} reader;

static const reader readers[] = {
    {"t.csv", ARGS("inspect", "t.csv"), 3, DATA_MESSAGES(NO_TEXT, NO_IDX)},
    {"t.tsv", ARGS("inspect", "t.tsv"), 3, DATA_MESSAGES(NO_TEXT, NO_IDX)},
    {"t.csv.gz", ARGS("inspect", "t.csv.gz"), 3, DATA_MESSAGES(NO_TEXT, NO_IDX)},
    {"p.csv", ARGS("predict", "run", "--data", "p.csv"), 3, DATA_MESSAGES(NO_TEXT, NO_DATA)},
    {"x.npy",
     ARGS("train", "small.yaml", "--set",
          "data.source={x: x.npy, y: data/train-labels-idx1-ubyte}"),
     3, DATA_MESSAGES(NO_TYPE, NO_DATA)},
    {"d.npz", ARGS("train", "small.yaml", "--data", "d.npz"), 3,
     DATA_MESSAGES("is no file of data that is known", NO_IDX)},
    {"m.safetensors", ARGS("summary", "m.safetensors"), 6,
     FILE_MESSAGES("not a file that isobit wrote", NO_FILE)},
    {"w.safetensors", ARGS("train", "small.yaml", "--set", "model_weights=w.safetensors"), 6,
     FILE_MESSAGES("does not begin with '{'", NO_FILE)},
    {"m.keras", ARGS("import", "m.keras"), 6, FILE_MESSAGES(TOO_LONG "4294967296", NO_FILE)},
    {"e.yaml", ARGS("train", "e.yaml"), 2, FILE_MESSAGES(TOO_LONG "1048576", NO_FILE)},
    {"s.yaml", ARGS("study", "s.yaml"), 2, FILE_MESSAGES(TOO_LONG "1048576", NO_FILE)},
    {"data/train-images-idx3-ubyte", ARGS("train", "small.yaml"), 3,
     DATA_MESSAGES(NO_TYPE, NO_DATA)},
};

/* Within a minute and 2 GiB. */
static output run_limited(const place *p, const char *const *arguments) {
    const char *all[16] = {"60", ISB_PROGRAM};
    struct rlimit old, low;
    for (size_t i = 0; i < 12 && arguments[i] != NULL; i++)
        all[2 + i] = arguments[i];
    CHECK(getrlimit(RLIMIT_AS, &old) == 0);
    low = old;
#if !defined(__SANITIZE_ADDRESS__)
    low.rlim_cur = (rlim_t)2 << 30;
#endif
    CHECK(setrlimit(RLIMIT_AS, &low) == 0);
    output o = program_run(p, &(request){.program = "/usr/bin/timeout", .arguments = all});
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    return o;
}

static void check(const place *p, const reader *r, kind k) {
    const char *path = small_path(p, r->file);
    if (temporary_has(path))
        CHECK(remove(path) == 0);
    kinds[k].make(path, kinds[k].text);
    output o = run_limited(p, r->arguments);
    CHECKF(o.status == r->status && strstr(o.err, r->messages[k]) != NULL,
           "%s as %s: status %d: %s", kinds[k].what, r->file, o.status, o.err);
    CHECKF(o.out[0] == '\0' && strstr(o.err, r->file) != NULL, "%s as %s: %s", kinds[k].what,
           r->file, o.err);
    output_free(&o);
    CHECK(remove(path) == 0);
}

/* A run of a table, whose predictions take another. */
static place open_place(void) {
    const place p = small_open();
    place_write(&p, "t.csv", "a,b,c\n1,x,no\n2,y,yes\n3,x,no\n4,y,yes\n");
    place_write(&p, "table.yaml",
                "data: {source: t.csv, label: c}\n"
                "model: [dense: {units: 2, activation: softmax}]\n"
                "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n");
    output o =
        program_run(&p, &(request){.arguments = ARGS("train", "table.yaml", "--run", "run")});
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    return p;
}

CASE(hostile_kinds, what_is_no_file_is_refused_at_once) {
    const place p = open_place();
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        for (kind k = SPARSE; k < KINDS; k++)
            check(&p, &readers[i], k);
    place_close(&p);
}

CASE(hostile_kinds, files_that_may_not_be_read) {
    if (geteuid() == 0)
        SKIP("root may read every file");
    const place p = open_place();
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        const reader *r = &readers[i];
        const char *path = small_path(&p, r->file);
        put_text(path, "x");
        CHECK(chmod(path, 0) == 0);
        output o = run_limited(&p, r->arguments);
        CHECKF(o.status == r->status && strstr(o.err, "Permission denied") != NULL,
               "%s: status %d: %s", r->file, o.status, o.err);
        output_free(&o);
        CHECK(remove(path) == 0);
    }
    place_close(&p);
}

/* --- standard input of predict --- */

static void check_input(const place *p, const char *before, const char *behind, int status,
                        const char *message) {
    char text[512];
    snprintf(text, sizeof text, "%s timeout 60 %s predict run --data - %s", before, ISB_PROGRAM,
             behind);
    output o = program_run(p, &(request){.program = "/bin/sh", .arguments = ARGS("-c", text)});
    CHECKF(o.status == status && strstr(o.err, message) != NULL, "%s: status %d: %s", text,
           o.status, o.err);
    output_free(&o);
}

CASE(hostile_kinds, standard_input_that_is_no_table) {
    static const char endless[] = "standard input: a record has more than 16 MiB";
    const place p = open_place();
    put_sparse(small_path(&p, "sparse"), "a,b\n1,x\n");
    check_input(&p, "", "</dev/zero", 3, endless);
    check_input(&p, "", "<sparse", 3, endless);
    check_input(&p, "", "<data", 3, "standard input: cannot be read: Is a directory");
    check_input(&p, "", "<&-", 3, "standard input: is empty");
    check_input(&p, "yes a,b | tr -d '\\n' |", "", 3, endless);
    check_input(&p, "{ printf 'a,b\\n1,x\\n'; yes '' | head -c 5000000; printf '2,\"'; } |", "", 3,
                "standard input:5000003:3: a quote is opened here and never closed");
    check_input(&p, "head -c 100000000 /dev/zero | gzip -1 |", "", 3, endless);
    place_close(&p);
}
