/* A training run of the command line: what it holds, and its stages. */
#ifndef ISB_CLI_TRAINING_H
#define ISB_CLI_TRAINING_H

#include "cli/display.h"
#include "cpu/threads.h"
#include "io/result.h"
#include "io/run_directory.h"
#include "io/saver.h"
#include "io/trace.h"
#include "train/callbacks.h"
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
    isb_callbacks callbacks;
    isb_tensors best[ISB_CALLBACK_KINDS]; /* weights that a callback keeps, by kind */
    isb_trace trace;                      /* of the epoch under way */
    isb_saver saver;
    bool saving;     /* the saver is open */
    bool saved;      /* a state of this run is on the disk */
    bool waiting;    /* epochs were finished since the last save */
    bool improved;   /* best weights changed since then */
    isb_text events; /* lines that go with the next save */
    isb_display display;
    isb_result result;
    size_t save_steps;  /* between two saves; 0: epochs alone */
    size_t rows, steps; /* trained on, by this command */
    double train_seconds;
    double epoch_start, last_save; /* on the clock of base/clock.h */
    double save_seconds;           /* that the last save took of this thread */
    time_t started;
} isb_training;

/* Reads and checks everything and makes the trainer stand where the run stands; nothing is written.
 */
isb_status isb_training_prepare(isb_training *training, isb_error *error);

/* Experiment, data, model and split alone. */
isb_status isb_training_load(isb_training *training, isb_error *error);

/* The trainer, with the weights that the experiment starts from. */
isb_status isb_training_create(isb_training *training, isb_error *error);

/* Trains the epochs that are left and saves the state after each, and between steps where that is
 * asked for or a signal came. ISB_DIVERGED at the first value that is not finite, the last finite
 * state stays saved; ISB_STOPPED, ISB_INTERRUPTED after a signal. */
isb_status isb_training_epochs(isb_training *training, isb_error *error);

/* Hands the state to the saver. */
isb_status isb_training_save(isb_training *training, isb_error *error);

/* After an epoch: its line of events.jsonl and those that callbacks add (`lines`), and the state,
 * unless saving costs too much and more will follow. `improved`: best weights changed. */
isb_status isb_training_save_epoch(isb_training *training, const isb_epoch_result *epoch,
                                   bool improved, isb_text *lines, isb_error *error);

/* Copies the weights that a callback of this kind keeps. */
isb_status isb_training_keep_best(isb_training *training, isb_callback_kind kind, isb_error *error);

/* Takes up the best weights among the tensors of a state. */
isb_status isb_training_load_best(isb_training *training, const isb_tensors *state,
                                  isb_error *error);

/* After the last epoch: under restore_best_weights the weights and the metrics of the best one are
 * those of the run. */
isb_status isb_training_end(isb_training *training, isb_error *error);

/* Says where training went wrong. */
isb_status isb_training_fail_diverged(isb_training *training, size_t epoch, size_t step,
                                      const char *what, isb_error *error);

/* Scores the test part, where there is one. */
isb_status isb_training_test(isb_training *training, isb_error *error);

void isb_training_free(isb_training *training);

#endif
