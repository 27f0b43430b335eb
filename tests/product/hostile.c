/* The program beside libraries that spoil its floating-point environment and its locale: the same
 * weights, the same history, byte for byte. */
#include "check.h"
#include "program.h"
#include "sanitized.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char EXAMPLE[] = ISB_SOURCE_DIR "/examples/after.yaml";

static void train(const place *p, const char *run, const char *const *environment) {
    const char *const arguments[] = {
        "train",     EXAMPLE,
        "--set",     "fit.epochs=2",
        "--set",     "compile.optimizer={adam: {learning_rate: 0.0013}}",
        "--threads", "2",
        "--run",     run,
        "-q",        NULL};
    output o = program_run(p, &(request){.arguments = arguments, .environment = environment});
    CHECKF(o.status == 0 && strcmp(o.err, "") == 0, "status %d: %s", o.status, o.err);
    output_free(&o);
}

static void check_same(const place *p, const char *run) {
    static const char *const files[] = {"history.csv", "model.safetensors", "experiment.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char usual[64], other[64];
        snprintf(usual, sizeof usual, "usual/%s", files[i]);
        snprintf(other, sizeof other, "%s/%s", run, files[i]);
        CHECKF(place_same(p, usual, other), "%s differs", other);
    }
}

/* What the neighbour wrote about itself. */
static void check_mark(const place *p, const char *expected) {
    char path[128], text[64] = "";
    snprintf(path, sizeof path, "%s/mark", p->path);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL && fgets(text, sizeof text, file) != NULL);
    fclose(file);
    CHECKF(strcmp(text, expected) == 0, "the neighbour: %s", text);
}

/* A German locale made for the test; false where the means are absent. */
static bool make_locale(const place *p) {
    char command[256];
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1",
             p->path);
    return access("/usr/share/i18n/locales/de_DE", R_OK) == 0 && system(command) == 0;
}

CASE(hostile, no_neighbour_changes_a_byte) {
    if (sanitized())
        SKIP("a sanitizer must be the first library loaded");
    static const char *const directions[] = {"upward", "downward", "towardzero"};
    const place p = place_open();
    const bool german = make_locale(&p);
    char locpath[128];
    snprintf(locpath, sizeof locpath, "LOCPATH=%s", p.path);
    if (!german)
        fprintf(stderr, "SKIPPED the decimal comma: no localedef with /usr/share/i18n\n");
    train(&p, "usual", NULL);
    for (size_t i = 0; i < 3; i++) {
        char rounding[64];
        snprintf(rounding, sizeof rounding, "HOSTILE_ROUNDING=%s", directions[i]);
        train(&p, directions[i],
              (const char *const[]){"LD_PRELOAD=" ISB_NEIGHBOUR, "LC_ALL=de_DE.UTF-8",
                                    "HOSTILE_MARK=mark", locpath, rounding, NULL});
        check_mark(&p, german ? "point , flushed 1 nearest 0\n" : "point . flushed 1 nearest 0\n");
        check_same(&p, directions[i]);
    }
    place_close(&p);
}

static void check_output(const place *p, const char *const *arguments) {
    output usual = program_run(p, &(request){.arguments = arguments});
    CHECKF(usual.status == 0, "%s", usual.err);
    output o = program_run(p, &(request){.arguments = arguments,
                                         .environment = (const char *const[]){
                                             "LD_PRELOAD=" ISB_NEIGHBOUR, "HOSTILE_MARK=mark",
                                             "HOSTILE_ROUNDING=upward", NULL}});
    CHECKF(o.status == 0 && strcmp(o.out, usual.out) == 0, "status %d: %s", o.status, o.err);
    check_mark(p, "point . flushed 1 nearest 0\n");
    output_free(&usual);
    output_free(&o);
}

CASE(hostile, no_neighbour_changes_a_prediction) {
    if (sanitized())
        SKIP("a sanitizer must be the first library loaded");
    const place p = place_open();
    train(&p, "usual", NULL);
    check_output(&p, (const char *const[]){"predict", "usual", "--threads", "2", NULL});
    check_output(&p, (const char *const[]){"evaluate", "usual", "--threads", "2", NULL});
    check_output(&p, (const char *const[]){"evaluate", "usual", "--json", NULL});
    place_close(&p);
}

CASE(hostile, no_fast_math_library_changes_a_byte) {
    if (sanitized())
        SKIP("a sanitizer must be the first library loaded");
    const place p = place_open();
    train(&p, "usual", NULL);
    train(&p, "fast", (const char *const[]){"LD_PRELOAD=" ISB_FASTMATH, "HOSTILE_MARK=mark", NULL});
    check_mark(&p, "flushed 1\n");
    check_same(&p, "fast");
    place_close(&p);
}

CASE(hostile, no_variable_of_the_locale_changes_a_byte) {
    const place p = place_open();
    char locpath[128];
    snprintf(locpath, sizeof locpath, "LOCPATH=%s", p.path);
    if (!make_locale(&p))
        SKIP("no localedef with /usr/share/i18n");
    train(&p, "usual", NULL);
    train(&p, "german",
          (const char *const[]){"LC_ALL=de_DE.UTF-8", "LANG=de_DE.UTF-8", "LC_NUMERIC=de_DE.UTF-8",
                                "LANGUAGE=de", locpath, NULL});
    check_same(&p, "german");
    place_close(&p);
}
