#include "data/prepare.h"
#include "data/targets.h"
#include "study/study_directory.h"
#include <stdlib.h>
#include <string.h>

/* The set of its source, opened if it is the first to name it. */
static isb_status find(isb_study_data *data, const isb_experiment *experiment, size_t *index,
                       isb_error *error) {
    const isb_preparation preparation = {.labels = true, .threads = 1};
    for (*index = 0; *index < data->count; ++*index)
        if (strcmp(data->sets[*index].source, experiment->source) == 0)
            return ISB_OK;
    isb_dataset *sets = realloc(data->sets, (data->count + 1) * sizeof *sets);
    if (sets == NULL)
        return isb_fail_memory(error, "the data sets");
    data->sets = sets;
    isb_status status = isb_dataset_prepare(&sets[data->count], experiment, &preparation, error);
    if (status == ISB_OK)
        data->count++;
    return status;
}

isb_status isb_study_data_open(isb_study_data *out, const isb_study *study, isb_error *error) {
    isb_status status = ISB_OK;
    *out = (isb_study_data){.of_variant = calloc(study->variant_count, sizeof *out->of_variant)};
    if (out->of_variant == NULL)
        return isb_fail_memory(error, "the data sets");
    for (size_t v = 0; v < study->variant_count && status == ISB_OK; v++) {
        const char *text = study->variants[v].experiment;
        isb_experiment experiment;
        status = isb_experiment_parse(&experiment, text, strlen(text), "a variant of the study",
                                      NULL, 0, error);
        if (status == ISB_OK)
            status = find(out, &experiment, &out->of_variant[v], error);
        if (status == ISB_OK)
            status = isb_targets_prepare(&out->sets[out->of_variant[v]], &experiment, error);
        isb_experiment_free(&experiment);
    }
    return status;
}

void isb_study_data_free(isb_study_data *data) {
    for (size_t i = 0; i < data->count; i++)
        isb_dataset_free(&data->sets[i]);
    free(data->sets);
    free(data->of_variant);
    *data = (isb_study_data){0};
}
