#include "cli/note.h"
#include "cli/signals.h"
#include "cli/target.h"
#include "cli/training.h"
#include "data/prepare.h"
#include "data/preprocessing.h"
#include "data/split.h"
#include "data/targets.h"
#include "io/initial_weights.h"
#include "io/text.h"
#include "model/work.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static isb_status check_target(const isb_training *t, isb_error *error) {
    const isb_status status = isb_target_check(t->options, t->experiment.loss, error);
    if (status != ISB_OK || !t->options->given[ISB_OPTION_MIN_ACCURACY] ||
        t->dataset.test.rows > 0 || t->split.validation_rows > 0)
        return status;
    return isb_fail(error, ISB_USAGE,
                    "--min-accuracy has nothing to look at: %s brings no test part, and "
                    "data.validation is none",
                    t->dataset.source);
}

/* Writes out what the experiment left to the data, so that the resolved experiment says it. */
static void resolve(isb_training *t) {
    isb_experiment *experiment = &t->experiment;
    if (experiment->scale_kind == ISB_SCALE_DEFAULT) {
        const bool bytes = t->dataset.train.dtype == ISB_U8;
        experiment->scale_kind = bytes ? ISB_SCALE_BY : ISB_SCALE_NONE;
        experiment->scale = bytes ? 255.0 : 1.0;
    }
    if (experiment->layers[0].input_shape.rank == 0)
        experiment->layers[0].input_shape = t->dataset.shape;
}

static isb_status open_data(isb_training *t, isb_error *error) {
    isb_thread_plan plan;
    isb_thread_plan_make(&plan, t->options->threads, 0);
    const isb_preparation preparation = {.labels = true, .threads = plan.threads};
    return isb_dataset_prepare(&t->dataset, &t->experiment, &preparation, error);
}

/* Experiment, data, model and split, each checked against the one before. */
isb_status isb_training_load(isb_training *t, isb_error *error) {
    const isb_options *options = t->options;
    isb_status status = isb_experiment_read(&t->experiment, options->file, options->settings,
                                            options->setting_count, error);
    if (status == ISB_OK)
        status = open_data(t, error);
    if (status == ISB_OK)
        status = isb_model_build(&t->model, t->experiment.layers, t->experiment.layer_count,
                                 t->dataset.shape, error);
    if (status == ISB_OK)
        resolve(t);
    if (status == ISB_OK)
        status = isb_targets_prepare(&t->dataset, &t->experiment, error);
    if (status == ISB_OK)
        status = isb_targets_check(&t->dataset, &t->experiment, t->model.outputs, error);
    if (status == ISB_OK)
        status = isb_split_make(&t->split, &t->dataset, &t->experiment, error);
    return status == ISB_OK ? check_target(t, error) : status;
}

isb_status isb_training_create(isb_training *t, isb_error *error) {
    const size_t batch = t->experiment.batch_size, rows = t->split.train_rows;
    isb_thread_plan_make(&t->plan, t->options->threads,
                         isb_model_work(&t->model, batch < rows ? batch : rows));
    isb_trainer_config config = {
        .experiment = &t->experiment,
        .model = &t->model,
        .dataset = &t->dataset,
        .split = &t->split,
        .threads = t->plan.threads,
        .isa = t->options->isa,
        .stop = &isb_signals_flag,
    };
    isb_status status = isb_trainer_create(&t->trainer, &config, error);
    return status == ISB_OK ? isb_initial_weights_read(t->trainer, &t->experiment, error) : status;
}

/* --run, or runs/NAME where the name can be that of a directory. */
static isb_status run_path(const isb_training *t, char **path, isb_error *error) {
    const char *given = t->options->run, *name = t->experiment.name;
    if (given == NULL && (*name == '\0' || *name == '.' || strchr(name, '/') != NULL))
        return isb_fail(error, ISB_USAGE,
                        "the name '%s' cannot be that of a directory; say where with --run DIR",
                        name);
    size_t size = strlen("runs/") + strlen(given == NULL ? name : given) + 1;
    *path = malloc(size);
    if (*path == NULL)
        return isb_fail_memory(error, "the run's path");
    snprintf(*path, size, "%s%s", given == NULL ? "runs/" : "", given == NULL ? name : given);
    return ISB_OK;
}

