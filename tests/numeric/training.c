/* Training as a whole: it follows the formulas, and its bits depend on nothing but the experiment.
 */
#include "kernels.h"
#include "oracle.h"
#include "simd/dispatch.h"
#include <math.h>
#include <string.h>

/* One step of the optimizer in double, on the oracle's parameters. */
typedef struct reference {
    oracle o;
    double *m, *v;
    size_t t;
} reference;

static void reference_step(reference *r, size_t first, size_t rows) {
    const isb_optimizer *optimizer = &r->o.f->experiment.optimizer;
    oracle_differentiate(&r->o, first, rows);
    r->t++;
    const double alpha = optimizer->learning_rate *
                         sqrt(1.0 - pow(optimizer->beta_2, (double)r->t)) /
                         (1.0 - pow(optimizer->beta_1, (double)r->t));
    for (size_t i = 0; i < r->o.count; i++) {
        const double g = r->o.gradient[i];
        double *w = &r->o.parameters[i];
        if (optimizer->kind == ISB_ADAM) {
            r->m[i] += (g - r->m[i]) * (1.0 - optimizer->beta_1);
            r->v[i] += (g * g - r->v[i]) * (1.0 - optimizer->beta_2);
            *w -= r->m[i] * alpha / (sqrt(r->v[i]) + optimizer->epsilon);
        } else {
            const double change = optimizer->learning_rate * g;
            r->m[i] = optimizer->momentum * r->m[i] - change;
            *w += optimizer->nesterov ? optimizer->momentum * r->m[i] - change : r->m[i];
        }
    }
}

