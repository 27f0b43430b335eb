#include "study/study_setup.h"
#include "data/prepare.h"
#include "data/split.h"
#include "data/table_file.h"
#include "data/targets.h"
#include <stdio.h>
#include <string.h>

static isb_status read_experiment(isb_study_setup *out, const isb_study_task *task,
                                  isb_error *error) {
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)task->seed);
    const isb_setting setting = {"the study's seed", "seed", seed};
    return isb_experiment_parse(&out->experiment, task->experiment, strlen(task->experiment),
                                "a variant of the study", &setting, 1, error);
}

/* A table is read once for all runs; which rows its features are fitted on depends on the seed. */
static isb_status prepare_own(isb_study_setup *out, const isb_study_set *set, isb_error *error) {
    const isb_preparation preparation = {.labels = true, .threads = 1};
    const isb_experiment *experiment = &out->experiment;
    return isb_source_is_table(experiment->source)
               ? isb_table_file_make(&out->own, &set->frame, set->dataset.sha256, experiment, error)
               : isb_dataset_prepare(&out->own, experiment, &preparation, error);
}

static isb_status take_data(isb_study_setup *out, const isb_study_task *task, isb_error *error) {
    const isb_study_set *set = task->input->set;
    out->dataset = &set->dataset;
    if (!task->input->own)
        return ISB_OK;
    out->dataset = &out->own;
    const isb_status status = prepare_own(out, set, error);
    return status == ISB_OK ? isb_targets_prepare(&out->own, &out->experiment, error) : status;
}

isb_status isb_study_setup_load(isb_study_setup *out, const isb_study_task *task,
                                isb_error *error) {
    isb_status status = read_experiment(out, task, error);
    if (status == ISB_OK)
        status = take_data(out, task, error);
    if (status == ISB_OK)
        status = isb_model_build(&out->model, out->experiment.layers, out->experiment.layer_count,
                                 out->dataset->shape, error);
    if (status == ISB_OK)
        status = isb_targets_check(out->dataset, &out->experiment, out->model.outputs, error);
    if (status == ISB_OK)
        status = isb_split_make(&out->split, out->dataset, &out->experiment, error);
    if (status == ISB_OK && task->epochs > 0 && task->epochs < out->experiment.epochs)
        out->experiment.epochs = task->epochs;
    return status;
}

isb_status isb_study_setup_make(isb_study_setup *out, const isb_study_task *task,
                                isb_error *error) {
    isb_status status = isb_study_setup_load(out, task, error);
    if (status != ISB_OK)
        return status;
    const isb_trainer_config config = {.experiment = &out->experiment,
                                       .model = &out->model,
                                       .dataset = out->dataset,
                                       .split = &out->split,
                                       .threads = task->threads,
                                       .isa = task->isa,
                                       .stop = task->stop};
    status = isb_trainer_create(&out->trainer, &config, error);
    const isb_study_weights *weights = task->input->weights;
    if (status == ISB_OK && weights != NULL)
        status = isb_trainer_import(out->trainer, &weights->tensors, false, weights->path, error);
    return status;
}

void isb_study_setup_free(isb_study_setup *setup) {
    isb_trainer_free(setup->trainer);
    isb_split_free(&setup->split);
    isb_model_free(&setup->model);
    isb_dataset_free(&setup->own);
    isb_experiment_free(&setup->experiment);
}
