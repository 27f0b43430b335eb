/* A run that is killed at random moments, each time going on with another number of threads and on
 * another instruction set, ends as one that nobody touched.
 *
 * ISOBIT_TEST_KILLS: how many kills. ISOBIT_TEST_SEED: another seed. */
#include "base/clock.h"
#include "check.h"
#include "scene.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EPOCHS = 8 };

static const char *const THREADS[] = {"1", "2", "3", "5", "8"};
enum { THREADS_COUNT = sizeof THREADS / sizeof *THREADS };

typedef struct chaos {
    scene scene;
    char isas[8][16];
    size_t isa_count;
    size_t span[THREADS_COUNT]; /* within which the moments lie, in microseconds */
    uint64_t state;
    size_t kills, runs;
    size_t steps; /* that the last process went on after */
    char about[256];
} chaos;

static void sleep_microseconds(size_t length) {
    const struct timespec time = {.tv_sec = (time_t)(length / 1000000),
                                  .tv_nsec = (long)(length % 1000000) * 1000};
    nanosleep(&time, NULL);
}

static const char *const *choose(chaos *c, size_t threads, const char *arguments[6]) {
    arguments[0] = "--resume";
    arguments[1] = "--threads";
    arguments[2] = THREADS[threads];
    arguments[3] = "--isa";
    arguments[4] = c->isas[scene_random(&c->state, c->isa_count)];
    arguments[5] = NULL;
    return arguments;
}

/* How long a process lives depends on what else the machine does: the span follows it, so that two
 * of three kills come in time. */
static void adapt(size_t *span, bool killed) {
    *span = killed ? *span + *span / 32 : *span - *span / 16;
}

/* No process starts behind where one before it started: what is saved stays saved. */
static void check_progress(chaos *c, const char *err) {
    const size_t steps = scene_steps(err, "going on after");
    CHECKF(steps >= c->steps || strstr(err, "going on after") == NULL, "%s: %zu steps after %zu",
           c->about, steps, c->steps);
    CHECKF(c->steps == 0 || strstr(err, "from the beginning") == NULL, "%s: %s", c->about, err);
    c->steps = steps > 0 ? steps : c->steps;
}

/* Whether the kill came in time. */
static bool kill_once(chaos *c) {
    const char *arguments[6];
    const size_t threads = scene_random(&c->state, THREADS_COUNT);
    const size_t moment = scene_random(&c->state, c->span[threads]);
    process p = scene_start(&c->scene, "run", choose(c, threads, arguments), NULL);
    sleep_microseconds(moment);
    kill(p.child, SIGKILL);
    output o = program_wait(&p);
    snprintf(c->about, sizeof c->about, "run %zu, kill %zu at %zu us, %s threads, %s", c->runs,
             c->kills, moment, arguments[2], arguments[4]);
    const bool killed = o.status == 128 + SIGKILL;
    if (!killed)
        scene_check_whole(&c->scene, "run", &o, c->about);
    check_progress(c, o.err);
    adapt(&c->span[threads], killed);
    output_free(&o);
    return killed;
}

static size_t measure_life(chaos *c, size_t threads) {
    enum { TIMES = 3 };
    const char *arguments[6];
    const double start = isb_clock_seconds();
    for (size_t i = 0; i < TIMES; i++) {
        place_remove(&c->scene.place, "run");
        output o = scene_train(&c->scene, "run", choose(c, threads, arguments), NULL);
        scene_check_whole(&c->scene, "run", &o, "nothing disturbed it");
        output_free(&o);
    }
    return (size_t)((isb_clock_seconds() - start) * 1e6 / TIMES);
}

static chaos chaos_open(void) {
    chaos c = {.scene = scene_open(EPOCHS), .state = scene_setting("ISOBIT_TEST_SEED", 1)};
    c.isa_count = scene_isas(&c.scene, c.isas);
    for (size_t i = 0; i < THREADS_COUNT; i++)
        c.span[i] = measure_life(&c, i);
    return c;
}

CASE(kills, at_random_moments_lose_nothing) {
    const size_t seed = scene_setting("ISOBIT_TEST_SEED", 1),
                 wanted = scene_setting("ISOBIT_TEST_KILLS", 200);
    chaos c = chaos_open();
    while (c.kills < wanted) {
        place_remove(&c.scene.place, "run");
        c.runs++;
        c.steps = 0;
        while (kill_once(&c))
            c.kills++;
    }
    fprintf(stderr, "seed %zu: %zu kills in %zu runs, 0 lost\n", seed, c.kills, c.runs);
    scene_close(&c.scene);
}
