/* Training that is cut anywhere and taken up again, and training that diverges. */
#include "check.h"
#include "fixture.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { EPOCHS = 2 };

/* Five full batches an epoch and a shorter one. */
static void make_network(fixture *f, isb_optimizer_kind optimizer) {
    fixture_make(f, ISB_U8, 5 * 32 + 9, 20, 4);
    f->experiment.optimizer.kind = optimizer;
    f->experiment.optimizer.momentum = optimizer == ISB_SGD ? 0.9 : 0.0;
    f->experiment.metric_train_eval = true;
    f->experiment.shuffle = true;
    fixture_dropout(f, 0.2);
    fixture_dense(f, 19, ISB_RELU);
    fixture_dropout(f, 0.3);
    fixture_dense(f, 4, ISB_SOFTMAX);
    fixture_ready(f);
}

/* What a run came to: the bits of its epochs and of its weights. */
typedef struct outcome {
    isb_epoch_result epochs[EPOCHS];
    uint64_t weights;
} outcome;

static uint64_t weights_hash(const isb_trainer *trainer) {
    isb_tensors tensors;
    uint64_t hash = 1;
    CHECK(isb_trainer_export(trainer, true, &tensors, NULL) == ISB_OK);
    for (size_t i = 0; i < tensors.count; i++)
        hash = fixture_hash(hash, tensors.items[i].data,
                            isb_shape_size(tensors.items[i].shape) * sizeof(float));
    isb_tensors_free(&tensors);
    return hash;
}

static bool same_score(const isb_score *a, const isb_score *b) {
    return a->present == b->present && a->loss == b->loss && a->accuracy == b->accuracy &&
           a->mae == b->mae && a->mse == b->mse && a->r2 == b->r2;
}

static bool same(const outcome *a, const outcome *b) {
    for (int e = 0; e < EPOCHS; e++)
        if (a->epochs[e].epoch != b->epochs[e].epoch || a->epochs[e].steps != b->epochs[e].steps ||
            !same_score(&a->epochs[e].train, &b->epochs[e].train) ||
            !same_score(&a->epochs[e].train_eval, &b->epochs[e].train_eval))
            return false;
    return a->weights == b->weights;
}

static outcome run_through(const fixture *f) {
    outcome result;
    isb_trainer *trainer = fixture_trainer(f, 1, "auto");
    for (int e = 0; e < EPOCHS; e++)
        CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result.epochs[e], NULL) == ISB_OK);
    result.weights = weights_hash(trainer);
    isb_trainer_free(trainer);
    return result;
}

/* Another trainer with the state of this one, which it takes the place of. */
static isb_trainer *move_to(isb_trainer *trainer, const fixture *f, size_t threads,
                            const char *isa) {
    isb_tensors state;
    isb_position position;
    isb_trainer_position(trainer, &position);
    CHECK(isb_trainer_export(trainer, true, &state, NULL) == ISB_OK);
    isb_trainer_free(trainer);
    isb_trainer *next = fixture_trainer(f, threads, isa);
    CHECK(isb_trainer_import(next, &state, true, "state", NULL) == ISB_OK);
    CHECK(isb_trainer_resume(next, &position, NULL) == ISB_OK);
    isb_tensors_free(&state);
    return next;
}

/* Counts down to the step after which training stops. */
static bool stop_after(void *context, const isb_progress *progress) {
    (void)progress;
    size_t *left = context;
    return --*left == 0;
}

/* Stops every `stretch` steps; each stretch runs on another trainer, other threads, another ISA. */
static outcome run_in_stretches(const fixture *f, size_t stretch) {
    static const char *const isas[] = {"auto", "scalar"};
    outcome result;
    isb_trainer *trainer = fixture_trainer(f, 1, "auto");
    size_t moves = 0;
    for (int e = 0; e < EPOCHS;) {
        size_t left = stretch;
        CHECK(isb_trainer_epoch(trainer, stop_after, &left, &result.epochs[e], NULL) == ISB_OK);
        if (!result.epochs[e].stopped)
            e++;
        moves++;
        trainer = move_to(trainer, f, 1 + moves % 3, isas[moves % 2]);
    }
    result.weights = weights_hash(trainer);
    isb_trainer_free(trainer);
    return result;
}

/* The same rows as a regression. */
static void make_regression(fixture *f, isb_optimizer_kind optimizer) {
    make_network(f, optimizer);
    fixture_targets(f, ISB_HUBER, 4);
    f->layers[3].activation = ISB_LINEAR;
}

static void check_stretches(void (*make)(fixture *, isb_optimizer_kind),
                            isb_optimizer_kind optimizer) {
    fixture f;
    make(&f, optimizer);
    const outcome expected = run_through(&f);
    for (size_t stretch = 1; stretch <= 7; stretch++) {
        const outcome found = run_in_stretches(&f, stretch);
        CHECKF(same(&expected, &found), "cut every %zu steps", stretch);
    }
    fixture_free(&f);
}

CASE(resume, adam_goes_on_from_any_step_with_the_same_bits) {
    check_stretches(make_network, ISB_ADAM);
}
CASE(resume, momentum_goes_on_from_any_step_with_the_same_bits) {
    check_stretches(make_network, ISB_SGD);
}
CASE(resume, a_regression_goes_on_from_any_step_with_the_same_bits) {
    check_stretches(make_regression, ISB_ADAM);
}

/* The flag is set while the last step of the epoch is done. */
static volatile int flag;

static bool raise_at_the_end(void *context, const isb_progress *progress) {
    (void)context;
    flag = progress->step == progress->steps;
    return false;
}

