/* Signals that ask a run to stop: it saves, says how to go on, and that goes on to the same bits.
 */
#include "base/clock.h"
#include "check.h"
#include "scene.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EPOCHS = 24 };

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The status after a good save. */
static int status_of(int number) { return number == SIGINT ? 130 : 75; }

static const char *name_of(int number) {
    switch (number) {
    case SIGTERM: return "stopped by SIGTERM after";
    case SIGUSR1: return "stopped by SIGUSR1 after";
    case SIGHUP: return "stopped by SIGHUP after";
    default: return "stopped by SIGINT after";
    }
}

/* The command that the program printed, run by a shell. */
static output run_printed(const scene *s, const char *err, const char *about) {
    const char *line = strstr(err, "isobit train ");
    CHECKF(line != NULL, "%s: no command: %s", about, err);
    char command[512], path[512];
    snprintf(command, sizeof command, "%.*s", (int)strcspn(line, "\n"), line);
    CHECKF(strstr(command, " --resume") != NULL, "%s: %s", about, command);
    snprintf(path, sizeof path, "PATH=%s", ISB_PROGRAM);
    *strrchr(path, '/') = '\0';
    return program_run(&s->place, &(request){.program = "/bin/sh",
                                             .arguments = ARGS("-c", command),
                                             .environment = ARGS(path)});
}

static void check_stopped(const scene *s, int number, const output *o, const char *about) {
    CHECKF(o->status == status_of(number), "%s: status %d: %s", about, o->status, o->err);
    CHECKF(strcmp(o->out, "") == 0, "%s: stdout: %s", about, o->out);
    output again = run_printed(s, o->err, about);
    scene_check_whole(s, "run", &again, about);
    const size_t stopped = scene_steps(o->err, name_of(number));
    CHECKF(scene_steps(again.err, "going on after") == stopped, "%s: %s%s", about, o->err,
           again.err);
    output_free(&again);
}

static void sleep_microseconds(size_t length) {
    const struct timespec time = {.tv_sec = (time_t)(length / 1000000),
                                  .tv_nsec = (long)(length % 1000000) * 1000};
    nanosleep(&time, NULL);
}

/* What may come of a signal at any moment: stopped, or done already, or, before the program had its
 * first word, ended by it. */
static void check_any_moment(const scene *s, int number, const output *o, const char *about) {
    if (o->status == 0) {
        scene_check_whole(s, "run", o, about);
    } else if (o->status == 128 + number && number != SIGINT) {
        CHECKF(strcmp(o->err, "") == 0 && !place_has(&s->place, "run"), "%s: killed after: %s",
               about, o->err);
    } else if (o->status == 130 && strcmp(o->err, "") == 0) {
        CHECKF(!place_has(&s->place, "run"), "%s: killed", about);
    } else {
        check_stopped(s, number, o, about);
    }
}

/* The mean life of an undisturbed process, in microseconds. */
static size_t measure_life(const scene *s) {
    const double start = isb_clock_seconds();
    for (size_t i = 0; i < 5; i++) {
        place_remove(&s->place, "run");
        output o = scene_train(s, "run", ARGS("--threads", "1"), NULL);
        output_free(&o);
    }
    return (size_t)((isb_clock_seconds() - start) * 1e6 / 5);
}

CASE(signals, at_random_moments_stop_and_lose_nothing) {
    static const int numbers[] = {SIGTERM, SIGUSR1, SIGINT, SIGHUP};
    const scene s = scene_open(EPOCHS);
    const size_t life = measure_life(&s), count = scene_setting("ISOBIT_TEST_SIGNALS", 60);
    uint64_t state = scene_setting("ISOBIT_TEST_SEED", 1);
    size_t stopped = 0;
    for (size_t i = 0; i < count; i++) {
        const int number = numbers[i % 4];
        const size_t moment = scene_random(&state, life * 9 / 8);
        char about[64];
        snprintf(about, sizeof about, "signal %d at %zu us", number, moment);
        place_remove(&s.place, "run");
        process p = scene_start(&s, "run", ARGS("--threads", "1"), NULL);
        sleep_microseconds(moment);
        kill(p.child, number);
        output o = program_wait(&p);
        stopped += o.status == status_of(number);
        check_any_moment(&s, number, &o, about);
        output_free(&o);
    }
    fprintf(stderr, "%zu signals over %zu us: %zu times saved and stopped\n", count, life, stopped);
    CHECKF(stopped > count / 10, "only %zu of %zu signals found a run to stop", stopped, count);
    scene_close(&s);
}

