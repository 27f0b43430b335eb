#include "data/targets.h"
#include <stdlib.h>

static isb_status make_targets(isb_table *table, isb_error *error) {
    if (table->rows == 0 || table->targets != NULL)
        return ISB_OK;
    table->targets = malloc(table->rows * sizeof *table->targets);
    if (table->targets == NULL)
        return isb_fail_memory(error, "targets");
    table->target_width = 1;
    for (size_t i = 0; i < table->rows; i++)
        table->targets[i] = (float)table->labels[i];
    return ISB_OK;
}

isb_status isb_targets_prepare(isb_dataset *dataset, const isb_experiment *experiment,
                               isb_error *error) {
    if (!isb_is_regression(experiment->loss)) {
        if (dataset->train.labels != NULL || dataset->train.rows == 0)
            return ISB_OK;
        return isb_fail(error, ISB_DATA,
                        "%s: its labels are numbers to come near to, not classes, which the loss "
                        "%s needs; use loss: mean_squared_error, a linear output, and metrics: "
                        "[mean_absolute_error]",
                        dataset->source, isb_loss_name(experiment->loss));
    }
    isb_status status = make_targets(&dataset->train, error);
    return status == ISB_OK ? make_targets(&dataset->test, error) : status;
}

isb_status isb_targets_check(const isb_dataset *dataset, const isb_experiment *experiment,
                             size_t outputs, isb_error *error) {
    const size_t width = dataset->train.target_width;
    if (!isb_is_regression(experiment->loss))
        return isb_dataset_check_labels(dataset, outputs, error);
    if (dataset->test.rows > 0 && dataset->test.target_width != width)
        return isb_fail(error, ISB_DATA,
                        "%s: the test part has %zu targets a row, the train part %zu; both need "
                        "the same",
                        dataset->source, dataset->test.target_width, width);
    if (width == outputs)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "the output layer has %zu unit%s, but %s has %zu target%s a row; give it "
                    "units: %zu",
                    outputs, outputs == 1 ? "" : "s", dataset->source, width, width == 1 ? "" : "s", width);
}