CASE(resume, a_stop_between_the_last_step_and_the_evaluation_loses_nothing) {
    fixture f;
    make_network(&f, ISB_ADAM);
    const outcome expected = run_through(&f);
    isb_trainer_config config = {.experiment = &f.experiment,
                                 .model = &f.model,
                                 .dataset = &f.dataset,
                                 .split = &f.split,
                                 .threads = 2,
                                 .isa = "auto",
                                 .stop = &flag};
    isb_trainer *trainer;
    outcome found;
    isb_position position;
    CHECK(isb_trainer_create(&trainer, &config, NULL) == ISB_OK);
    CHECK(isb_trainer_epoch(trainer, raise_at_the_end, NULL, &found.epochs[0], NULL) == ISB_OK);
    flag = 0;
    CHECK(found.epochs[0].stopped && !found.epochs[0].train_eval.present);
    isb_trainer_position(trainer, &position);
    CHECK(position.epochs == 0 && position.step == isb_trainer_steps_an_epoch(trainer));
    trainer = move_to(trainer, &f, 3, "auto");
    for (int e = 0; e < EPOCHS; e++)
        CHECK(isb_trainer_epoch(trainer, NULL, NULL, &found.epochs[e], NULL) == ISB_OK);
    found.weights = weights_hash(trainer);
    CHECK(same(&expected, &found));
    isb_trainer_free(trainer);
    fixture_free(&f);
}

CASE(resume, a_learning_rate_that_was_changed_goes_along) {
    fixture f;
    make_network(&f, ISB_ADAM);
    isb_trainer *trainer = fixture_trainer(&f, 1, "auto");
    isb_epoch_result result;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    isb_trainer_set_learning_rate(trainer, 1e-4);
    isb_trainer *other = fixture_trainer(&f, 2, "auto");
    isb_tensors state;
    isb_position position;
    isb_trainer_position(trainer, &position);
    CHECK(position.learning_rate == 1e-4);
    CHECK(isb_trainer_export(trainer, true, &state, NULL) == ISB_OK);
    CHECK(isb_trainer_import(other, &state, true, "state", NULL) == ISB_OK);
    CHECK(isb_trainer_resume(other, &position, NULL) == ISB_OK);
    isb_tensors_free(&state);
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(result.learning_rate == 1e-4);
    CHECK(isb_trainer_epoch(other, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(weights_hash(trainer) == weights_hash(other));
    isb_trainer_free(trainer);
    isb_trainer_free(other);
    fixture_free(&f);
}

CASE(resume, a_step_that_the_epoch_does_not_have_is_refused) {
    fixture f;
    make_network(&f, ISB_ADAM);
    isb_trainer *trainer = fixture_trainer(&f, 1, "auto");
    const isb_position position = {.step = 7, .learning_rate = 0.1};
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_trainer_resume(trainer, &position, &error) == ISB_CORRUPT);
    CHECK(strstr(isb_error_text(&error), "step 7 of an epoch that has 6 steps") != NULL);
    isb_error_clear(&error);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

/* Sets one weight of a layer through files' eyes. */
static void spoil(isb_trainer *trainer, const char *name, size_t at, float value) {
    isb_tensors tensors;
    CHECK(isb_trainer_export(trainer, false, &tensors, NULL) == ISB_OK);
    for (size_t i = 0; i < tensors.count; i++)
        if (strcmp(tensors.items[i].name, name) == 0)
            tensors.items[i].data[at] = value;
    CHECK(isb_trainer_import(trainer, &tensors, false, "spoilt", NULL) == ISB_OK);
    isb_tensors_free(&tensors);
}

/* A finite weight so large that the layer's sum overflows. */
static isb_divergence diverge(const char *name, size_t threads, size_t batch) {
    fixture f;
    fixture_make(&f, ISB_F32, 300, 20, 4);
    f.experiment.batch_size = batch;
    fixture_dense(&f, 19, ISB_LINEAR);
    fixture_dense(&f, 17, ISB_LINEAR);
    fixture_dense(&f, 4, ISB_SOFTMAX);
    fixture_ready(&f);
    isb_trainer *trainer = fixture_trainer(&f, threads, "auto");
    for (size_t i = 0; i < 17; i++) {
        spoil(trainer, name, i, FLT_MAX);
        spoil(trainer, name, 17 * 4 + i, FLT_MAX);
        spoil(trainer, name, 17 * 5 + i, -FLT_MAX);
    }
    const uint64_t before = weights_hash(trainer);
    isb_epoch_result result;
    isb_position position;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(result.diverged);
    isb_trainer_position(trainer, &position);
    CHECK(position.step == result.divergence.step - 1);
    if (position.step == 0)
        CHECK(weights_hash(trainer) == before); /* the step that failed changed nothing */
    isb_trainer_free(trainer);
    fixture_free(&f);
    return result.divergence;
}

CASE(resume, divergence_names_step_layer_and_row) {
    const isb_divergence one = diverge("dense_1.kernel", 1, 32);
    CHECK(one.step == 1 && strcmp(one.layer, "dense_1") == 0 && !one.weights);
    for (size_t threads = 2; threads <= 5; threads++) {
        const isb_divergence other = diverge("dense_1.kernel", threads, 32);
        CHECK(other.step == one.step && strcmp(other.layer, one.layer) == 0);
        CHECK(other.row == one.row);
    }
    CHECK(strcmp(diverge("dense_1.kernel", 2, 300).layer, "dense_1") == 0);
    CHECK(strcmp(diverge("dense.kernel", 2, 32).layer, "dense") == 0);
}