CASE(signals, a_closed_pipe_stops_nothing) {
    const scene s = scene_open(EPOCHS);
    const char *const arguments[] = {"train", "e.yaml", "--run", "run", "--force", NULL};
    output o = program_run(&s.place, &(request){.arguments = arguments, .broken_error = true});
    scene_check_whole(&s, "run", &o, "stderr closed");
    output_free(&o);
    o = program_run(&s.place, &(request){.arguments = arguments, .broken_pipe = true});
    CHECKF(o.status == 1 && strstr(o.err, "error: ") == NULL, "status %d: %s", o.status, o.err);
    output_free(&o);
    o = scene_train(&s, "run", ARGS("--resume"), NULL);
    scene_check_whole(&s, "run", &o, "stdout closed");
    output_free(&o);
    o = program_run(&s.place,
                    &(request){.arguments = arguments, .broken_pipe = true, .broken_error = true});
    CHECKF(o.status == 1, "status %d", o.status);
    output_free(&o);
    scene_close(&s);
}

static process start_long(const scene *s) {
    process p = scene_start(s, "run", ARGS("--threads", "1", "--save-every", "1000"), NULL);
    while (!place_has(&s->place, "run/last.safetensors"))
        sleep_microseconds(1000);
    return p;
}

/* The kernel hangs up, and then the shell once more. */
CASE(signals, hanging_up_twice_is_hanging_up) {
    const scene s = scene_open(2000);
    process p = start_long(&s);
    for (size_t i = 0; i < 5; i++)
        kill(p.child, SIGHUP);
    output o = program_wait(&p);
    check_stopped(&s, SIGHUP, &o, "five SIGHUPs");
    output_free(&o);
    scene_close(&s);
}

CASE(signals, under_nohup_hanging_up_stops_nothing) {
    const scene s = scene_open(1000);
    process p = program_start(
        &s.place,
        &(request){.program = "/bin/sh",
                   .arguments =
                       ARGS("-c", "trap '' HUP; exec \"$0\" train e.yaml --run run", ISB_PROGRAM)});
    while (!place_has(&s.place, "run/last.safetensors"))
        sleep_microseconds(1000);
    kill(p.child, SIGHUP);
    output o = program_wait(&p);
    scene_check_whole(&s, "run", &o, "nohup");
    output_free(&o);
    scene_close(&s);
}

/* Closing the window hangs up: saved and stopped, as by SIGTERM. */
CASE(signals, a_closed_terminal_saves_and_stops) {
    const scene s = scene_open(2000);
    const process p = program_start(
        &s.place, &(request){.arguments = ARGS("train", "e.yaml", "--run", "run", "--threads", "1",
                                               "--save-every", "1000"),
                             .environment = ARGS("TERM=xterm"),
                             .terminal = true,
                             .session = true});
    while (!place_has(&s.place, "run/last.safetensors"))
        sleep_microseconds(1000);
    close(p.err);
    process rest = {.child = p.child, .out = p.out, .err = -1};
    output o = program_wait(&rest);
    CHECKF(o.status == 75, "status %d", o.status);
    output_free(&o);
    o = scene_train(&s, "run", ARGS("--resume"), NULL);
    scene_check_whole(&s, "run", &o, "the terminal was closed");
    output_free(&o);
    scene_close(&s);
}
