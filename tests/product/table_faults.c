/* Memory that is refused on the way of a table, one allocation after the other: a clear message and
 * status 7, nothing half done, and the next command does as if nothing had been.
 *
 * ISOBIT_TEST_FAULTS=all refuses every one; otherwise some of them, evenly spread. */
#include "trained.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { NO_MEMORY = 7, SAMPLES = 40, NEVER = 1000000, FOR_EVER = 1000000 };

static const char experiment[] =
    "name: people\n"
    "data: {source: people.csv, label: answer, missing: ['?'], missing_policy: indicator, "
    "validation: 0.2, test: 0.25}\n"
    "model: [dense: {units: 4, activation: relu}, dropout: {rate: 0.1}, "
    "dense: {units: 2, activation: softmax}]\n"
    "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [accuracy]}\n"
    "fit: {epochs: 2, batch_size: 8, class_weight: balanced}\n";

/* whole/, a run that nothing disturbed, of people.csv; and net.keras, of another. */
static place open_place(void) {
    static const char *const jobs[] = {"baker", "\"cook, chief\"", "smith", "?"};
    const place p = place_open_in_memory();
    char text[4096] = "age,job,answer\n";
    size_t length = strlen(text);
    for (int i = 0; i < 40; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%d,%s,%s\n", 20 + i,
                                   jobs[i % 4], i >= 20 ? "yes" : "no");
    place_write(&p, "people.csv", text);
    place_write(&p, "people.yaml", experiment);
    few_digits_write(&p);
    place_write(&p, "small.yaml", small_experiment);
    output o = RUN(&p, "train", "people.yaml", "--run", "whole", "--threads", "1", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "--run", "arrays", "--set", "fit.epochs=1", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    o = RUN(&p, "export", "arrays", "--to", "net.keras", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    return p;
}

/* Runs the command, the allocations from `first` to `last` refused; *met: one was, or how many
 * there were in all. */
static output run_refused(const place *p, const char *command, size_t first, size_t last, bool *met,
                          size_t *count) {
    char text[1024];
    place_remove(p, "report");
    snprintf(text, sizeof text,
             "LD_PRELOAD=" ISB_FAULTS " FAULTS='memory:*:%zu-%zu:error=12' FAULTS_RUN=none "
             "FAULTS_REPORT=report exec " ISB_PROGRAM " %s",
             first, last, command);
    output o = program_run(p, &(request){.program = "/bin/sh", .arguments = ARGS("-c", text)});
    char *report = place_read(p, "report");
    CHECKF(report != NULL, "%s: the library was not loaded: %s", text, o.err);
    *met = strncmp(report, "met ", 4) == 0;
    const char *counted = strstr(report, "counted ");
    *count = counted != NULL ? strtoul(counted + strlen("counted "), NULL, 10) : 0;
    free(report);
    return o;
}

typedef struct task {
    const char *command;
    const char *made;  /* what it writes, a file or a directory; NULL: nothing */
    const char *again; /* what is done after it failed; NULL: the same */
    const char *same;  /* a file that it makes, byte for byte as `as` is */
    const char *as;
} task;

static void shell(const place *p, const char *command) {
    char text[512];
    snprintf(text, sizeof text, ISB_PROGRAM " %s", command);
    output o = program_run(p, &(request){.program = "/bin/sh", .arguments = ARGS("-c", text)});
    CHECKF(o.status == 0, "%s: status %d: %s", command, o.status, o.err);
    output_free(&o);
}

static void check_end(const place *p, const task *t, const output *o, const char *about,
                      const char *usual) {
    CHECKF(o->status == 0 || o->status == NO_MEMORY, "%s: status %d: %s", about, o->status, o->err);
    CHECKF(o->status == 0 || strstr(o->err, "out of memory") != NULL, "%s: %s", about,
           o->err);
    CHECKF(o->status != 0 || strcmp(o->out, usual) == 0, "%s: another output: %s", about, o->out);
    CHECKF(!place_has_prefix(p, ".", ".isobit-"), "%s: a temporary file stays", about);
    if (o->status != 0)
        shell(p, t->again != NULL ? t->again : t->command);
    if (t->same != NULL)
        CHECKF(place_same(p, t->same, t->as), "%s: another %s", about, t->same);
}

static size_t refuse_each(const place *p, const task *t, bool for_ever) {
    const char *setting = getenv("ISOBIT_TEST_FAULTS");
    const bool all = setting != NULL && strcmp(setting, "all") == 0;
    bool met;
    size_t count, tried = 0, ignored;
    output usual = run_refused(p, t->command, NEVER, NEVER, &met, &count);
    CHECKF(usual.status == 0 && count > 0, "%s: status %d: %s", t->command, usual.status,
           usual.err);
    const size_t step = all || count < SAMPLES ? 1 : count / SAMPLES;
    for (size_t n = 1 + (all ? 0 : (size_t)for_ever * step / 2); n <= count; n += step, tried++) {
        char about[256];
        snprintf(about, sizeof about, "%s, allocation %zu%s", t->command, n,
                 for_ever ? " and all behind it" : "");
        if (t->made != NULL)
            place_remove(p, t->made);
        output o = run_refused(p, t->command, n, for_ever ? FOR_EVER : n, &met, &ignored);
        check_end(p, t, &o, about, usual.out);
        output_free(&o);
    }
    fprintf(stderr, "%s: %zu of %zu allocations refused\n", t->command, tried, count);
    output_free(&usual);
    return tried;
}

CASE(table_faults, memory_that_is_refused) {
    if (SANITIZED)
        SKIP("a sanitizer must be the first library loaded");
    static const task tasks[] = {
        {"train people.yaml --run run --threads 1 -q >/dev/null", "run",
         "train people.yaml --run run --threads 1 --resume -q >/dev/null", "run/model.safetensors",
         "whole/model.safetensors"},
        {"predict whole --data people.csv --threads 1", NULL, NULL, NULL, NULL},
        {"predict whole --threads 2 --data - <people.csv", NULL, NULL, NULL, NULL},
        {"evaluate whole --threads 1", NULL, NULL, NULL, NULL},
        {"inspect people.csv --label answer --threads 1", NULL, NULL, NULL, NULL},
        {"inspect people.csv --json --threads 2", NULL, NULL, NULL, NULL},
        {"export arrays --to again.keras -q", "again.keras", NULL, "again.keras", "net.keras"},
        {"import net.keras --to net.yaml --force -q", NULL, NULL, NULL, NULL},
    };
    const place p = open_place();
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        CHECK(refuse_each(&p, &tasks[i], false) > 10);
        refuse_each(&p, &tasks[i], true);
    }
    place_close(&p);
}
