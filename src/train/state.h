/* Weights and optimizer state as tensors, in and out. */
#ifndef ISB_TRAIN_STATE_H
#define ISB_TRAIN_STATE_H

#include "model/network.h"
#include <isobit/experiment.h>

/* Copies the weights, and with `optimizer` its state, in canonical order; behind them the scaling
 * of the inputs, where there is one. */
isb_status isb_state_export(const isb_network *network, const isb_optimizer *optimizer,
                            isb_tensors *out, isb_error *error);

/* The same the other way, without the scaling. Nothing is changed unless every tensor is right. */
isb_status isb_state_import(isb_network *network, const isb_optimizer *optimizer,
                            const isb_tensors *tensors, const char *from, isb_error *error);

/* Gives the network the scaling of its inputs that the tensors have. Nothing is changed unless they
 * are right. */
isb_status isb_scaling_import(isb_network *network, const isb_tensors *tensors, const char *from,
                              isb_error *error);

#endif
