/* The data of an experiment, as its model takes them: opened, parted, and, where the experiment
 * says so, fitted. */
#ifndef ISB_DATA_PREPARE_H
#define ISB_DATA_PREPARE_H

#include <isobit/dataset.h>
#include <isobit/experiment.h>

typedef struct isb_preparation {
    const char *fitted; /* what a model file says of its features (data/preprocessing.h); NULL: fit
                           it on the rows that the experiment trains on */
    const char *from;   /* the model file, for messages */
    bool labels;        /* are looked at */
    bool whole;         /* no test part is split off: data of another source than trained on */
    bool every_row;     /* none may be left out */
    size_t threads;     /* to read with, at least 1; changes no bit */
} isb_preparation;

/* Whether the source is a table by its name: .csv, .tsv or .txt, with .gz or without. */
bool isb_source_is_table(const char *source);

/* Whether what the data come to depends on the experiment's seed and splits, and not on the source
 * alone. */
bool isb_data_depend(const isb_experiment *experiment);

/* ISB_DATA, ISB_USAGE where the experiment does not fit the data, ISB_CORRUPT where `fitted` makes
 * no sense. `out` is released by isb_dataset_free and empty after a failure. */
isb_status isb_dataset_prepare(isb_dataset *out, const isb_experiment *experiment,
                               const isb_preparation *preparation, isb_error *error);

#endif
