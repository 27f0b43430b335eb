#include "cli/part.h"
#include "data/split.h"
#include <stdlib.h>

/* Every row of the table. */
static isb_status take_all(isb_part *out, const char *name, const isb_table *table,
                           isb_error *error) {
    if (table->rows > UINT32_MAX)
        return isb_fail(error, ISB_DATA,
                        "the %s part has %zu rows, and at most 4294967295 can be used; take some "
                        "away",
                        name, table->rows);
    uint32_t *rows = malloc(table->rows * sizeof *rows);
    if (rows == NULL)
        return isb_fail_memory(error, "the order of the rows");
    for (size_t i = 0; i < table->rows; i++)
        rows[i] = (uint32_t)i;
    *out = (isb_part){name, table, rows, table->rows};
    return ISB_OK;
}

/* The rows that the experiment trains on or holds out. */
static isb_status take_split(isb_part *out, isb_split_part part, const isb_dataset *dataset,
                             const isb_experiment *experiment, isb_error *error) {
    isb_split split;
    const isb_status status = isb_split_make(&split, dataset, experiment, error);
    if (status != ISB_OK)
        return status;
    const bool tested = experiment->validation == ISB_VALIDATION_TEST;
    if (part == ISB_SPLIT_TRAIN) {
        *out = (isb_part){"train", &dataset->train, split.train, split.train_rows};
        split.train = NULL;
    } else {
        *out = (isb_part){"validation", tested ? &dataset->test : &dataset->train, split.validation,
                          split.validation_rows};
        split.validation = NULL;
    }
    isb_split_free(&split);
    return ISB_OK;
}

static isb_status take_named(isb_part *out, const isb_dataset *dataset,
                             const isb_experiment *experiment, isb_split_part part,
                             isb_error *error) {
    const bool tested = dataset->test.rows > 0;
    const bool validated = experiment->validation != ISB_VALIDATION_NONE;
    if (part == ISB_SPLIT_TEST && !tested)
        return isb_fail(error, ISB_USAGE, "--split test: %s brings no test part; give --split %s",
                        dataset->source, validated ? "validation or train" : "train");
    if (part == ISB_SPLIT_VALIDATION && !validated)
        return isb_fail(error, ISB_USAGE,
                        "--split validation: data.validation is none, so no rows are held out; "
                        "give --split %s",
                        tested ? "test or train" : "train");
    if (part == ISB_SPLIT_TEST)
        return take_all(out, "test", &dataset->test, error);
    return take_split(out, part, dataset, experiment, error);
}

isb_status isb_part_choose(isb_part *out, const isb_dataset *dataset,
                           const isb_experiment *experiment, const isb_options *options,
                           isb_error *error) {
    if (options->given[ISB_OPTION_SPLIT])
        return take_named(out, dataset, experiment, options->split, error);
    if (dataset->test.rows > 0)
        return take_all(out, "test", &dataset->test, error);
    if (options->given[ISB_OPTION_DATA])
        return take_all(out, "train", &dataset->train, error);
    if (experiment->validation != ISB_VALIDATION_NONE)
        return take_split(out, ISB_SPLIT_VALIDATION, dataset, experiment, error);
    return isb_fail(error, ISB_USAGE,
                    "there is neither a test part (%s brings none) nor a validation part "
                    "(data.validation is none); take the rows trained on with --split train, or "
                    "other data with --data SOURCE",
                    dataset->source);
}

void isb_part_free(isb_part *part) {
    free(part->rows);
    *part = (isb_part){0};
}
