/* A trained network applied to rows: probabilities and classes of each, and how right they are.
 * What comes out for a row is the same bits alone and among others, at any number of threads and on
 * any instruction set. */
#ifndef ISOBIT_PREDICTOR_H
#define ISOBIT_PREDICTOR_H

#include <isobit/dataset.h>
#include <isobit/error.h>
#include <isobit/experiment.h>
#include <isobit/model.h>
#include <isobit/tensors.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct isb_predictor isb_predictor;

typedef struct isb_predictor_config {
    const isb_experiment *experiment; /* says how features are scaled; borrowed */
    const isb_model *model;           /* borrowed; both must outlive the predictor */
    const isb_tensors *weights;       /* copied; tensors of other names are ignored */
    const char *from;                 /* where the weights are from, for messages */
    size_t threads;                   /* at least 1; changes no bit */
    const char *isa;                  /* "auto", "scalar", "avx2", ...; changes no bit */
} isb_predictor_config;

/* Errors: ISB_CORRUPT (weights that are not this model's, or not finite), ISB_USAGE (an ISA that
 * this machine lacks), ISB_NO_MEMORY. `*out` is released by isb_predictor_free. */
isb_status isb_predictor_create(isb_predictor **out, const isb_predictor_config *config,
                                isb_error *error);
void isb_predictor_free(isb_predictor *predictor);

/* The name of the instruction set in use. */
const char *isb_predictor_isa(const isb_predictor *predictor);

/* For each of `count` rows of the table, whose examples have the model's input shape: the class of
 * the largest output (of equal ones the first), and the softmax of the outputs, `count` times the
 * number of classes. It is the softmax that the model ends with, or, where the loss is taken from
 * logits, the one inside the loss. Labels are not looked at. Not finite outputs give NaN. */
void isb_predictor_predict(const isb_predictor *predictor, const isb_table *table,
                           const uint32_t *rows, size_t count, uint32_t *classes,
                           float *probabilities);

/* The same of a regression: the outputs, `count` times as many as the model has. */
void isb_predictor_outputs(const isb_predictor *predictor, const isb_table *table,
                           const uint32_t *rows, size_t count, float *outputs);

/* One class against all others. A ratio 0/0 is NaN. */
typedef struct isb_class_score {
    size_t support;   /* rows that are of the class */
    size_t predicted; /* rows that were taken for it */
    size_t hits;      /* rows that are both */
    double precision; /* hits / predicted */
    double recall;    /* hits / support */
    double f1;        /* 2 hits / (predicted + support): the harmonic mean of both */
} isb_class_score;

/* Above so many classes there is no confusion matrix. */
enum { ISB_CONFUSION_CLASSES = 1024 };

typedef struct isb_evaluation {
    size_t rows;
    double loss; /* the mean over the rows */
    double mae, mse, r2; /* of a regression, which has nothing of what follows */
    double accuracy;
    size_t classes;               /* 0: a regression */
    isb_class_score *by_class;    /* `classes` of them; owned */
    double precision, recall, f1; /* macro averages: over all classes alike, NaN counting as 0 */
    uint32_t *confusion; /* [class of the row][class predicted], row-major, or NULL; owned */
} isb_evaluation;

/* Scores `count` rows, at least one; their labels must be below the number of classes, or, for a
 * regression, they have a target for each output. The scores are those that training gives for the
 * same rows. ISB_NO_MEMORY. `out` is released by
 * isb_evaluation_free. */
isb_status isb_predictor_evaluate(const isb_predictor *predictor, const isb_table *table,
                                  const uint32_t *rows, size_t count, isb_evaluation *out,
                                  isb_error *error);
void isb_evaluation_free(isb_evaluation *evaluation);

#ifdef __cplusplus
}
#endif
#endif
