#include "study/study_data.h"
#include "data/prepare.h"
#include "data/table_file.h"
#include "data/table_reading.h"
#include "data/targets.h"
#include "io/safetensors.h"
#include "io/text.h"
#include <stdlib.h>
#include <string.h>

/* --- one of a kind --- */

static isb_status put_form(isb_text *form, const isb_experiment *experiment, isb_error *error) {
    isb_table_reading reading;
    const isb_status status = isb_table_reading_make(&reading, experiment, NULL, 1, error);
    const isb_frame_options *options = &reading.options;
    isb_text_format(form, "separator %d, header %d, decimal %d", options->separator,
                    options->header, options->decimal_comma);
    for (size_t i = 0; status == ISB_OK && i < options->missing_count; i++)
        isb_text_format(form, "\nmissing %s", options->missing[i]);
    for (size_t i = 0; status == ISB_OK && i < options->text_count; i++)
        isb_text_format(form, "\ntext %s", options->texts[i]);
    isb_table_reading_free(&reading);
    return status;
}

/* Everything that decides how the source is read, as text to be freed. */
static isb_status make_form(char **out, const isb_experiment *experiment, isb_error *error) {
    isb_text form = {0};
    isb_status status = ISB_OK;
    isb_text_add(&form, "");
    if (isb_source_is_table(experiment->source))
        status = put_form(&form, experiment, error);
    if (status == ISB_OK && form.failed)
        status = isb_fail_memory(error, "the form of a table");
    if (status != ISB_OK)
        free(form.data);
    *out = status == ISB_OK ? form.data : NULL;
    return status;
}

static size_t find_set(const isb_study_data *data, const char *source, const char *form) {
    size_t i = 0;
    while (i < data->count && (strcmp(data->sets[i].dataset.source, source) != 0 ||
                               strcmp(data->sets[i].form, form) != 0))
        i++;
    return i;
}

static size_t find_weights(const isb_study_data *data, const char *path) {
    size_t i = 0;
    while (i < data->weights_count && strcmp(data->weights[i].path, path) != 0)
        i++;
    return i;
}

/* --- opening --- */

/* Of arrays the whole source: a run that splits a test part off it prepares its own data. */
static isb_status open_arrays(isb_study_set *set, const isb_experiment *experiment, size_t threads,
                              isb_error *error) {
    const isb_preparation preparation = {.labels = true, .threads = threads};
    isb_experiment whole = *experiment; /* everything in it is borrowed */
    whole.test_fraction = 0;
    return isb_dataset_prepare(&set->dataset, &whole, &preparation, error);
}

static isb_status open_table(isb_study_set *set, const isb_experiment *experiment, size_t threads,
                             isb_error *error) {
    set->dataset.source = strdup(experiment->source);
    return set->dataset.source == NULL ? isb_fail_memory(error, "a path")
                                       : isb_table_file_read(&set->frame, set->dataset.sha256,
                                                             experiment, NULL, threads, error);
}

/* Takes the form over. */
static isb_status open_set(isb_study_data *data, const isb_experiment *experiment, char *form,
                           size_t threads, isb_error *error) {
    isb_study_set *set = &data->sets[data->count++];
    set->form = form;
    return isb_source_is_table(experiment->source) ? open_table(set, experiment, threads, error)
                                                   : open_arrays(set, experiment, threads, error);
}

static isb_status digest(isb_study_weights *weights, isb_error *error) {
    isb_sha256 hash;
    isb_sha256_open(&hash);
    for (size_t i = 0; i < weights->tensors.count; i++) {
        const isb_tensor *tensor = &weights->tensors.items[i];
        if (!isb_tensor_is_weights(tensor->name))
            continue;
        isb_sha256_add(&hash, tensor->name, strlen(tensor->name) + 1);
        isb_sha256_add(&hash, tensor->shape.sizes, tensor->shape.rank * sizeof(size_t));
        isb_sha256_add(&hash, tensor->data, isb_shape_size(tensor->shape) * sizeof(float));
    }
    return isb_sha256_close(&hash, weights->sha256, error);
}

static isb_status read_weights(isb_study_data *data, const char *path, isb_error *error) {
    isb_study_weights *weights = &data->weights[data->weights_count];
    isb_status status = isb_safetensors_read(&weights->tensors, NULL, path, false, error);
    if (status != ISB_OK)
        return status;
    data->weights_count++;
    weights->path = strdup(path);
    return weights->path == NULL ? isb_fail_memory(error, path) : digest(weights, error);
}

