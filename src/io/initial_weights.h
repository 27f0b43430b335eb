/* The weights that an experiment starts from, where it names a file of them. */
#ifndef ISB_IO_INITIAL_WEIGHTS_H
#define ISB_IO_INITIAL_WEIGHTS_H

#include <isobit/trainer.h>

/* Reads `model_weights` into the trainer; without it the initial ones stay. ISB_CORRUPT: the file
 * is none, or does not fit. */
isb_status isb_initial_weights_read(isb_trainer *trainer, const isb_experiment *experiment,
                                    isb_error *error);

#endif
