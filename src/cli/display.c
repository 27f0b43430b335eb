#include "cli/display.h"
#include "cli/terminal.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_MOST = 20, BAR_LEAST = 8, FIELD_SIZE = 64, LINE_SIZE = 1024 };
static const double REDRAW_SECONDS = 0.1;

/* Coarse: a few nanoseconds to read, and a bar needs no better. */
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void isb_display_open(isb_display *display, const isb_options *options,
                      const isb_experiment *experiment) {
    bool silent = options->given[ISB_OPTION_QUIET] || options->given[ISB_OPTION_NO_PROGRESS];
    *display = (isb_display){
        .lines = !silent,
        .bar = !silent && isb_terminal_live(),
        .color = isb_terminal_color(options->color),
        .utf8 = isb_terminal_utf8(),
        .measures = isb_measures_of(experiment),
        .epochs = experiment->epochs,
    };
}

static int digits(size_t n) {
    int count = 1;
    for (; n >= 10; n /= 10)
        count++;
    return count;
}

/* "950", "412k", "1.2M" */
static void print_rate(char out[FIELD_SIZE], double rate) {
    if (rate < 1e3)
        snprintf(out, FIELD_SIZE, "  %.0f rows/s", rate);
    else if (rate < 1e6)
        snprintf(out, FIELD_SIZE, "  %.0fk rows/s", rate / 1e3);
    else
        snprintf(out, FIELD_SIZE, "  %.1fM rows/s", rate / 1e6);
}

