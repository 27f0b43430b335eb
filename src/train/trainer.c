#include <isobit/trainer.h>

#include "base/memory.h"
#include "cpu/fpenv.h"
#include "layers/gather.h"
#include "loss/class_weights.h"
#include "loss/leaf_sum.h"
#include "loss/row_scores.h"
#include "parallel/team.h"
#include "random/stream.h"
#include "simd/dispatch.h"
#include "train/choice.h"
#include "train/divergence.h"
#include "train/evaluate.h"
#include "train/scaling_fit.h"
#include "train/state.h"
#include "train/step.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct isb_trainer {
    const isb_experiment *experiment;
    const isb_dataset *dataset;
    const isb_split *split;
    isb_isa isa;
    const isb_kernels *kernels;
    isb_network network;
    isb_optimizer_step optimizer; /* as the last step left it */
    isb_source train, test;
    float *class_weights; /* NULL: all are 1 */

    size_t threads;
    size_t batch_rows; /* of all batches but the last of an epoch */
    size_t last_rows;  /* of that one */
    isb_plan plan, last_plan;
    isb_scratch *scratch; /* one a thread */
    isb_buffers buffers;  /* of a chunk */
    isb_sums sums;
    isb_row_scores scores; /* of a batch */
    uint32_t *order;       /* of the epoch: rows of the train part */

    isb_position position;
    size_t order_epoch; /* whose order it is; 0: none */
    size_t steps_an_epoch;
    const volatile int *stop;
};

static size_t rows_of_batch(const isb_trainer *t, size_t batch) {
    return batch + 1 < t->steps_an_epoch ? t->batch_rows : t->last_rows;
}

static void free_team(isb_trainer *t) {
    for (size_t i = 0; t->scratch != NULL && i < t->threads; i++)
        isb_scratch_free(&t->scratch[i]);
    free(t->scratch);
    t->scratch = NULL;
    isb_plan_free(&t->plan);
    isb_plan_free(&t->last_plan);
    isb_buffers_free(&t->buffers, &t->network);
    isb_sums_free(&t->sums);
}

/* Whatever depends on the number of threads. */
static isb_status build_team(isb_trainer *t, size_t threads, isb_error *error) {
    free_team(t);
    t->threads = threads;
    const bool sparse = isb_trainer_passes_over_zeros(t);
    isb_status status = isb_plan_make(&t->plan, &t->network, t->batch_rows, threads, sparse, error);
    if (status == ISB_OK)
        status = isb_plan_make(&t->last_plan, &t->network, t->last_rows, threads, sparse, error);
    if (status != ISB_OK)
        return status;
    const size_t chunk = t->plan.chunk_rows;
    t->scratch = calloc(threads, sizeof *t->scratch);
    if (t->scratch == NULL)
        return isb_fail_memory(error, "the threads");
    for (size_t i = 0; status == ISB_OK && i < threads; i++)
        status = isb_scratch_build(&t->scratch[i], &t->network, chunk,
                                   t->plan.own_inputs || t->last_plan.own_inputs, error);
    if (status == ISB_OK)
        status = isb_buffers_build(&t->buffers, &t->network, chunk, true, error);
    if (status == ISB_OK)
        status = isb_sums_build(&t->sums, &t->network, (t->batch_rows + chunk - 1) / chunk, error);
    return status;
}

/* A scaling of model_weights comes with them, by isb_trainer_import_scaling. */
static isb_status scale_inputs(isb_trainer *t, const isb_trainer_config *config, isb_error *error) {
    const isb_scale_kind kind = config->experiment->scale_kind;
    const isb_split *split = config->split;
    if (kind != ISB_SCALE_STANDARDIZE && kind != ISB_SCALE_MINMAX)
        return ISB_OK;
    const isb_status status = isb_scaling_make(&t->network.scaling, t->network.inputs, error);
    return status != ISB_OK ? status
                            : isb_scaling_fit(&t->network.scaling, kind, &config->dataset->train,
                                              split->train, split->train_rows, error);
}

