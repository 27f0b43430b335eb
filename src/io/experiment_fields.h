/* The tables of the experiment file. */
#ifndef ISB_IO_EXPERIMENT_FIELDS_H
#define ISB_IO_EXPERIMENT_FIELDS_H

#include "io/schema.h"
#include <isobit/experiment.h>

extern const isb_map isb_experiment_map;

/* Kinds of value that only the experiment file has: experiment_model.c, experiment_data.c,
 * experiment_table.c, experiment_callbacks.c. */
extern const isb_kind isb_kind_name;
extern const isb_kind isb_kind_source;
extern const isb_kind isb_kind_weights;
extern const isb_kind isb_kind_scale;
extern const isb_kind isb_kind_validation;
extern const isb_kind isb_kind_test;
extern const isb_kind isb_kind_test_seed;
extern const isb_kind isb_kind_label;
extern const isb_kind isb_kind_features;
extern const isb_kind isb_kind_names;
extern const isb_kind isb_kind_columns;
extern const isb_kind isb_kind_missing;
extern const isb_kind isb_kind_missing_policy;
extern const isb_kind isb_kind_separator;
extern const isb_kind isb_kind_decimal;
extern const isb_kind isb_kind_header;
extern const isb_kind isb_kind_class_weight;
extern const isb_kind isb_kind_model;
extern const isb_kind isb_kind_shape;
extern const isb_kind isb_kind_optimizer;
extern const isb_kind isb_kind_loss;
extern const isb_kind isb_kind_metrics;
extern const isb_kind isb_kind_callbacks;

/* What may stand in fit.callbacks. */
extern const isb_variants isb_callback_variants;

/* The long form of data.validation. */
typedef struct isb_validation_form {
    double fraction;
    int from; /* 0 stratified, 1 tail */
} isb_validation_form;

#endif
