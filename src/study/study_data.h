/* What the runs of a study share: data sets, and files of weights to start from, each in memory
 * once. */
#ifndef ISB_STUDY_STUDY_DATA_H
#define ISB_STUDY_STUDY_DATA_H

#include "data/frame.h"
#include "io/sha256.h"
#include "study/study.h"
#include <isobit/dataset.h>
#include <isobit/tensors.h>

/* A source, in one of the forms that it can be read in. */
typedef struct isb_study_set {
    isb_dataset dataset; /* where nobody trains on it as it is, its source and digest alone */
    isb_frame frame;     /* of a table: what each run makes its own data of */
    char *form;          /* of a table: how it was read; else "" */
} isb_study_set;

/* A file that `model_weights` names. */
typedef struct isb_study_weights {
    char *path;
    isb_tensors tensors;
    char sha256[ISB_SHA256_SIZE]; /* of the names, shapes and values of the model's tensors */
} isb_study_weights;

/* Of a variant. */
typedef struct isb_study_input {
    const isb_study_set *set;
    bool own; /* what the data come to depends on the seed: each run prepares its own */
    const isb_study_weights *weights; /* NULL: it starts from initial ones */
} isb_study_input;

typedef struct isb_study_data {
    isb_study_set *sets; /* room for one more than there are, which stays empty */
    size_t count;
    isb_study_weights *weights; /* the same */
    size_t weights_count;
    isb_study_input *of_variant;
} isb_study_data;

/* Opens every data set that a variant names and reads every file of weights. `threads` to read
 * with. */
isb_status isb_study_data_open(isb_study_data *out, const isb_study *study, size_t threads,
                               isb_error *error);

/* Finds the inputs of the variants among those that `data` has already, by their names; one that
 * is not there has no digest. */
isb_status isb_study_data_match(isb_study_data *data, const isb_study *study, isb_error *error);

void isb_study_data_free(isb_study_data *data);

#endif