static isb_status build(isb_trainer *t, const isb_trainer_config *config, isb_error *error) {
    const isb_experiment *experiment = config->experiment;
    const size_t rows = config->split->train_rows;
    isb_status status = isb_choose_isa(&t->isa, config->isa, error);
    if (status != ISB_OK)
        return status;
    t->kernels = isb_kernels_for(t->isa);
    isb_optimizer_start(&t->optimizer, &experiment->optimizer);
    t->batch_rows = experiment->batch_size < rows ? experiment->batch_size : rows;
    t->steps_an_epoch = (rows + t->batch_rows - 1) / t->batch_rows;
    t->last_rows = rows - (t->steps_an_epoch - 1) * t->batch_rows;
    status = isb_network_build(&t->network, config->model, experiment->seed,
                               isb_optimizer_states(&experiment->optimizer), error);
    t->network.loss = experiment->loss;
    t->network.delta = (float)experiment->delta;
    if (status != ISB_OK)
        return status;
    const isb_dataset *dataset = config->dataset;
    t->train = isb_source_make(t->kernels, &dataset->train, t->network.inputs,
                               isb_choose_scale(experiment, &dataset->train));
    t->test = isb_source_make(t->kernels, &dataset->test, t->network.inputs,
                              isb_choose_scale(experiment, &dataset->test));
    status = build_team(t, config->threads, error);
    if (status == ISB_OK)
        status = isb_row_scores_make(&t->scores, experiment->loss, t->batch_rows, error);
    if (status != ISB_OK)
        return status;
    if (t->threads > 1)
        isb_network_spread(&t->network, &t->plan);
    t->order = isb_allocate(rows, sizeof *t->order);
    if (t->order == NULL)
        return isb_fail_memory(error, "the order of the rows");
    if (experiment->balanced && !isb_is_regression(experiment->loss))
        status = isb_class_weights_make(&t->class_weights, dataset->train.labels,
                                        config->split->train, rows, t->network.outputs, error);
    return status == ISB_OK ? scale_inputs(t, config, error) : status;
}

isb_status isb_trainer_create(isb_trainer **out, const isb_trainer_config *config,
                              isb_error *error) {
    *out = NULL;
    isb_trainer *t = calloc(1, sizeof *t);
    if (t == NULL)
        return isb_fail_memory(error, "the trainer");
    t->experiment = config->experiment;
    t->dataset = config->dataset;
    t->split = config->split;
    t->stop = config->stop;
    t->position.learning_rate = config->experiment->optimizer.learning_rate;
    const isb_fpenv before = isb_fpenv_enter();
    const isb_status status = build(t, config, error);
    isb_fpenv_leave(before);
    if (status != ISB_OK) {
        isb_trainer_free(t);
        return status;
    }
    *out = t;
    return ISB_OK;
}

void isb_trainer_free(isb_trainer *t) {
    if (t == NULL)
        return;
    free_team(t);
    isb_network_free(&t->network);
    isb_release(t->class_weights);
    isb_release(t->order);
    isb_row_scores_free(&t->scores);
    free(t);
}

static bool stop_asked(const isb_trainer *t) { return isb_stop_asked(t->stop); }

/* Rule 9: each epoch's permutation starts from the identity. */
static void order_rows(isb_trainer *t, size_t epoch) {
    const size_t rows = t->split->train_rows;
    if (t->order_epoch == epoch)
        return;
    t->order_epoch = epoch;
    memcpy(t->order, t->split->train, rows * sizeof *t->order);
    if (!t->experiment->shuffle)
        return;
    isb_stream stream;
    isb_stream_open(&stream, t->experiment->seed, ISB_PURPOSE_SHUFFLE, epoch, 0, 0, 0);
    isb_stream_shuffle(&stream, t->order, (uint32_t)rows);
}

/* Rows of the first `steps` batches of an epoch. */
static size_t rows_of_steps(const isb_trainer *t, size_t steps) {
    return steps < t->steps_an_epoch ? steps * t->batch_rows : t->split->train_rows;
}

/* The epoch under way. Thread 0 alone writes it, between barriers. */
typedef struct epoch_run {
    isb_trainer *trainer;
    isb_observer observer;
    void *observer_context;
    isb_epoch_result *result;
    size_t granted; /* threads, where they are not those of the plan */
    size_t batch_rows;
    isb_progress progress;
    bool stop;
} epoch_run;

static void show_means(const isb_position *position, isb_progress *progress) {
    progress->loss = position->loss / (double)progress->rows;
    progress->accuracy = (double)position->hits / (double)progress->rows;
}

static void keep_books(epoch_run *run, float loss) {
    isb_trainer *t = run->trainer;
    isb_position *position = &t->position;
    isb_progress *progress = &run->progress;
    const isb_score_sums sums = isb_row_scores_sum(&t->scores, loss, run->batch_rows);
    position->step++;
    position->loss += sums.loss;
    position->hits += sums.hits;
    position->absolute += sums.absolute;
    position->squared += sums.squared;
    progress->step = position->step;
    progress->rows += run->batch_rows;
    progress->batch_loss = loss;
    show_means(position, progress);
    run->stop = run->observer != NULL && run->observer(run->observer_context, progress);
    run->stop = run->stop || stop_asked(t);
}