/* 60 steps without shuffle and dropout follow the same steps in double. */
static void check_follows(isb_optimizer optimizer, isb_loss_kind loss) {
    enum { BATCH = 9, BATCHES = 20, EPOCHS = 3 };
    fixture f;
    fixture_make(&f, ISB_U8, BATCH * BATCHES - 4, 10, 3);
    if (isb_is_regression(loss))
        fixture_targets(&f, loss, 3);
    fixture_dense(&f, 7, ISB_TANH);
    fixture_dense(&f, 3, isb_is_regression(loss) ? ISB_LINEAR : ISB_SOFTMAX);
    fixture_ready(&f);
    f.experiment.optimizer = optimizer;
    f.experiment.batch_size = BATCH;
    f.experiment.shuffle = false;
    isb_trainer *trainer = fixture_trainer(&f, 2, "auto");
    isb_tensors tensors;
    CHECK(isb_trainer_export(trainer, false, &tensors, NULL) == ISB_OK);
    double m[512] = {0}, v[512] = {0};
    reference r = {.m = m, .v = v};
    oracle_make(&r.o, &f);
    CHECK(r.o.count <= 512);
    oracle_load(&r.o, &tensors);
    isb_tensors_free(&tensors);
    for (size_t e = 0; e < EPOCHS; e++) {
        isb_epoch_result result;
        CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
        for (size_t first = 0; first < f.dataset.train.rows; first += BATCH) {
            const size_t left = f.dataset.train.rows - first;
            reference_step(&r, first, left < BATCH ? left : BATCH);
        }
    }
    CHECK(r.t == 60);
    CHECK(isb_trainer_export(trainer, false, &tensors, NULL) == ISB_OK);
    size_t next = 0;
    for (size_t i = 0; i < tensors.count; i++)
        for (size_t j = 0; j < isb_shape_size(tensors.items[i].shape); j++, next++)
            CHECKF(fabs((double)tensors.items[i].data[j] - r.o.parameters[next]) < 5e-6,
                   "%s[%zu]: %.9g, reference %.9g", tensors.items[i].name, j,
                   (double)tensors.items[i].data[j], r.o.parameters[next]);
    isb_tensors_free(&tensors);
    oracle_free(&r.o);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

static const isb_optimizer adam = {
    .kind = ISB_ADAM, .learning_rate = 0.001, .beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-7};

CASE(training, adam_follows_double) { check_follows(adam, ISB_CROSS_ENTROPY); }
CASE(training, sgd_follows_double) {
    check_follows((isb_optimizer){.kind = ISB_SGD, .learning_rate = 0.1}, ISB_CROSS_ENTROPY);
}
CASE(training, momentum_follows_double) {
    check_follows((isb_optimizer){.kind = ISB_SGD, .learning_rate = 0.05, .momentum = 0.9},
                  ISB_CROSS_ENTROPY);
}
CASE(training, nesterov_follows_double) {
    check_follows(
        (isb_optimizer){.kind = ISB_SGD, .learning_rate = 0.05, .momentum = 0.9, .nesterov = true},
        ISB_CROSS_ENTROPY);
}
CASE(training, mean_squared_error_follows_double) { check_follows(adam, ISB_SQUARED_ERROR); }
CASE(training, huber_follows_double) {
    check_follows((isb_optimizer){.kind = ISB_SGD, .learning_rate = 0.05, .momentum = 0.9},
                  ISB_HUBER);
}
CASE(training, mean_absolute_error_follows_double) {
    check_follows((isb_optimizer){.kind = ISB_SGD, .learning_rate = 0.01}, ISB_ABSOLUTE_ERROR);
}

/* A network with every kind of layer, odd sizes and a partial last batch. */
static void make_all_kinds(fixture *f, size_t batch) {
    fixture_make(f, ISB_U8, 203, 50, 10);
    fixture_dropout(f, 0.1);
    fixture_dense(f, 37, ISB_RELU);
    fixture_dropout(f, 0.3);
    fixture_dense(f, 33, ISB_TANH);
    fixture_dropout(f, 0.2);
    fixture_dense(f, 18, ISB_SIGMOID);
    fixture_dense(f, 10, ISB_SOFTMAX);
    fixture_ready(f);
    f->experiment.batch_size = batch;
    f->experiment.seed = 77;
}

/* Pinned: a change of any of these is a change of results, and so a new numerics version. */
static const struct {
    size_t batch;
    uint64_t digest;
} pinned[] = {{1, UINT64_C(0xd7d2d1892689d5f2)},
              {31, UINT64_C(0xfbff6e08cd49849a)},
              {32, UINT64_C(0x5967050d99f3d95f)},
              {77, UINT64_C(0x52a69cbc21830d25)}};

CASE(training, same_bits_at_any_threads_isa_and_batch) {
    static const size_t threads[] = {1, 2, 3, 4, 7, 8, 16};
    for (size_t b = 0; b < sizeof pinned / sizeof *pinned; b++) {
        fixture f;
        make_all_kinds(&f, pinned[b].batch);
        FOR_EACH_ISA(isa) {
            for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
                const uint64_t digest = fixture_digest(&f, threads[t], isb_isa_name(isa), 2);
                CHECKF(digest == pinned[b].digest,
                       "batch %zu, %zu threads, %s: 0x%016llx, not 0x%016llx", pinned[b].batch,
                       threads[t], isb_isa_name(isa), (unsigned long long)digest,
                       (unsigned long long)pinned[b].digest);
            }
        }
        fixture_free(&f);
    }
}

CASE(training, same_bits_over_many_leaves) {
    static const size_t batches[] = {64, 65, 128, 200, 447, 1000};
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        fixture f;
        fixture_make(&f, ISB_U8, 1000, 40, 5);
        fixture_dense(&f, 48, ISB_RELU);
        fixture_dropout(&f, 0.5);
        fixture_dense(&f, 5, ISB_SOFTMAX);
        fixture_ready(&f);
        f.experiment.batch_size = batches[b];
        const uint64_t expected = fixture_digest(&f, 1, "scalar", 1);
        for (size_t threads = 1; threads <= 6; threads++)
            CHECKF(fixture_digest(&f, threads, "auto", 1) == expected, "batch %zu, %zu threads",
                   batches[b], threads);
        fixture_free(&f);
    }
}

