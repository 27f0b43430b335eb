#include "data/table_file.h"
#include "data/csv.h"
#include "data/preprocessing.h"
#include "data/table_dataset.h"
#include "data/table_reading.h"
#include <stdlib.h>
#include <string.h>

static isb_status check_scale(const isb_experiment *experiment, isb_error *error) {
    const isb_scale_kind kind = experiment->scale_kind;
    const bool divided = kind == ISB_SCALE_BY && experiment->scale != 1;
    if (!divided && !isb_scales_features(kind))
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "data.scale: is for images and other arrays; the numbers of a table are scaled "
                    "by data.features.standardize");
}

isb_status isb_table_file_read(isb_frame *out, char sha256[65], const isb_experiment *experiment,
                               const isb_preprocessing *fitted, size_t threads, isb_error *error) {
    isb_table_reading reading;
    *out = (isb_frame){0};
    isb_status status = isb_table_reading_make(&reading, experiment, fitted, threads, error);
    if (status == ISB_OK)
        status = isb_csv_read(out, experiment->source, &reading.options, error);
    isb_table_reading_free(&reading);
    return status == ISB_OK ? isb_frame_digest(out, sha256, error) : status;
}

/* `spent` is the frame where nobody else needs it, or NULL. */
static isb_status make(isb_dataset *out, const isb_frame *frame, isb_frame *spent,
                       const isb_experiment *experiment, const isb_preparation *preparation,
                       isb_preprocessing *fitted, isb_error *error) {
    const isb_table_use use = {.labels = preparation->labels,
                               .whole = preparation->whole,
                               .rows_may_go = !preparation->every_row,
                               .spent = spent};
    out->source = strdup(experiment->source);
    return out->source == NULL ? isb_fail_memory(error, "a path")
                               : isb_table_dataset(out, frame, experiment, fitted, &use, error);
}

isb_status isb_table_file_make(isb_dataset *out, const isb_frame *frame, const char sha256[65],
                               const isb_experiment *experiment, isb_error *error) {
    const isb_preparation preparation = {.labels = true};
    *out = (isb_dataset){.source = NULL};
    memcpy(out->sha256, sha256, sizeof out->sha256);
    isb_status status = check_scale(experiment, error);
    if (status == ISB_OK)
        status = make(out, frame, NULL, experiment, &preparation, NULL, error);
    if (status != ISB_OK)
        isb_dataset_free(out);
    return status;
}

isb_status isb_table_file_open(isb_dataset *out, const isb_experiment *experiment,
                               const isb_preparation *preparation, isb_error *error) {
    isb_preprocessing read = {0};
    isb_preprocessing *fitted = preparation->fitted != NULL ? &read : NULL;
    isb_frame frame = {0};
    isb_status status = check_scale(experiment, error);
    if (status == ISB_OK && fitted != NULL)
        status = isb_preprocessing_read(fitted, preparation->fitted, preparation->from, error);
    if (status == ISB_OK)
        status = isb_table_file_read(&frame, out->sha256, experiment, fitted, preparation->threads,
                                     error);
    if (status == ISB_OK)
        status = make(out, &frame, &frame, experiment, preparation, fitted, error);
    isb_frame_free(&frame);
    isb_preprocessing_free(&read);
    return status;
}
