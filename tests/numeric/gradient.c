/* Gradients of every layer and of the loss against the double oracle. */
#include "check.h"
#include "oracle.h"
#include <math.h>
#include <string.h>

/* With a momentum set, the velocity after the first step is -(learning_rate * g); so 1 shows g
 * itself. */
static void check_gradient(fixture *f) {
    fixture_ready(f);
    f->experiment.optimizer =
        (isb_optimizer){.kind = ISB_SGD, .learning_rate = 1.0, .momentum = 0.5};
    f->experiment.shuffle = false;
    const size_t rows = f->dataset.train.rows;
    f->experiment.batch_size = rows;
    isb_trainer *trainer = fixture_trainer(f, 2, "auto");
    isb_tensors before, after;
    CHECK(isb_trainer_export(trainer, false, &before, NULL) == ISB_OK);
    oracle o;
    oracle_make(&o, f);
    oracle_load(&o, &before);
    const double loss = oracle_loss(&o, 0, rows);
    oracle_differentiate(&o, 0, rows);
    isb_epoch_result result;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECKF(fabs(result.train.loss - loss) <= 1e-6 * (1.0 + loss), "loss %.9g, oracle %.9g",
           result.train.loss, loss);
    CHECK(isb_trainer_export(trainer, true, &after, NULL) == ISB_OK);
    double largest = 0.0;
    for (size_t i = 0; i < o.count; i++)
        largest = fabs(o.gradient[i]) > largest ? fabs(o.gradient[i]) : largest;
    CHECK(largest > 1e-3);
    size_t next = 0;
    for (size_t i = 0; i < after.count; i++) {
        const isb_tensor *tensor = &after.items[i];
        if (strncmp(tensor->name, "optimizer.velocity.", 19) != 0)
            continue;
        for (size_t j = 0; j < isb_shape_size(tensor->shape); j++, next++)
            CHECKF(fabs(-(double)tensor->data[j] - o.gradient[next]) <= 2e-6 * (largest + 1.0),
                   "%s[%zu]: %.9g, oracle %.9g", tensor->name, j, -(double)tensor->data[j],
                   o.gradient[next]);
    }
    CHECK(next == o.count);
    isb_tensors_free(&before);
    isb_tensors_free(&after);
    oracle_free(&o);
    isb_trainer_free(trainer);
    fixture_free(f);
}

static void check_activation(isb_activation activation, double rate) {
    fixture f;
    fixture_make(&f, ISB_F32, 70, 18, 3);
    fixture_dense(&f, 17, activation);
    if (rate > 0.0)
        fixture_dropout(&f, rate);
    fixture_dense(&f, 3, ISB_SOFTMAX);
    check_gradient(&f);
}

CASE(gradient, one_layer) {
    fixture f;
    fixture_make(&f, ISB_U8, 33, 20, 4);
    fixture_dense(&f, 4, ISB_SOFTMAX);
    check_gradient(&f);
}

CASE(gradient, linear) { check_activation(ISB_LINEAR, 0.0); }
CASE(gradient, relu) { check_activation(ISB_RELU, 0.0); }
CASE(gradient, sigmoid) { check_activation(ISB_SIGMOID, 0.0); }
CASE(gradient, tanh) { check_activation(ISB_TANH, 0.0); }
CASE(gradient, hidden_softmax) { check_activation(ISB_SOFTMAX, 0.0); }
CASE(gradient, linear_and_dropout) { check_activation(ISB_LINEAR, 0.3); }
CASE(gradient, relu_and_dropout) { check_activation(ISB_RELU, 0.3); }
CASE(gradient, sigmoid_and_dropout) { check_activation(ISB_SIGMOID, 0.1); }
CASE(gradient, tanh_and_dropout) { check_activation(ISB_TANH, 0.7); }
CASE(gradient, hidden_softmax_and_dropout) { check_activation(ISB_SOFTMAX, 0.3); }

