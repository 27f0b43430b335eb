/* A study whose calls fail, evenly spread: it ends with an error or with runs that failed, and the
 * same command comes to the same bytes after that. */
#include "check.h"
#include "sanitized.h"
#include "small_run.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

enum { FAULTS = 24 };

static place make_place(void) {
    place p = small_open();
    place_write(&p, "study.yaml",
                "experiment: small.yaml\n"
                "seeds: 2\n"
                "vary: {rate: [0.1, 0.3, 0.5]}\n"
                "compare: {metric: val_loss}\n"
                "halving: {epochs: 1, reduce: 2}\n");
    return p;
}

static output run_study(const place *p, const char *run, const char *const *environment) {
    return program_run(
        p, &(request){.arguments = ARGS("study", "study.yaml", "-q", "--threads", "2", "--run", run,
                                        "--set", "fit.epochs=3", "--set", "data.validation=0.25"),
                      .environment = environment});
}

static output disturb(const place *p, const char *rule) {
    char faults[96];
    snprintf(faults, sizeof faults, "FAULTS=%s", rule);
    place_remove(p, "run");
    place_remove(p, "report");
    return run_study(
        p, "run", ARGS("LD_PRELOAD=" ISB_FAULTS, faults, "FAULTS_RUN=run", "FAULTS_REPORT=report"));
}

/* Calls of a study that meet the rule. */
static size_t count_calls(const place *p, const char *where) {
    char rule[64];
    snprintf(rule, sizeof rule, "%s:*:0-0:error=12", where);
    output o = disturb(p, rule);
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    char *report = place_read(p, "report");
    const char *counted = report == NULL ? NULL : strstr(report, "counted ");
    CHECKF(counted != NULL, "%s", rule);
    const size_t calls = strtoul(counted + strlen("counted "), NULL, 10);
    free(report);
    return calls;
}

static void check_faults(const char *where, int error) {
    const place p = make_place();
    output o = run_study(&p, "whole", NULL);
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    const size_t calls = count_calls(&p, where);
    CHECKF(calls > FAULTS, "%zu", calls);
    for (size_t i = 0; i < FAULTS; i++) {
        char rule[64];
        const size_t call = 1 + calls * i / FAULTS;
        snprintf(rule, sizeof rule, "%s:*:%zu-%zu:error=%d", where, call, call, error);
        o = disturb(&p, rule);
        const bool failed = strncmp(o.err, "error: ", 7) == 0;
        CHECKF(o.status < 128 && failed == (o.status != 0), "%s: %d: %s", rule, o.status, o.err);
        output_free(&o);
        o = run_study(&p, "run", NULL);
        CHECKF(o.status == 0, "after %s: %d: %s", rule, o.status, o.err);
        CHECKF(place_same(&p, "whole/results.csv", "run/results.csv"), "after %s", rule);
        CHECKF(place_same(&p, "whole/summary.csv", "run/summary.csv"), "after %s", rule);
        output_free(&o);
    }
    place_close(&p);
}

CASE(study_faults, memory_that_is_refused) {
    SKIP_SANITIZED();
    check_faults("memory", 12);
}

CASE(study_faults, a_full_disk) {
    SKIP_SANITIZED();
    check_faults("run", 28);
}
