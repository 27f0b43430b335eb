#include "base/clock.h"
#include "cli/studying.h"
#include "cli/terminal.h"
#include "study/figures.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LABEL_COLUMNS = 60 };
static const double REDRAW_SECONDS = 0.1;

void isb_study_display_open(isb_study_display *display, const isb_options *options) {
    const bool silent = options->given[ISB_OPTION_QUIET] || options->given[ISB_OPTION_NO_PROGRESS];
    *display = (isb_study_display){
        .lines = !silent, .bar = !silent && isb_terminal_live(), .start = isb_clock_seconds()};
}

static void print(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* nobody is watching any more */
}

/* In one go, so that other lines do not come between. */
static void print_line(const isb_study_display *display, const char *line) {
    isb_text whole = {0};
    isb_text_format(&whole, display->bar ? "\r%s\x1b[K" : "%s\n", line);
    if (!whole.failed)
        print(whole.data);
    free(whole.data);
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

static void put_line(isb_text *out, const isb_study_display *display, const char *label,
                     uint64_t seed, const isb_outcome *outcome, isb_metric metric) {
    char what[160];
    describe(outcome, metric, what);
    isb_text_format(out, "run %zu/%zu  ", display->finished, display->runs);
    isb_put_name(out, label, LABEL_COLUMNS, isb_terminal_utf8());
    isb_text_format(out, ", seed %llu: %s  %.2f s", (unsigned long long)seed, what,
                    outcome->seconds);
}

void isb_study_display_run(isb_study_display *display, const char *label, uint64_t seed,
                           const isb_outcome *outcome, isb_metric metric, double work) {
    char left[64];
    isb_text line = {0}, short_line = {0};
    const double now = isb_clock_seconds();
    display->finished++;
    display->done += work;
    if (!display->lines || (display->bar && now - display->drawn < REDRAW_SECONDS &&
                            display->finished < display->runs))
        return;
    print_left(display, now, left);
    put_line(&line, display, label, seed, outcome, metric);
    isb_text_add(&line, left);
    isb_text_format(&short_line, "run %zu/%zu%s", display->finished, display->runs, left);
    const bool fits = !line.failed && isb_columns(line.data) < isb_terminal_columns();
    const isb_text *shown = fits || !display->bar ? &line : &short_line;
    if (!shown->failed)
        print_line(display, shown->data);
    free(line.data);
    free(short_line.data);
    display->drawn = now;
    display->dirty = display->bar;
}

void isb_study_display_clear(isb_study_display *display) {
    if (display->dirty)
        print("\r\x1b[K");
    display->dirty = false;
}
