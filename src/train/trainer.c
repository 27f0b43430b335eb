#include <isobit/trainer.h>

#include "base/memory.h"
#include "cpu/fpenv.h"
#include "layers/gather.h"
#include "loss/leaf_sum.h"
#include "parallel/team.h"
#include "random/stream.h"
#include "simd/dispatch.h"
#include "train/evaluate.h"
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

    size_t threads;
    size_t batch_rows; /* of all batches but the last of an epoch */
    size_t last_rows;  /* of that one */
    isb_plan plan, last_plan;
    isb_scratch *scratch; /* one a thread */
    isb_buffers buffers;  /* of a chunk */
    isb_sums sums;
    float *losses; /* of a batch */
    uint8_t *hits;
    uint32_t *order; /* of the epoch: rows of the train part */

    size_t epochs, steps; /* done */
    size_t steps_an_epoch;
};

static size_t rows_of_batch(const isb_trainer *t, size_t batch) {
    return batch + 1 < t->steps_an_epoch ? t->batch_rows : t->last_rows;
}

static double scale_of(const isb_experiment *experiment, const isb_table *table) {
    if (experiment->scale_kind == ISB_SCALE_BY)
        return experiment->scale;
    const bool by_default = experiment->scale_kind == ISB_SCALE_DEFAULT;
    return by_default && table->dtype == ISB_U8 ? 255.0 : 1.0;
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
    isb_status status = isb_plan_make(&t->plan, &t->network, t->batch_rows, threads, error);
    if (status == ISB_OK)
        status = isb_plan_make(&t->last_plan, &t->network, t->last_rows, threads, error);
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

static isb_status choose_kernels(isb_trainer *t, const char *name, isb_error *error) {
    t->isa = isb_isa_best();
    if (strcmp(name, "auto") != 0 && !isb_isa_by_name(name, &t->isa))
        return isb_fail(error, ISB_USAGE, "no instruction set '%s' is known", name);
    if (!isb_isa_available(t->isa))
        return isb_fail(error, ISB_USAGE,
                        "this machine cannot run %s; leave the choice to auto (here %s)", name,
                        isb_isa_name(isb_isa_best()));
    t->kernels = isb_kernels_for(t->isa);
    return ISB_OK;
}

static isb_status build(isb_trainer *t, const isb_trainer_config *config, isb_error *error) {
    const isb_experiment *experiment = config->experiment;
    const size_t rows = config->split->train_rows;
    isb_status status = choose_kernels(t, config->isa, error);
    if (status != ISB_OK)
        return status;
    isb_optimizer_start(&t->optimizer, &experiment->optimizer);
    t->batch_rows = experiment->batch_size < rows ? experiment->batch_size : rows;
    t->steps_an_epoch = (rows + t->batch_rows - 1) / t->batch_rows;
    t->last_rows = rows - (t->steps_an_epoch - 1) * t->batch_rows;
    status = isb_network_build(&t->network, config->model, experiment->seed,
                               isb_optimizer_states(&experiment->optimizer), error);
    if (status == ISB_OK)
        status = build_team(t, config->threads, error);
    if (status != ISB_OK)
        return status;
    if (t->threads > 1)
        isb_network_spread(&t->network, t->threads);
    t->order = isb_allocate(rows, sizeof *t->order);
    t->losses = isb_allocate(t->batch_rows, sizeof *t->losses);
    t->hits = isb_allocate(t->batch_rows, sizeof *t->hits);
    if (t->order == NULL || t->losses == NULL || t->hits == NULL)
        return isb_fail_memory(error, "the order of the rows");
    const isb_dataset *dataset = config->dataset;
    t->train = isb_source_make(t->kernels, &dataset->train, t->network.inputs,
                               scale_of(experiment, &dataset->train));
    t->test = isb_source_make(t->kernels, &dataset->test, t->network.inputs,
                              scale_of(experiment, &dataset->test));
    return ISB_OK;
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
    isb_release(t->order);
    isb_release(t->losses);
    isb_release(t->hits);
    free(t);
}

/* Rule 9: each epoch's permutation starts from the identity. */
static void order_rows(isb_trainer *t, size_t epoch) {
    const size_t rows = t->split->train_rows;
    memcpy(t->order, t->split->train, rows * sizeof *t->order);
    if (!t->experiment->shuffle)
        return;
    isb_stream stream;
    isb_stream_open(&stream, t->experiment->seed, ISB_PURPOSE_SHUFFLE, epoch, 0, 0, 0);
    isb_stream_shuffle(&stream, t->order, (uint32_t)rows);
}

/* The epoch under way. Thread 0 alone writes it, between barriers. */
typedef struct epoch_run {
    isb_trainer *trainer;
    isb_observer observer;
    void *observer_context;
    isb_epoch_result *result;
    size_t granted; /* threads, where they are not those of the plan */
    size_t batch_rows;
    double loss; /* double sum of each batch's float sum, in the order of the steps */
    uint64_t hits;
    isb_progress progress;
    bool stop;
} epoch_run;

/* Once the losses of a batch are known. */
static void keep_books(void *argument) {
    epoch_run *run = argument;
    const isb_trainer *t = run->trainer;
    const float loss = isb_leaf_sum(t->losses, run->batch_rows);
    run->loss += (double)loss;
    for (size_t i = 0; i < run->batch_rows; i++)
        run->hits += t->hits[i];
    isb_progress *progress = &run->progress;
    progress->step++;
    progress->rows += run->batch_rows;
    progress->loss = run->loss / (double)progress->rows;
    progress->accuracy = (double)run->hits / (double)progress->rows;
    if (!(loss - loss == 0.0f))
        run->stop = run->result->diverged = true;
    else if (run->observer != NULL && run->observer(run->observer_context, progress))
        run->stop = run->result->stopped = true;
}

static void run_epoch(void *context, size_t thread, isb_team *team) {
    epoch_run *run = context;
    isb_trainer *t = run->trainer;
    if (isb_team_threads(team) != t->threads) {
        if (thread == 0)
            run->granted = isb_team_threads(team);
        return;
    }
    isb_optimizer_step optimizer = t->optimizer;
    isb_context c = {.kernels = t->kernels,
                     .network = &t->network,
                     .buffers = &t->buffers,
                     .source = &t->train,
                     .order = t->order,
                     .upcoming = t->split->train_rows,
                     .losses = t->losses,
                     .hits = t->hits,
                     .seed = t->experiment->seed,
                     .step = t->steps,
                     .training = true};
    for (size_t batch = 0; batch < t->steps_an_epoch && !run->stop; batch++) {
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
        isb_step_run(&step, &c, team, thread, keep_books, run);
        c.order += c.batch_rows;
    }
    isb_team_barrier(team, thread);
    if (thread == 0) {
        t->optimizer = optimizer;
        t->steps = c.step;
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Trains on all batches of the epoch, with as many threads as the runtime really grants. */
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
                              t->threads, &result->train_eval, error);
    if (status == ISB_OK && split->validation_rows > 0)
        status = isb_evaluate(
            t->kernels, &t->network,
            t->experiment->validation == ISB_VALIDATION_TEST ? &t->test : &t->train,
            split->validation, split->validation_rows, t->threads, &result->validation, error);
    return status;
}

isb_status isb_trainer_epoch(isb_trainer *t, isb_observer observer, void *context,
                             isb_epoch_result *result, isb_error *error) {
    *result = (isb_epoch_result){.epoch = t->epochs + 1,
                                 .learning_rate = t->experiment->optimizer.learning_rate};
    epoch_run run = {.trainer = t,
                     .observer = observer,
                     .observer_context = context,
                     .result = result,
                     .progress = {.epoch = t->epochs + 1, .steps = t->steps_an_epoch}};
    order_rows(t, t->epochs + 1);
    isb_status status = train_epoch(t, &run, error);
    if (status != ISB_OK)
        return status;
    result->steps = t->steps;
    result->train = (isb_score){true, run.progress.loss, run.progress.accuracy};
    if (run.stop)
        return ISB_OK;
    t->epochs++;
    return evaluate_epoch(t, result, error);
}

isb_status isb_trainer_evaluate(isb_trainer *t, const isb_table *table, const uint32_t *rows,
                                size_t count, isb_score *score, isb_error *error) {
    const isb_source *source = table == &t->dataset->test ? &t->test : &t->train;
    if (rows != NULL)
        return isb_evaluate(t->kernels, &t->network, source, rows, count, t->threads, score, error);
    uint32_t *order = isb_allocate(count, sizeof *order);
    if (order == NULL)
        return isb_fail_memory(error, "an evaluation");
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    const isb_status status =
        isb_evaluate(t->kernels, &t->network, source, order, count, t->threads, score, error);
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

void isb_trainer_resume(isb_trainer *t, size_t epochs) {
    t->epochs = epochs;
    t->steps = epochs * t->steps_an_epoch;
    const isb_fpenv before = isb_fpenv_enter();
    isb_optimizer_start(&t->optimizer, &t->experiment->optimizer);
    for (size_t step = 0; step < t->steps; step++)
        isb_optimizer_advance(&t->optimizer);
    isb_fpenv_leave(before);
}

const char *isb_trainer_isa(const isb_trainer *t) { return isb_isa_name(t->isa); }
