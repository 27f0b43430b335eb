#include "data/table_file.h"
#include "data/csv.h"
#include "data/preprocessing.h"
#include "data/table_dataset.h"
#include "data/table_reading.h"
#include <stdlib.h>
#include <string.h>

static isb_status check_scale(const isb_experiment *experiment, isb_error *error) {
    if (experiment->scale_kind != ISB_SCALE_BY || experiment->scale == 1)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "data.scale: is for images; the numbers of a table are scaled by "
                    "data.features.standardize");
}

static isb_status read_and_make(isb_dataset *out, const isb_experiment *experiment,
                                const isb_preparation *preparation, isb_preprocessing *fitted,
                                isb_error *error) {
    isb_table_reading reading;
    isb_frame frame = {0};
    isb_status status =
        isb_table_reading_make(&reading, experiment, fitted, preparation->threads, error);
    if (status == ISB_OK)
        status = isb_csv_read(&frame, experiment->source, &reading.options, error);
    isb_table_reading_free(&reading);
    if (status == ISB_OK)
        status = isb_frame_digest(&frame, out->sha256, error);
    const isb_table_use use = {.labels = preparation->labels,
                               .whole = preparation->whole,
                               .rows_may_go = !preparation->every_row};
    if (status == ISB_OK)
        status = isb_table_dataset(out, &frame, experiment, fitted, &use, error);
    isb_frame_free(&frame);
    return status;
}

isb_status isb_table_file_open(isb_dataset *out, const isb_experiment *experiment,
                               const isb_preparation *preparation, isb_error *error) {
    isb_preprocessing read = {0};
    isb_preprocessing *fitted = preparation->fitted != NULL ? &read : NULL;
    isb_status status = check_scale(experiment, error);
    if (status == ISB_OK && (out->source = strdup(experiment->source)) == NULL)
        status = isb_fail_memory(error, "a path");
    if (status == ISB_OK && fitted != NULL)
        status = isb_preprocessing_read(fitted, preparation->fitted, preparation->from, error);
    if (status == ISB_OK)
        status = read_and_make(out, experiment, preparation, fitted, error);
    isb_preprocessing_free(&read);
    return status;
}
