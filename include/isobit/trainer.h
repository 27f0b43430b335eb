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
    uint32_t
        *validation; /* rows of the train part, or of the test part under ISB_VALIDATION_TEST */
    size_t validation_rows;
} isb_split;

typedef struct isb_trainer_config {
    const isb_experiment *experiment; /* all borrowed; they must outlive the trainer */
    const isb_model *model;
    const isb_dataset *dataset;
    const isb_split *split;
    size_t threads;           /* at least 1; changes no bit */
    const char *isa;          /* "auto", "scalar", "avx2", ...; changes no bit */
    const volatile int *stop; /* once not 0 (a signal's handler may set it), training ends after the
                                 step under way and an evaluation is given up; NULL: never */
} isb_trainer_config;

/* Means over the rows. The last three are of a regression, accuracy is not. */
typedef struct isb_score {
    bool present;
    double loss;
    double accuracy; /* the share of rows whose largest output is the label's */
    double mae, mse; /* absolute and squared distances from the targets */
    double r2; /* 1 - squared distances from the targets / those of the targets from their mean */
} isb_score;

/* Where training stands. Nothing else than this, the weights and the optimizer's state is needed to
 * go on to the same bits: random streams are addressed, not carried along. */
typedef struct isb_position {
    size_t epochs; /* whole ones: trained on and evaluated */
    size_t step;   /* steps done of the epoch after them; all of them: its evaluation is due */
    double loss; /* of these steps: sum of each batch's sum of losses, in the order of the steps */
    uint64_t hits;            /* rows whose largest output was the label's */
    double absolute, squared; /* the errors of a regression, summed as the losses */
    double learning_rate;     /* in use */
} isb_position;

/* Where the first value that was no finite number arose. */
typedef struct isb_divergence {
    size_t step;    /* of the epoch, from 1: the one that was given up */
    char layer[32]; /* whose output it was; "": every output was finite, the loss was not */
    bool weights;   /* the layer's weights already were not finite */
    size_t row;     /* of the train part */
} isb_divergence;

typedef struct isb_epoch_result {
    size_t epoch;         /* from 1 */
    isb_score train;      /* as Keras shows it: dropout on, weights changing */
    isb_score train_eval; /* present if the metric was asked for */
    isb_score validation; /* present if there is a validation part */
    double learning_rate;
    double train_seconds;      /* of the training steps of this call alone */
    size_t rows;               /* trained on in this call */
    size_t steps;              /* done so far in all */
    bool diverged;             /* the loss became NaN or Inf; nothing was evaluated */
    isb_divergence divergence; /* where, if so */
    bool stopped; /* by the observer or the config's `stop`, before the epoch was whole; the next
                     call goes on with it */
} isb_epoch_result;

/* The state of the epoch under way, given to the observer after every step. */
typedef struct isb_progress {
    size_t epoch, step, steps; /* from 1; steps of one epoch */
    size_t rows;               /* trained on in this epoch so far */
    double loss;               /* running means over them */
    double accuracy;
    float batch_loss; /* sum over the rows of the last batch */
} isb_progress;

/* Called by one thread between two steps; must be quick. A true return stops training after this
 * step. */
typedef bool (*isb_observer)(void *context, const isb_progress *progress);

/* Initialises the weights from the seed, and fits what data.scale: standardize or minmax need on
 * the rows that are trained on. Errors: ISB_NO_MEMORY, ISB_USAGE (an ISA that this machine lacks),
 * ISB_DATA (values that nothing can be fitted on). `*out` is released by isb_trainer_free. */
isb_status isb_trainer_create(isb_trainer **out, const isb_trainer_config *config,
                              isb_error *error);
void isb_trainer_free(isb_trainer *trainer);

/* Trains the epoch that is next or under way to its end and evaluates what the experiment asks for.
 */
isb_status isb_trainer_epoch(isb_trainer *trainer, isb_observer observer, void *context,
                             isb_epoch_result *result, isb_error *error);

/* Scores rows of a table with dropout off; `rows` NULL means the first `count` in order. */
isb_status isb_trainer_evaluate(isb_trainer *trainer, const isb_table *table, const uint32_t *rows,
                                size_t count, isb_score *score, isb_error *error);

/* Copies weights (and the optimizer's state) out, in canonical order; behind them scaling.offset
 * and scaling.divisor, one value an input each, where every input is scaled by its own numbers. */
isb_status isb_trainer_export(const isb_trainer *trainer, bool optimizer, isb_tensors *out,
                              isb_error *error);

/* Copies weights (and the optimizer's state) in. Every tensor of the model must be there with its
 * shape and finite values; tensors of other names are ignored. ISB_CORRUPT says which one is wrong.
 * `from` names the file, for messages. */
isb_status isb_trainer_import(isb_trainer *trainer, const isb_tensors *tensors, bool optimizer,
                              const char *from, isb_error *error);

/* Under data.scale: model_weights, the scaling of the inputs that the tensors have; before anything
 * is trained. ISB_CORRUPT: they have none for this model. */
isb_status isb_trainer_import_scaling(isb_trainer *trainer, const isb_tensors *tensors,
                                      const char *from, isb_error *error);

void isb_trainer_position(const isb_trainer *trainer, isb_position *out);

/* Takes up training at a position, with the weights and the optimizer's state of then imported.
 * ISB_CORRUPT: no such position in this experiment. */
isb_status isb_trainer_resume(isb_trainer *trainer, const isb_position *position, isb_error *error);

/* From the next step on. */
void isb_trainer_set_learning_rate(isb_trainer *trainer, double learning_rate);

/* From the next epoch on; changes no bit. After ISB_NO_MEMORY the trainer is good for nothing but
 * isb_trainer_free. */
isb_status isb_trainer_set_threads(isb_trainer *trainer, size_t threads, isb_error *error);

size_t isb_trainer_steps_an_epoch(const isb_trainer *trainer);

/* The name of the instruction set in use. */
const char *isb_trainer_isa(const isb_trainer *trainer);

/* Whether the first layer passes over zeros of its inputs, because most of them are; no bit depends
 * on it. */
bool isb_trainer_passes_over_zeros(const isb_trainer *trainer);

#ifdef __cplusplus
}
#endif
#endif