CASE(training, rate_zero_is_no_layer_at_all) {
    fixture with, without;
    fixture_make(&with, ISB_U8, 100, 20, 4);
    fixture_make(&without, ISB_U8, 100, 20, 4);
    fixture_dropout(&with, 0.0);
    fixture_dense(&with, 20, ISB_RELU);
    fixture_dense(&without, 20, ISB_RELU);
    fixture_dropout(&with, 0.0);
    fixture_dropout(&with, 0.4);
    fixture_dropout(&without, 0.4);
    fixture_dense(&with, 4, ISB_SOFTMAX);
    fixture_dense(&without, 4, ISB_SOFTMAX);
    fixture_ready(&with);
    fixture_ready(&without);
    CHECK(fixture_digest(&with, 2, "auto", 3) == fixture_digest(&without, 2, "auto", 3));
    fixture_free(&with);
    fixture_free(&without);
}

/* The first weights of both dense layers do not depend on where a dropout stands. */
CASE(training, dropout_changes_no_initial_weight) {
    fixture with, without;
    fixture_make(&with, ISB_U8, 100, 20, 4);
    fixture_make(&without, ISB_U8, 100, 20, 4);
    fixture_dense(&without, 20, ISB_RELU);
    fixture_dense(&without, 4, ISB_SOFTMAX);
    fixture_dropout(&with, 0.3);
    fixture_dense(&with, 20, ISB_RELU);
    fixture_dropout(&with, 0.3);
    fixture_dense(&with, 4, ISB_SOFTMAX);
    fixture_ready(&with);
    fixture_ready(&without);
    isb_trainer *a = fixture_trainer(&with, 1, "auto"), *b = fixture_trainer(&without, 1, "auto");
    isb_tensors left, right;
    CHECK(isb_trainer_export(a, false, &left, NULL) == ISB_OK);
    CHECK(isb_trainer_export(b, false, &right, NULL) == ISB_OK);
    CHECK(left.count == 4 && right.count == 4);
    for (size_t i = 0; i < left.count; i++)
        CHECK(memcmp(left.items[i].data, right.items[i].data,
                     isb_shape_size(left.items[i].shape) * sizeof(float)) == 0);
    isb_tensors_free(&left);
    isb_tensors_free(&right);
    isb_trainer_free(a);
    isb_trainer_free(b);
    fixture_free(&with);
    fixture_free(&without);
}

