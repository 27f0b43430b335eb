/* A training run of the command line: what it holds, and its stages. */
#ifndef ISB_CLI_TRAINING_H
#define ISB_CLI_TRAINING_H

#include "cli/display.h"
#include "cpu/threads.h"
#include "io/result.h"
#include "io/run_directory.h"
#include <time.h>

/* Everything a training run holds, in the order in which it comes to be. */
typedef struct isb_training {
    const isb_options *options;
    const char *command_line;
    isb_experiment experiment;
    isb_dataset dataset;
    isb_model model;
    isb_split split;
    isb_thread_plan plan;
    isb_trainer *trainer;
    isb_run run;
    bool run_open;
    isb_history history;
    isb_display display;
    isb_result result;
    size_t rows, steps; /* trained on, in this run */
    double train_seconds;
    time_t started;
} isb_training;

/* Reads and checks everything and makes the trainer stand where the run stands; nothing is written.
 */
isb_status isb_training_prepare(isb_training *training, isb_error *error);

/* Experiment, data, model and split alone. */
isb_status isb_training_load(isb_training *training, isb_error *error);

/* Multiply-adds of a training step of `rows` rows: a dense layer's forward pass, the gradient of
 * its kernel, and, but for the first one, the gradient of its input. SIZE_MAX on overflow. */
size_t isb_training_work(const isb_training *training, size_t rows);

/* Trains the epochs that are left and saves the state after each. ISB_DIVERGED at the first value
 * that is not finite; the last finite state stays saved. */
isb_status isb_training_epochs(isb_training *training, isb_error *error);

/* Scores the test part, where there is one. */
isb_status isb_training_test(isb_training *training, isb_error *error);

/* A line for the user on standard error, unless --quiet. */
void isb_training_note(const isb_training *training, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void isb_training_free(isb_training *training);

#endif
