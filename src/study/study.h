/* A study: experiments that differ in a few keys, run with the same seeds, and what came out. */
#ifndef ISB_STUDY_STUDY_H
#define ISB_STUDY_STUDY_H

#include <isobit/error.h>
#include <isobit/experiment.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Something that varies: "placement", "rate", or a key of the experiment such as
 * "compile.optimizer.adam.learning_rate". */
typedef struct isb_axis {
    char *name;
    char **values; /* as the file has them, on one line */
    size_t count;
} isb_axis;

/* One way to set everything that varies. */
typedef struct isb_variant {
    char *label;      /* for people: "before, rate 0.2"; unique in the study */
    char **values;    /* one an axis, in their order; "" where the axis does not apply */
    char *experiment; /* resolved, as text; name and seed in it are the base's */
    bool named; /* of the list `variants` of the file, beside the axes: its label is its name */
} isb_variant;

/* Successive halving: after `epochs` epochs the best 1/reduce of the variants, by their mean over
 * the seeds, go on to reduce times as many epochs, and so on to fit.epochs. */
typedef struct isb_halving {
    size_t epochs; /* 0: every variant trains all its epochs */
    size_t reduce;
} isb_halving;

typedef struct isb_study {
    char *file; /* it was read from */
    char *name;
    isb_experiment base; /* where the file names none, the first variant's own */
    isb_axis *axes;
    size_t axis_count;
    isb_variant *variants; /* in the order of the axes, the last one fastest; then the named ones */
    size_t variant_count;
    uint64_t *seeds; /* in the order given, all different */
    size_t seed_count;
    isb_metric metric; /* to compare by */
    size_t baseline;   /* the variant that others are compared with */
    isb_halving halving;
    double seconds; /* that the whole study may take; 0: no limit */
} isb_study;

typedef enum isb_outcome_state {
    ISB_OUTCOME_MISSING, /* not run yet */
    ISB_OUTCOME_DONE,
    ISB_OUTCOME_DIVERGED,
    ISB_OUTCOME_FAILED,
    ISB_OUTCOME_ELIMINATED, /* by halving: done, but for fewer epochs than those that went on */
} isb_outcome_state;

/* The values of an epoch; NaN where not computed. */
typedef struct isb_curve_point {
    double metrics[ISB_METRICS]; /* by isb_metric */
} isb_curve_point;

/* What a run came to. */
typedef struct isb_outcome {
    isb_outcome_state state;
    size_t epochs;                   /* trained */
    size_t best_epoch;               /* whose weights and metrics these are */
    double metrics[ISB_METRICS];     /* by isb_metric; NaN where not computed */
    double test_loss, test_accuracy; /* NaN without a test part */
    double seconds;
    char weights_sha256[65];
    char *message;          /* why it is not done; NULL */
    isb_curve_point *curve; /* one an epoch */
} isb_outcome;

/* All outcomes: that of variant v with seed s is at v * seed_count + s. */
typedef struct isb_outcomes {
    isb_outcome *items;
    size_t count;
} isb_outcomes;

/* Everything in them is of malloc; what is left is empty. Also for what was only begun, if it began
 * as zeros. */
void isb_study_free(isb_study *study);
void isb_outcome_free(isb_outcome *outcome);
void isb_outcomes_free(isb_outcomes *outcomes);

#endif