CASE(training, initial_weights_are_keras_glorot_uniform) {
    fixture f;
    fixture_make(&f, ISB_U8, 10, 300, 4);
    fixture_dense(&f, 200, ISB_RELU);
    fixture_dense(&f, 4, ISB_SOFTMAX);
    fixture_ready(&f);
    isb_trainer *trainer = fixture_trainer(&f, 1, "auto");
    isb_tensors tensors;
    CHECK(isb_trainer_export(trainer, false, &tensors, NULL) == ISB_OK);
    const isb_tensor *kernel = isb_tensors_find(&tensors, "dense.kernel");
    const double limit = sqrt(6.0 / 500.0);
    double sum = 0.0, squares = 0.0, largest = 0.0;
    for (size_t i = 0; i < 60000; i++) {
        const double w = (double)kernel->data[i];
        sum += w;
        squares += w * w;
        largest = fabs(w) > largest ? fabs(w) : largest;
    }
    CHECK(largest <= limit * (1.0 + 1e-7) && largest > 0.999 * limit);
    CHECK(fabs(sum / 60000.0) < 4.0 * limit / sqrt(3.0 * 60000.0));
    CHECK(fabs(squares / 60000.0 - limit * limit / 3.0) < 0.02 * limit * limit / 3.0);
    const isb_tensor *bias = isb_tensors_find(&tensors, "dense.bias");
    for (size_t i = 0; i < 200; i++)
        CHECK(bias->data[i] == 0.0f);
    isb_tensors_free(&tensors);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

CASE(training, everything_dropped_still_trains_the_bias) {
    fixture f;
    fixture_make(&f, ISB_U8, 64, 20, 4);
    fixture_dense(&f, 20, ISB_RELU);
    fixture_dropout(&f, 1.0);
    fixture_dense(&f, 4, ISB_SOFTMAX);
    fixture_ready(&f);
    isb_trainer *trainer = fixture_trainer(&f, 1, "auto");
    isb_epoch_result result;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(!result.diverged && fabs(result.train.loss - log(4.0)) < 0.01);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

CASE(training, evaluation_does_not_depend_on_threads_or_order) {
    fixture f;
    fixture_make(&f, ISB_U8, 777, 30, 4);
    fixture_dense(&f, 20, ISB_RELU);
    fixture_dropout(&f, 0.5);
    fixture_dense(&f, 4, ISB_SOFTMAX);
    fixture_ready(&f);
    isb_trainer *one = fixture_trainer(&f, 1, "scalar"), *many = fixture_trainer(&f, 5, "auto");
    isb_score a, b;
    CHECK(isb_trainer_evaluate(one, &f.dataset.train, NULL, 777, &a, NULL) == ISB_OK);
    CHECK(isb_trainer_evaluate(many, &f.dataset.train, f.split.train, 777, &b, NULL) == ISB_OK);
    CHECK(a.loss == b.loss && a.accuracy == b.accuracy);
    oracle o;
    isb_tensors tensors;
    CHECK(isb_trainer_export(one, false, &tensors, NULL) == ISB_OK);
    oracle_make(&o, &f);
    oracle_load(&o, &tensors);
    f.layers[1].rate = 0.0; /* evaluation drops nothing */
    CHECK(fabs(oracle_loss(&o, 0, 777) - a.loss) < 1e-6);
    oracle_free(&o);
    isb_tensors_free(&tensors);
    isb_trainer_free(one);
    isb_trainer_free(many);
    fixture_free(&f);
}

CASE(training, import_names_what_does_not_fit) {
    fixture f;
    fixture_make(&f, ISB_U8, 10, 6, 3);
    fixture_dense(&f, 3, ISB_SOFTMAX);
    fixture_ready(&f);
    isb_trainer *trainer = fixture_trainer(&f, 1, "auto");
    float kernel[18] = {0.0f}, bias[3] = {NAN};
    isb_tensor items[2] = {{"dense.kernel", {2, {3, 6}}, kernel}, {"dense.bias", {1, {3}}, bias}};
    isb_tensors tensors = {2, items};
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_trainer_import(trainer, &tensors, false, "w.safetensors", &error) == ISB_CORRUPT);
    CHECKF(strcmp(isb_error_text(&error),
                  "w.safetensors: tensor 'dense.kernel' has shape (3, 6), but the model needs (6, "
                  "3); use a file of this model, or change the model to match\n"
                  "w.safetensors: tensor 'dense.bias' holds NaN or Inf; use weights that are "
                  "finite") == 0,
           "%s", isb_error_text(&error));
    isb_error_clear(&error);
    tensors.count = 1;
    items[0].shape = (isb_shape){2, {6, 3}};
    CHECK(isb_trainer_import(trainer, &tensors, false, "w.safetensors", &error) == ISB_CORRUPT);
    CHECKF(
        strcmp(isb_error_text(&error),
               "w.safetensors: no tensor 'dense.bias', which the model needs with shape (3); use "
               "a file of this model, or change the model to match") == 0,
        "%s", isb_error_text(&error));
    isb_error_clear(&error);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

CASE(training, divergence_stops_at_its_step) {
    fixture f;
    fixture_make(&f, ISB_F32, 100, 6, 3);
    fixture_dense(&f, 3, ISB_SOFTMAX);
    fixture_ready(&f);
    f.experiment.shuffle = false;
    f.experiment.batch_size = 10;
    ((float *)f.dataset.train.features)[25 * 6] = INFINITY;
    isb_trainer *trainer = fixture_trainer(&f, 2, "auto");
    isb_epoch_result result;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(result.diverged && result.steps == 2 && !result.validation.present);
    CHECK(result.divergence.step == 3 && result.divergence.row == 25);
    CHECK(strcmp(result.divergence.layer, "dense") == 0 && !result.divergence.weights);
    isb_trainer_free(trainer);
    fixture_free(&f);
}
