#include "base/clock.h"
#include "cli/studying.h"
#include "cli/terminal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE = 512 };
static const double REDRAW_SECONDS = 0.1;

void isb_study_display_open(isb_study_display *display, const isb_options *options) {
    const bool silent = options->given[ISB_OPTION_QUIET] || options->given[ISB_OPTION_NO_PROGRESS];
    *display = (isb_study_display){
        .lines = !silent, .bar = !silent && isb_terminal_live(), .start = isb_clock_seconds()};
}

static void print_line(const char *line) {
    if (write(STDERR_FILENO, line, strlen(line)) < 0)
        return; /* nobody is watching any more */
}

/* "0:02", "1:02:03"; "" where it is not known. */
static void print_left(const isb_study_display *display, double now, char out[64]) {
    out[0] = '\0';
    const double rate = display->done / (now - display->start);
    const double left = (display->work - display->done) / rate;
    if (!(rate > 0) || !(left >= 0) || left > 360000)
        return;
    const unsigned whole = (unsigned)(left + 0.5);
    if (whole < 3600)
        snprintf(out, 64, "  ETA %u:%02u", whole / 60, whole % 60);
    else
        snprintf(out, 64, "  ETA %u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
}

static void describe(const isb_outcome *outcome, isb_metric metric, char out[160]) {
    if (outcome->state == ISB_OUTCOME_DONE)
        snprintf(out, 160, "%s %.4f", isb_metric_name(metric), outcome->metrics[metric]);
    else
        snprintf(out, 160, "%.120s", outcome->message != NULL ? outcome->message : "failed");
}

void isb_study_display_run(isb_study_display *display, const char *label, uint64_t seed,
                           const isb_outcome *outcome, isb_metric metric, double work) {
    char line[LINE_SIZE], left[64], what[160];
    const double now = isb_clock_seconds();
    display->finished++;
    display->done += work;
    if (!display->lines || (display->bar && now - display->drawn < REDRAW_SECONDS &&
                            display->finished < display->runs))
        return;
    print_left(display, now, left);
    describe(outcome, metric, what);
    snprintf(line, sizeof line, "%srun %zu/%zu  %.60s, seed %llu: %s  %.2f s%s%s",
             display->bar ? "\r" : "", display->finished, display->runs, label,
             (unsigned long long)seed, what, outcome->seconds, left,
             display->bar ? "\x1b[K" : "\n");
    if (display->bar && isb_terminal_columns() < strlen(line))
        snprintf(line, sizeof line, "\rrun %zu/%zu%s\x1b[K", display->finished, display->runs,
                 left);
    print_line(line);
    display->drawn = now;
    display->dirty = display->bar;
}

void isb_study_display_clear(isb_study_display *display) {
    if (display->dirty)
        print_line("\r\x1b[K");
    display->dirty = false;
}