CASE(gradient, dropout_everywhere) {
    fixture f;
    fixture_make(&f, ISB_U8, 67, 21, 3);
    fixture_dropout(&f, 0.2);
    fixture_dropout(&f, 0.0);
    fixture_dropout(&f, 0.1);
    fixture_dense(&f, 18, ISB_TANH);
    fixture_dropout(&f, 0.3);
    fixture_dropout(&f, 0.2);
    fixture_dense(&f, 9, ISB_RELU);
    fixture_dense(&f, 3, ISB_SOFTMAX);
    check_gradient(&f);
}

CASE(gradient, logits_with_dropout_behind_them) {
    fixture f;
    fixture_make(&f, ISB_F32, 40, 12, 3);
    fixture_dense(&f, 10, ISB_RELU);
    fixture_dense(&f, 3, ISB_LINEAR);
    fixture_dropout(&f, 0.25);
    f.experiment.from_logits = true;
    check_gradient(&f);
}

CASE(gradient, three_leaves) {
    fixture f;
    fixture_make(&f, ISB_F32, 190, 5, 3);
    fixture_dense(&f, 4, ISB_SIGMOID);
    fixture_dense(&f, 3, ISB_SOFTMAX);
    check_gradient(&f);
}

static void check_regression(isb_loss_kind loss, size_t rows, size_t width, double rate) {
    fixture f;
    fixture_make(&f, ISB_F32, rows, 9, 2);
    fixture_targets(&f, loss, width);
    fixture_dense(&f, 10, ISB_TANH);
    fixture_dense(&f, width, ISB_LINEAR);
    if (rate > 0.0)
        fixture_dropout(&f, rate);
    check_gradient(&f);
}

CASE(gradient, mean_squared_error) { check_regression(ISB_SQUARED_ERROR, 70, 1, 0.0); }
CASE(gradient, mean_absolute_error) { check_regression(ISB_ABSOLUTE_ERROR, 70, 1, 0.0); }
CASE(gradient, huber) { check_regression(ISB_HUBER, 70, 1, 0.0); }
CASE(gradient, mean_squared_error_of_several) { check_regression(ISB_SQUARED_ERROR, 130, 3, 0.3); }
CASE(gradient, mean_absolute_error_of_several) {
    check_regression(ISB_ABSOLUTE_ERROR, 33, 18, 0.0);
}
CASE(gradient, huber_of_several) { check_regression(ISB_HUBER, 65, 17, 0.2); }

CASE(gradient, without_bias) {
    fixture f;
    fixture_make(&f, ISB_F32, 30, 6, 3);
    fixture_dense(&f, 5, ISB_TANH);
    fixture_dense(&f, 3, ISB_SOFTMAX);
    fixture_ready(&f);
    isb_trainer *with = fixture_trainer(&f, 1, "auto");
    isb_tensors tensors;
    CHECK(isb_trainer_export(with, true, &tensors, NULL) == ISB_OK);
    CHECK(tensors.count == 12);
    isb_tensors_free(&tensors);
    f.layers[0].use_bias = false;
    isb_trainer *without = fixture_trainer(&f, 1, "auto");
    CHECK(isb_trainer_export(without, true, &tensors, NULL) == ISB_OK);
    CHECK(tensors.count == 9 && isb_tensors_find(&tensors, "dense.bias") == NULL);
    isb_tensors_free(&tensors);
    isb_epoch_result a, b;
    CHECK(isb_trainer_epoch(with, NULL, NULL, &a, NULL) == ISB_OK);
    CHECK(isb_trainer_epoch(without, NULL, NULL, &b, NULL) == ISB_OK);
    CHECK(a.train.loss == b.train.loss); /* one step: biases still are zero in its forward pass */
    CHECK(isb_trainer_epoch(with, NULL, NULL, &a, NULL) == ISB_OK);
    CHECK(isb_trainer_epoch(without, NULL, NULL, &b, NULL) == ISB_OK);
    CHECK(a.train.loss != b.train.loss);
    isb_trainer_free(with);
    isb_trainer_free(without);
    fixture_free(&f);
}
