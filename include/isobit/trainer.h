/* Trains a model on a data set. The same experiment on the same data gives the same bits at any
 * number of threads and on any instruction set. */
#ifndef ISOBIT_TRAINER_H
#define ISOBIT_TRAINER_H

#include <isobit/dataset.h>
#include <isobit/error.h>
#include <isobit/experiment.h>
#include <isobit/model.h>
#include <isobit/tensors.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct isb_trainer isb_trainer;

/* Rows of the train part that are trained on and held out, ascending; see data/split.h. */
typedef struct isb_split {
    uint32_t *train;
    size_t train_rows;
    uint32_t *validation; /* rows of the train part, or of the test part under ISB_VALIDATION_TEST */
    size_t validation_rows;
} isb_split;

typedef struct isb_trainer_config {
    const isb_experiment *experiment; /* all borrowed; they must outlive the trainer */
    const isb_model *model;
    const isb_dataset *dataset;
    const isb_split *split;
    size_t threads;  /* at least 1; changes no bit */
    const char *isa; /* "auto", "scalar", "avx2", ...; changes no bit */
} isb_trainer_config;

/* Mean loss per row and the share of rows whose largest output is the label's. */
typedef struct isb_score {
    bool present;
    double loss;
    double accuracy;
} isb_score;

typedef struct isb_epoch_result {
    size_t epoch; /* from 1 */
    isb_score train;      /* as Keras shows it: dropout on, weights changing */
    isb_score train_eval; /* present if the metric was asked for */
    isb_score validation; /* present if there is a validation part */
    double learning_rate;
    double train_seconds; /* of the training steps alone */
    size_t steps;         /* done so far in all */
    bool diverged;        /* the loss became NaN or Inf at step `steps`; nothing was evaluated */
    bool stopped;         /* the observer ended the epoch early; nothing was evaluated */
} isb_epoch_result;

/* The state of the epoch under way, given to the observer after every step. */
typedef struct isb_progress {
    size_t epoch, step, steps; /* from 1; steps of one epoch */
    size_t rows;               /* trained on in this epoch so far */
    double loss;               /* running means over them */
    double accuracy;
} isb_progress;

/* Called by one thread between two steps; must be quick. A true return stops training after this step. */
typedef bool (*isb_observer)(void *context, const isb_progress *progress);

/* Initialises the weights from the seed. Errors: ISB_NO_MEMORY, ISB_USAGE (an ISA that this
 * machine lacks). `*out` is released by isb_trainer_free. */
isb_status isb_trainer_create(isb_trainer **out, const isb_trainer_config *config,
                              isb_error *error);
void isb_trainer_free(isb_trainer *trainer);

/* Trains one more epoch and evaluates what the experiment asks for. */
isb_status isb_trainer_epoch(isb_trainer *trainer, isb_observer observer, void *context,
                             isb_epoch_result *result, isb_error *error);

/* Scores rows of a table with dropout off; `rows` NULL means the first `count` in order. */
isb_status isb_trainer_evaluate(isb_trainer *trainer, const isb_table *table, const uint32_t *rows,
                                size_t count, isb_score *score, isb_error *error);

/* Copies weights (and the optimizer's state) out, in canonical order. */
isb_status isb_trainer_export(const isb_trainer *trainer, bool optimizer, isb_tensors *out,
                              isb_error *error);

/* Copies weights (and the optimizer's state) in. Every tensor of the model must be there with its shape
 * and finite values; tensors of other names are ignored. ISB_CORRUPT says which one is wrong. `from` names the
 * file, for messages. */
isb_status isb_trainer_import(isb_trainer *trainer, const isb_tensors *tensors, bool optimizer,
                              const char *from, isb_error *error);

/* Takes up training after `epochs` whole epochs (steps and powers of the optimizer follow). */
void isb_trainer_resume(isb_trainer *trainer, size_t epochs);

/* The name of the instruction set in use. */
const char *isb_trainer_isa(const isb_trainer *trainer);

#ifdef __cplusplus
}
#endif
#endif
