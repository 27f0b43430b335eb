/* Progress on standard error: a bar redrawn on a terminal, and a line for each finished epoch. */
#ifndef ISB_CLI_DISPLAY_H
#define ISB_CLI_DISPLAY_H

#include "cli/options.h"
#include "train/metric.h"
#include <isobit/trainer.h>

typedef struct isb_display {
    bool lines; /* of finished epochs */
    bool bar;
    bool color;
    bool utf8;
    isb_measure_set measures; /* shown only where the experiment asks for them */
    size_t epochs;            /* asked for in all */
    size_t seen;              /* steps observed in this run */
    double start;             /* seconds, when the first of them was done */
    size_t epoch;             /* under way, with its rows and time when its first step was done */
    size_t epoch_rows;
    double epoch_start;
    double drawn; /* when the bar was last drawn */
    bool dirty;   /* a bar stands on the terminal */
} isb_display;

void isb_display_open(isb_display *display, const isb_options *options,
                      const isb_experiment *experiment);

/* After a training step; returns at once unless a tenth of a second has passed since the last bar.
 */
void isb_display_step(isb_display *display, const isb_progress *progress);

/* The line of a finished epoch, which took `seconds`. */
void isb_display_epoch(isb_display *display, const isb_epoch_result *result, double seconds);

/* A line of its own between those of the epochs. */
void isb_display_note(isb_display *display, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes the bar off the terminal. */
void isb_display_clear(isb_display *display);

#endif