/* --- the variants, one after the other --- */

/* `threads` to open with what is not there yet; 0: nothing is opened. */
static isb_status take_set(isb_study_data *data, const isb_experiment *experiment, size_t threads,
                           isb_study_input *out, isb_error *error) {
    char *form;
    isb_status status = make_form(&form, experiment, error);
    if (status != ISB_OK)
        return status;
    const size_t set = find_set(data, experiment->source, form);
    out->set = &data->sets[set];
    out->own = isb_data_depend(experiment);
    if (threads > 0 && set == data->count)
        status = open_set(data, experiment, form, threads, error);
    else
        free(form);
    if (status == ISB_OK && threads > 0 && !out->own)
        status = isb_targets_prepare(&data->sets[set].dataset, experiment, error);
    return status;
}

static isb_status take_weights(isb_study_data *data, const isb_experiment *experiment,
                               size_t threads, isb_study_input *out, isb_error *error) {
    const char *path = experiment->model_weights;
    if (path == NULL)
        return ISB_OK;
    const size_t file = find_weights(data, path);
    out->weights = &data->weights[file];
    return threads > 0 && file == data->weights_count ? read_weights(data, path, error) : ISB_OK;
}

static isb_status take_all(isb_study_data *data, const isb_study *study, size_t threads,
                           isb_error *error) {
    isb_status status = ISB_OK;
    data->of_variant = calloc(study->variant_count + 1, sizeof *data->of_variant);
    if (data->of_variant == NULL)
        return isb_fail_memory(error, "the data sets");
    for (size_t v = 0; v < study->variant_count && status == ISB_OK; v++) {
        const char *text = study->variants[v].experiment;
        isb_experiment experiment;
        status = isb_experiment_parse(&experiment, text, strlen(text), "a variant of the study",
                                      NULL, 0, error);
        if (status == ISB_OK)
            status = take_set(data, &experiment, threads, &data->of_variant[v], error);
        if (status == ISB_OK)
            status = take_weights(data, &experiment, threads, &data->of_variant[v], error);
        isb_experiment_free(&experiment);
    }
    return status;
}

static bool is_used(const isb_study_data *data, const isb_study *study, const isb_study_set *set) {
    for (size_t v = 0; v < study->variant_count; v++)
        if (data->of_variant[v].set == set && !data->of_variant[v].own)
            return true;
    return false;
}

/* Where every run prepares its own data, the common ones need no memory. */
static void drop_unused(isb_study_data *data, const isb_study *study) {
    for (size_t i = 0; i < data->count; i++) {
        isb_dataset *dataset = &data->sets[i].dataset;
        if (is_used(data, study, &data->sets[i]))
            continue;
        isb_dataset name = {.source = dataset->source};
        memcpy(name.sha256, dataset->sha256, sizeof name.sha256);
        dataset->source = NULL;
        isb_dataset_free(dataset);
        *dataset = name;
    }
}

isb_status isb_study_data_open(isb_study_data *out, const isb_study *study, size_t threads,
                               isb_error *error) {
    *out = (isb_study_data){.sets = calloc(study->variant_count + 1, sizeof *out->sets),
                            .weights = calloc(study->variant_count + 1, sizeof *out->weights)};
    if (out->sets == NULL || out->weights == NULL)
        return isb_fail_memory(error, "the data sets");
    const isb_status status = take_all(out, study, threads, error);
    if (status == ISB_OK)
        drop_unused(out, study);
    return status;
}

isb_status isb_study_data_match(isb_study_data *data, const isb_study *study, isb_error *error) {
    return take_all(data, study, 0, error);
}

void isb_study_data_free(isb_study_data *data) {
    for (size_t i = 0; i < data->count; i++) {
        isb_dataset_free(&data->sets[i].dataset);
        isb_frame_free(&data->sets[i].frame);
        free(data->sets[i].form);
    }
    for (size_t i = 0; i < data->weights_count; i++) {
        free(data->weights[i].path);
        isb_tensors_free(&data->weights[i].tensors);
    }
    free(data->sets);
    free(data->weights);
    free(data->of_variant);
    *data = (isb_study_data){0};
}
