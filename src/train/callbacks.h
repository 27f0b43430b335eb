/* What follows the metrics from epoch to epoch: fit.callbacks, by the rules of Keras's callbacks of
 * the same names. Arithmetic alone: who trains acts on what comes out. */
#ifndef ISB_TRAIN_CALLBACKS_H
#define ISB_TRAIN_CALLBACKS_H

#include <isobit/trainer.h>

typedef struct isb_callback_state {
    bool has_best;
    double best;       /* of the monitored metric */
    size_t best_epoch; /* from 1; 0: `best` is a threshold of the experiment */
    size_t wait;       /* epochs without improvement */
    size_t cooldown;   /* epochs of it that are left */
} isb_callback_state;

/* `states` and `learning_rate` are all that has to be saved: with them put back behind
 * isb_callbacks_start, everything goes on as if it had never been interrupted. */
typedef struct isb_callbacks {
    const isb_callback *items; /* borrowed from the experiment */
    size_t count;
    isb_callback_state states[ISB_CALLBACK_KINDS]; /* by kind */
    double learning_rate;                          /* of the next epoch */
    const isb_callback *stopped;                   /* the one that ended training; NULL: none */
} isb_callbacks;

typedef struct isb_callback_actions {
    /* By kind: the monitored metric is better than it ever was, so that early_stopping and
     * model_checkpoint keep these weights as their best. */
    bool improved[ISB_CALLBACK_KINDS];
    bool stop;
    bool reduced;         /* the learning rate */
    double learning_rate; /* of the next epoch */
} isb_callback_actions;

/* The one of that kind; NULL where the experiment has none. */
const isb_callback *isb_callback_find(const isb_experiment *experiment, isb_callback_kind kind);

/* Before the first epoch. */
void isb_callbacks_start(isb_callbacks *callbacks, const isb_experiment *experiment);

/* After each epoch that was trained to its end or diverged. */
void isb_callbacks_epoch(isb_callbacks *callbacks, const isb_epoch_result *result,
                         isb_callback_actions *actions);

#endif
