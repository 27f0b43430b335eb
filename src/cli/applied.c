#include "cli/applied.h"
#include "data/prepare.h"
#include "data/targets.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Its own data are those that the run was trained on. */
static isb_status check_own_data(const isb_applied *a, const char *path, isb_error *error) {
    if (strcmp(a->dataset.sha256, a->trained.data_sha256) == 0)
        return ISB_OK;
    return isb_fail(error, ISB_DATA,
                    "%s: is not what %s was trained on: the SHA-256 is %s, and was %s; to take "
                    "other data on purpose, give --data SOURCE",
                    a->dataset.source, path, a->dataset.sha256, a->trained.data_sha256);
}

/* Other data are taken as they are, a part of them only where that is asked for. */
static isb_status prepare_data(isb_applied *a, const isb_options *options, bool labels,
                               isb_error *error) {
    const bool whole = options->given[ISB_OPTION_DATA] && !options->given[ISB_OPTION_SPLIT];
    isb_thread_plan plan;
    isb_thread_plan_make(&plan, options->threads, 0);
    const isb_preparation preparation = {
        .fitted = isb_metadata_find(&a->trained.file.metadata, "preprocessing"),
        .from = a->trained.path,
        .labels = labels || !whole,
        .whole = whole,
        .every_row = !labels && whole,
        .threads = plan.threads,
    };
    const char *source = a->trained.experiment.source;
    if (isb_source_is_table(source) && preparation.fitted == NULL)
        return isb_fail(error, ISB_USAGE,
                        "%s: is a table, but %s was not trained on one, and does not know its "
                        "columns",
                        source, a->trained.path);
    return isb_dataset_prepare(&a->dataset, &a->trained.experiment, &preparation, error);
}

static isb_status open_data(isb_applied *a, const isb_options *options, bool labels,
                            isb_error *error) {
    isb_status status = prepare_data(a, options, labels, error);
    if (status == ISB_OK && !options->given[ISB_OPTION_DATA])
        status = check_own_data(a, options->file, error);
    if (status == ISB_OK)
        status = isb_model_build(&a->model, a->trained.experiment.layers,
                                 a->trained.experiment.layer_count, a->dataset.shape, error);
    if (status == ISB_OK && labels)
        status = isb_targets_prepare(&a->dataset, &a->trained.experiment, error);
    if (status == ISB_OK && labels)
        status = isb_targets_check(&a->dataset, &a->trained.experiment, a->model.outputs, error);
    if (status == ISB_OK)
        status = isb_part_choose(&a->part, &a->dataset, &a->trained.experiment, options, error);
    return status;
}

/* Multiply-adds of the forward pass of all rows, a bias counting as one. */
static size_t work(const isb_applied *a) {
    size_t product;
    return __builtin_mul_overflow(a->model.parameters, a->part.count, &product) ? SIZE_MAX
                                                                                : product;
}

isb_status isb_applied_create_predictor(isb_applied *a, const isb_options *options,
                                        isb_error *error) {
    isb_thread_plan_make(&a->plan, options->threads, work(a));
    const isb_predictor_config config = {
        .experiment = &a->trained.experiment,
        .model = &a->model,
        .weights = &a->trained.file.tensors,
        .from = a->trained.path,
        .threads = a->plan.threads,
        .isa = options->isa,
    };
    return isb_predictor_create(&a->predictor, &config, error);
}

isb_status isb_applied_prepare(isb_applied *out, const isb_options *options, bool labels,
                               isb_error *error) {
    *out = (isb_applied){0};
    isb_status status = isb_trained_read(&out->trained, options->file, options->settings,
                                         options->setting_count, error);
    if (status == ISB_OK && !out->trained.run && !options->given[ISB_OPTION_DATA])
        status = isb_fail(error, ISB_USAGE,
                          "%s: a model file alone brings no data; say which with --data SOURCE",
                          options->file);
    if (status == ISB_OK)
        status = open_data(out, options, labels, error);
    if (status == ISB_OK)
        status = isb_applied_create_predictor(out, options, error);
    if (status == ISB_OK && options->given[ISB_OPTION_VERBOSE])
        fprintf(stderr, "data sha256:%s\n%s; %s\n", out->dataset.sha256, out->plan.reason,
                isb_predictor_isa(out->predictor));
    return status;
}

void isb_applied_free(isb_applied *a) {
    isb_predictor_free(a->predictor);
    isb_part_free(&a->part);
    isb_model_free(&a->model);
    isb_dataset_free(&a->dataset);
    isb_trained_free(&a->trained);
}
