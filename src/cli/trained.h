/* What was trained, as the command line names it: a run directory or a model file. */
#ifndef ISB_CLI_TRAINED_H
#define ISB_CLI_TRAINED_H

#include "io/safetensors.h"
#include "io/sha256.h"
#include <isobit/experiment.h>

/* A model file of Isobit's. */
typedef struct isb_model_file {
    isb_tensors tensors;
    isb_metadata metadata;
    const char *experiment; /* resolved, as text; within the metadata */
} isb_model_file;

/* ISB_CORRUPT: damaged, not Isobit's, or not there. Released by isb_model_file_free. */
isb_status isb_model_file_read(isb_model_file *out, const char *path, isb_error *error);
void isb_model_file_free(isb_model_file *file);

/* Whether `path` names a directory, which must then be a run's. */
bool isb_trained_is_run(const char *path);

/* A trained network and what it was trained with. */
typedef struct isb_trained {
    char *path; /* of the model file */
    bool run;   /* it lies in a run directory */
    isb_model_file file;
    isb_experiment experiment; /* with the settings given laid over it */
    char weights_sha256[ISB_SHA256_SIZE];
    char data_sha256[ISB_SHA256_SIZE]; /* of the data it was trained on; of a run only */
} isb_trained;

/* ISB_CORRUPT: no model of Isobit's, of another numerics version, or not this run's; ISB_FAILURE: a
 * run without a model yet. Released by isb_trained_free. */
isb_status isb_trained_read(isb_trained *out, const char *path, const isb_setting *settings,
                            size_t setting_count, isb_error *error);
void isb_trained_free(isb_trained *trained);

#endif