/* "0:02", "1:02:03" */
static void print_eta(char out[FIELD_SIZE], double seconds) {
    if (seconds >= 360000) {
        snprintf(out, FIELD_SIZE, "  ETA > 99 h");
        return;
    }
    unsigned whole = (unsigned)(seconds + 0.5);
    if (whole < 3600)
        snprintf(out, FIELD_SIZE, "  ETA %u:%02u", whole / 60, whole % 60);
    else
        snprintf(out, FIELD_SIZE, "  ETA %u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
}

enum field { PERCENT, STEPS, LOSS, ACCURACY, RATE, ETA, FIELDS };

/* An empty field is not shown: the speeds are unknown until a second step is done. */
static void fill_fields(const isb_display *display, const isb_progress *progress, double time,
                        char fields[FIELDS][FIELD_SIZE]) {
    memset(fields, 0, FIELDS * (size_t)FIELD_SIZE);
    snprintf(fields[PERCENT], FIELD_SIZE, " %3.0f%%",
             100.0 * (double)progress->step / (double)progress->steps);
    snprintf(fields[STEPS], FIELD_SIZE, "  %*zu/%zu", digits(progress->steps), progress->step,
             progress->steps);
    snprintf(fields[LOSS], FIELD_SIZE, "  loss %.4f", progress->loss);
    if (isb_measures_have(display->measures, ISB_MEASURE_ACCURACY))
        snprintf(fields[ACCURACY], FIELD_SIZE, "  acc %.3f", progress->accuracy);
    if (time > display->epoch_start && progress->rows > display->epoch_rows)
        print_rate(fields[RATE],
                   (double)(progress->rows - display->epoch_rows) / (time - display->epoch_start));
    if (display->seen > 1 && time > display->start) {
        double left = (double)(progress->steps - progress->step) +
                      (double)(display->epochs - progress->epoch) * (double)progress->steps;
        print_eta(fields[ETA], left * (time - display->start) / (double)(display->seen - 1));
    }
}

/* Empties the fields that matter least until `room` columns hold the rest; returns their width. */
static size_t fit_fields(char fields[FIELDS][FIELD_SIZE], size_t room) {
    static const enum field dispensable[] = {RATE, STEPS, ACCURACY, ETA, LOSS, PERCENT};
    size_t width = 0;
    for (size_t i = 0; i < FIELDS; i++)
        width += strlen(fields[i]);
    for (size_t i = 0; i < FIELDS && width > room; i++) {
        width -= strlen(fields[dispensable[i]]);
        fields[dispensable[i]][0] = '\0';
    }
    return width;
}

static void append(char line[LINE_SIZE], size_t *used, const char *text) {
    size_t length = strlen(text);
    if (*used + length < LINE_SIZE) {
        memcpy(line + *used, text, length + 1);
        *used += length;
    }
}

static void append_bar(const isb_display *display, char line[LINE_SIZE], size_t *used,
                       size_t columns, double done) {
    size_t halves = (size_t)(done * (double)columns * 2);
    if (display->color)
        append(line, used, "\x1b[32m");
    for (size_t i = 0; i < columns; i++) {
        if (i == halves / 2 && display->color)
            append(line, used, "\x1b[2;39m");
        if (i < halves / 2)
            append(line, used, display->utf8 ? "━" : "=");
        else if (i == halves / 2 && halves % 2 == 1)
            append(line, used, display->utf8 ? "╸" : "-");
        else
            append(line, used, display->utf8 ? "─" : ".");
    }
    if (display->color)
        append(line, used, "\x1b[0m");
}

static void write_line(const char *line, size_t length) {
    if (write(STDERR_FILENO, line, length) < 0)
        return; /* nobody is watching any more; training matters more */
}

static void draw(isb_display *display, const isb_progress *progress, double time) {
    char line[LINE_SIZE], label[FIELD_SIZE], fields[FIELDS][FIELD_SIZE];
    size_t used = 0, columns = isb_terminal_columns();
    snprintf(label, sizeof label, "epoch %*zu/%zu ", digits(display->epochs), progress->epoch,
             display->epochs);
    fill_fields(display, progress, time, fields);
    size_t fixed = strlen(label) + 1; /* the last column stays free, lest the terminal wrap */
    display->drawn = time;
    if (columns <= fixed)
        return;
    size_t width =
        fit_fields(fields, columns > fixed + BAR_LEAST ? columns - fixed - BAR_LEAST : 0);
    size_t room = columns > fixed + width ? columns - fixed - width : 0;

    append(line, &used, "\r");
    append(line, &used, label);
    append_bar(display, line, &used, room < BAR_MOST ? room : BAR_MOST,
               (double)progress->step / (double)progress->steps);
    for (size_t i = 0; i < FIELDS; i++)
        append(line, &used, fields[i]);
    append(line, &used, "\x1b[K");
    write_line(line, used);
    display->dirty = true;
}

void isb_display_step(isb_display *display, const isb_progress *progress) {
    if (!display->bar)
        return;
    double time = now();
    if (display->seen++ == 0)
        display->start = time;
    if (progress->epoch != display->epoch) {
        display->epoch = progress->epoch;
        display->epoch_rows = progress->rows;
        display->epoch_start = time;
    }
    if (time - display->drawn >= REDRAW_SECONDS)
        draw(display, progress, time);
}

static void append_score(const isb_display *display, char line[LINE_SIZE], size_t *used,
                         const char *prefix, const isb_score *score) {
    char text[2 * FIELD_SIZE];
    for (int m = 0; score->present && m < ISB_MEASURES; m++) {
        const isb_measure measure = (isb_measure)m;
        if (!isb_measures_have(display->measures, measure))
            continue;
        snprintf(text, sizeof text, "  %s%s %.4f", prefix, isb_measure_name(measure),
                 isb_score_value(score, measure));
        append(line, used, text);
    }
}

void isb_display_epoch(isb_display *display, const isb_epoch_result *result, double seconds) {
    if (!display->lines)
        return;
    isb_display_clear(display);
    char line[LINE_SIZE], text[2 * FIELD_SIZE];
    size_t used = 0;
    snprintf(text, sizeof text, "epoch %*zu/%zu", digits(display->epochs), result->epoch,
             display->epochs);
    append(line, &used, text);
    append_score(display, line, &used, "", &result->train);
    append_score(display, line, &used, "train_eval_", &result->train_eval);
    append_score(display, line, &used, "val_", &result->validation);
    snprintf(text, sizeof text, "  %.2f s\n", seconds);
    append(line, &used, text);
    write_line(line, used);
}

void isb_display_note(isb_display *display, const char *format, ...) {
    char line[LINE_SIZE];
    if (!display->lines)
        return;
    isb_display_clear(display);
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    const size_t used = (size_t)length < sizeof line - 1 ? (size_t)length : sizeof line - 2;
    line[used] = '\n';
    write_line(line, used + 1);
}

void isb_display_clear(isb_display *display) {
    if (display->dirty)
        write_line("\r\x1b[K", 4);
    display->dirty = false;
}