/* A batch whose loss is not finite changes nothing. */
static bool judge(void *argument, size_t thread) {
    epoch_run *run = argument;
    const float loss = isb_leaf_sum(run->trainer->scores.losses, run->batch_rows);
    const bool finite = loss - loss == 0.0f;
    if (thread == 0 && finite)
        keep_books(run, loss);
    else if (thread == 0)
        run->result->diverged = true;
    return finite;
}

static isb_context context_of(isb_trainer *t, size_t batch) {
    const size_t done = rows_of_steps(t, batch);
    return (isb_context){.kernels = t->kernels,
                         .network = &t->network,
                         .buffers = &t->buffers,
                         .source = &t->train,
                         .order = t->order + done,
                         .upcoming = t->split->train_rows - done,
                         .scores = t->scores,
                         .class_weights = t->class_weights,
                         .seed = t->experiment->seed,
                         .step = t->position.epochs * t->steps_an_epoch + batch,
                         .training = true,
                         .sparse = isb_trainer_passes_over_zeros(t)};
}

static void run_epoch(void *context, size_t thread, isb_team *team) {
    epoch_run *run = context;
    isb_trainer *t = run->trainer;
    if (isb_team_threads(team) != t->threads) {
        if (thread == 0)
            run->granted = isb_team_threads(team);
        return;
    }
    const size_t first = t->position.step;
    isb_optimizer_step optimizer = t->optimizer;
    isb_context c = context_of(t, first);
    isb_team_barrier(team, thread); /* thread 0 moves the position on */
    for (size_t batch = first; batch < t->steps_an_epoch && !run->stop; batch++) {
        c.batch_rows = rows_of_batch(t, batch);
        c.upcoming -= c.batch_rows;
        c.step++;
        if (thread == 0)
            run->batch_rows = c.batch_rows;
        isb_optimizer_advance(&optimizer);
        const isb_step step = {.plan = batch + 1 < t->steps_an_epoch ? &t->plan : &t->last_plan,
                               .optimizer = &optimizer,
                               .sums = &t->sums,
                               .scratch = t->scratch};
        if (!isb_step_run(&step, &c, team, thread, judge, run))
            break;
        c.order += c.batch_rows;
    }
    isb_team_barrier(team, thread);
    if (thread == 0)
        t->optimizer = optimizer;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Trains on the batches that are left of the epoch, with as many threads as the runtime really
 * grants. */
static isb_status train_epoch(isb_trainer *t, epoch_run *run, isb_error *error) {
    for (;;) {
        run->granted = 0;
        const double start = now();
        isb_team_run(t->threads, run_epoch, run);
        run->result->train_seconds = now() - start;
        if (run->granted == 0)
            return ISB_OK;
        const isb_status status = build_team(t, run->granted, error);
        if (status != ISB_OK)
            return status;
    }
}

static isb_status evaluate_epoch(isb_trainer *t, isb_epoch_result *result, isb_error *error) {
    const isb_split *split = t->split;
    isb_status status = ISB_OK;
    if (t->experiment->metric_train_eval)
        status = isb_evaluate(t->kernels, &t->network, &t->train, split->train, split->train_rows,
                              t->threads, t->stop, &result->train_eval, error);
    if (status == ISB_OK && split->validation_rows > 0)
        status =
            isb_evaluate(t->kernels, &t->network,
                         t->experiment->validation == ISB_VALIDATION_TEST ? &t->test : &t->train,
                         split->validation, split->validation_rows, t->threads, t->stop,
                         &result->validation, error);
    return status;
}

/* The step that was given up changed nothing: its forward pass can be repeated. */
static isb_status find_divergence(isb_trainer *t, isb_divergence *out, isb_error *error) {
    const size_t batch = t->position.step;
    isb_context c = context_of(t, batch);
    c.batch_rows = rows_of_batch(t, batch);
    c.step++;
    out->step = batch + 1;
    return isb_divergence_find(&c, out, error);
}

/* After the steps: what they came to, and the evaluation unless training has to end here. */
static isb_status close_epoch(isb_trainer *t, isb_epoch_result *result, isb_error *error) {
    result->stopped = t->position.step < t->steps_an_epoch || stop_asked(t);
    if (result->stopped)
        return ISB_OK;
    isb_status status = evaluate_epoch(t, result, error);
    result->stopped = stop_asked(t);
    if (status != ISB_OK || result->stopped)
        return status;
    t->position = (isb_position){.epochs = t->position.epochs + 1,
                                 .learning_rate = t->position.learning_rate};
    return ISB_OK;
}

/* Of the epoch under way, after so many rows of it. */
static isb_score train_score(const isb_trainer *t, size_t rows) {
    const isb_position *position = &t->position;
    const isb_score_sums sums = {.loss = position->loss,
                                 .hits = position->hits,
                                 .absolute = position->absolute,
                                 .squared = position->squared};
    return isb_score_of(&sums, t->network.loss, t->train.table,
                        rows == t->split->train_rows ? t->split->train : t->order, rows);
}

static isb_status train_and_evaluate(isb_trainer *t, isb_observer observer, void *context,
                                     isb_epoch_result *result, isb_error *error) {
    const size_t epoch = t->position.epochs + 1, before = rows_of_steps(t, t->position.step);
    *result = (isb_epoch_result){.epoch = epoch, .learning_rate = t->position.learning_rate};
    epoch_run run = {
        .trainer = t,
        .observer = observer,
        .observer_context = context,
        .result = result,
        .progress = {
            .epoch = epoch, .step = t->position.step, .steps = t->steps_an_epoch, .rows = before}};
    isb_status status = ISB_OK;
    if (t->position.step < t->steps_an_epoch) {
        order_rows(t, epoch);
        status = train_epoch(t, &run, error);
    }
    if (status != ISB_OK)
        return status;
    show_means(&t->position, &run.progress);
    result->steps = t->position.epochs * t->steps_an_epoch + t->position.step;
    result->rows = run.progress.rows - before;
    result->train = train_score(t, run.progress.rows);
    if (result->diverged)
        return find_divergence(t, &result->divergence, error);
    return close_epoch(t, result, error);
}

isb_status isb_trainer_epoch(isb_trainer *t, isb_observer observer, void *context,
                             isb_epoch_result *result, isb_error *error) {
    const isb_fpenv before = isb_fpenv_enter();
    const isb_status status = train_and_evaluate(t, observer, context, result, error);
    isb_fpenv_leave(before);
    return status;
}

isb_status isb_trainer_evaluate(isb_trainer *t, const isb_table *table, const uint32_t *rows,
                                size_t count, isb_score *score, isb_error *error) {
    const isb_source *source = table == &t->dataset->test ? &t->test : &t->train;
    if (rows != NULL)
        return isb_evaluate(t->kernels, &t->network, source, rows, count, t->threads, t->stop,
                            score, error);
    uint32_t *order = isb_allocate(count, sizeof *order);
    if (order == NULL)
        return isb_fail_memory(error, "an evaluation");
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    const isb_status status = isb_evaluate(t->kernels, &t->network, source, order, count,
                                           t->threads, t->stop, score, error);
    isb_release(order);
    return status;
}

isb_status isb_trainer_export(const isb_trainer *t, bool optimizer, isb_tensors *out,
                              isb_error *error) {
    return isb_state_export(&t->network, optimizer ? &t->experiment->optimizer : NULL, out, error);
}

isb_status isb_trainer_import(isb_trainer *t, const isb_tensors *tensors, bool optimizer,
                              const char *from, isb_error *error) {
    return isb_state_import(&t->network, optimizer ? &t->experiment->optimizer : NULL, tensors,
                            from, error);
}

isb_status isb_trainer_import_scaling(isb_trainer *t, const isb_tensors *tensors, const char *from,
                                      isb_error *error) {
    return isb_scaling_import(&t->network, tensors, from, error);
}

void isb_trainer_position(const isb_trainer *t, isb_position *out) { *out = t->position; }

isb_status isb_trainer_resume(isb_trainer *t, const isb_position *position, isb_error *error) {
    if (position->step > t->steps_an_epoch)
        return isb_fail(error, ISB_CORRUPT,
                        "step %zu of an epoch that has %zu steps: no place to go on from",
                        position->step, t->steps_an_epoch);
    t->position = *position;
    const isb_fpenv before = isb_fpenv_enter();
    isb_optimizer_start(&t->optimizer, &t->experiment->optimizer);
    isb_optimizer_set_learning_rate(&t->optimizer, position->learning_rate);
    for (size_t step = position->epochs * t->steps_an_epoch + position->step; step > 0; step--)
        isb_optimizer_advance(&t->optimizer);
    isb_fpenv_leave(before);
    return ISB_OK;
}

void isb_trainer_set_learning_rate(isb_trainer *t, double learning_rate) {
    t->position.learning_rate = learning_rate;
    isb_optimizer_set_learning_rate(&t->optimizer, learning_rate);
}

isb_status isb_trainer_set_threads(isb_trainer *t, size_t threads, isb_error *error) {
    return threads == t->threads ? ISB_OK : build_team(t, threads, error);
}

size_t isb_trainer_steps_an_epoch(const isb_trainer *t) { return t->steps_an_epoch; }

const char *isb_trainer_isa(const isb_trainer *t) { return isb_isa_name(t->isa); }

bool isb_trainer_passes_over_zeros(const isb_trainer *t) {
    return isb_inputs_are_sparse(&t->network, &t->train);
}