static isb_status open_run(isb_training *t, isb_error *error) {
    char *path = NULL, *text = NULL, *preprocessing = NULL;
    isb_status status = run_path(t, &path, error);
    if (status == ISB_OK)
        status = isb_experiment_write(&t->experiment, &text, error);
    if (status == ISB_OK && t->dataset.preprocessing != NULL)
        status = isb_preprocessing_write(t->dataset.preprocessing, &preprocessing, error);
    if (status == ISB_OK) {
        const bool *given = t->options->given;
        isb_run_request request = {
            .path = path,
            .mode = given[ISB_OPTION_RESUME]  ? ISB_RUN_RESUME
                    : given[ISB_OPTION_FORCE] ? ISB_RUN_FORCE
                                              : ISB_RUN_NORMAL,
            .experiment = text,
            .preprocessing = preprocessing,
            .data_sha256 = t->dataset.sha256,
            .epochs = t->experiment.epochs,
            .command = t->command_line,
        };
        status = isb_run_open(&t->run, &request, error);
        t->run_open = status == ISB_OK;
    }
    free(path);
    free(text);
    free(preprocessing);
    return status;
}

static isb_status fail_unfit(const isb_training *t, const char *what, isb_error *error) {
    return isb_fail(error, ISB_CORRUPT,
                    "%s: %s; start again with --force, or choose another directory with --run DIR",
                    t->run.state_file, what);
}

/* Puts trainer, callbacks and trace where the checkpoint stands. */
static isb_status take_up_state(isb_training *t, isb_error *error) {
    const isb_checkpoint *checkpoint = &t->run.checkpoint;
    const isb_position *position = &checkpoint->position;
    const size_t steps = isb_trainer_steps_an_epoch(t->trainer);
    isb_status status =
        isb_trainer_import(t->trainer, &t->run.state, true, t->run.state_file, error);
    if (status == ISB_OK && isb_scales_features(t->experiment.scale_kind))
        status =
            isb_trainer_import_scaling(t->trainer, &t->run.state, t->run.state_file, error);
    if (status != ISB_OK)
        return status;
    if (position->step > steps || checkpoint->steps != position->epochs * steps + position->step ||
        !isb_trace_read(&t->trace, checkpoint->trace, position->step))
        return fail_unfit(t, "stands at a step that this experiment does not have", error);
    status = isb_trainer_resume(t->trainer, position, error);
    memcpy(t->callbacks.states, checkpoint->callbacks, sizeof t->callbacks.states);
    t->callbacks.learning_rate = position->learning_rate;
    if (checkpoint->stopped)
        t->callbacks.stopped = isb_callback_find(&t->experiment, ISB_EARLY_STOPPING);
    return status == ISB_OK ? isb_training_load_best(t, &t->run.state, error) : status;
}

static isb_status take_up_history(isb_training *t, isb_error *error) {
    if (t->run.checkpoint.position.epochs == 0)
        return ISB_OK;
    char *path = isb_run_file(&t->run, ISB_RUN_HISTORY);
    if (path == NULL)
        return isb_fail_memory(error, "the history's path");
    isb_status status =
        isb_history_read(&t->history, path, t->run.checkpoint.position.epochs, error);
    free(path);
    return status;
}

/* Puts everything where the run stands. */
static isb_status take_up(isb_training *t, isb_error *error) {
    t->history = isb_history_of(&t->experiment);
    isb_callbacks_start(&t->callbacks, &t->experiment);
    isb_status status = isb_trace_open(&t->trace, isb_trainer_steps_an_epoch(t->trainer), error);
    if (t->run.note != NULL)
        isb_note(t->options, "note: %s", t->run.note);
    if (status != ISB_OK || t->run.state.count == 0)
        return status;
    t->saved = true;
    status = take_up_state(t, error);
    return status == ISB_OK ? take_up_history(t, error) : status;
}

/* Columns that are probably no features. */
static void note_doubts(const isb_training *t) {
    const isb_preprocessing *p = t->dataset.preprocessing;
    char name[ISB_CLIP_SIZE];
    for (size_t i = 0; p != NULL && i < p->count; i++)
        if (p->features[i].doubt != NULL)
            isb_note(t->options,
                     "note: column '%s' %s; where it is no feature, leave it out with "
                     "data.features.drop",
                     isb_clip(name, p->features[i].name), p->features[i].doubt);
}

isb_status isb_training_prepare(isb_training *t, isb_error *error) {
    isb_status status = isb_training_load(t, error);
    if (status == ISB_OK)
        status = isb_training_create(t, error);
    if (status == ISB_OK)
        status = open_run(t, error);
    if (status == ISB_OK)
        note_doubts(t);
    return status == ISB_OK ? take_up(t, error) : status;
}

void isb_training_free(isb_training *t) {
    if (t->saving)
        isb_saver_close(&t->saver);
    for (size_t i = 0; i < ISB_CALLBACK_KINDS; i++)
        isb_tensors_free(&t->best[i]);
    isb_trace_free(&t->trace);
    free(t->events.data);
    isb_history_free(&t->history);
    if (t->run_open)
        isb_run_close(&t->run);
    isb_trainer_free(t->trainer);
    isb_split_free(&t->split);
    isb_model_free(&t->model);
    isb_dataset_free(&t->dataset);
    isb_experiment_free(&t->experiment);
}
