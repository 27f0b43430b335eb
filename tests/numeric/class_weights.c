/* Weights of the classes: what they do to losses and gradients. */
#include "check.h"
#include "fixture.h"
#include <string.h>

enum { ROWS = 80, WIDTH = 20, CLASSES = 3 };

/* Of 80 rows 40, 20 and 20: the weights are 2/3, 4/3 and 4/3. */
static void make(fixture *f, bool balanced) {
    fixture_make(f, ISB_F32, ROWS, WIDTH, CLASSES);
    for (size_t i = 0; i < ROWS; i++)
        f->dataset.train.labels[i] = i % 4 < 2 ? 0 : (uint32_t)(i % 4 - 1);
    f->experiment.balanced = balanced;
    f->experiment.shuffle = false;
    f->experiment.optimizer = (isb_optimizer){.kind = ISB_SGD, .learning_rate = 1};
    fixture_dense(f, CLASSES, ISB_SOFTMAX);
    fixture_ready(f);
}

typedef struct first_step {
    float loss;
    float bias[CLASSES];
} first_step;

static bool stop_at_once(void *context, const isb_progress *progress) {
    first_step *step = context;
    step->loss = progress->batch_loss;
    return true;
}

/* A step on the first row alone, which is of class 0. */
static first_step train_first_row(bool balanced) {
    fixture f;
    make(&f, balanced);
    f.experiment.batch_size = 1;
    isb_trainer *trainer = fixture_trainer(&f, 1, "scalar");
    first_step step = {0};
    isb_epoch_result result;
    isb_tensors weights;
    CHECK(isb_trainer_epoch(trainer, stop_at_once, &step, &result, NULL) == ISB_OK);
    CHECK(isb_trainer_export(trainer, false, &weights, NULL) == ISB_OK);
    CHECK(weights.count == 2);
    memcpy(step.bias, weights.items[1].data, sizeof step.bias);
    isb_tensors_free(&weights);
    isb_trainer_free(trainer);
    fixture_free(&f);
    return step;
}

CASE(class_weights, multiply_loss_and_gradient) {
    const first_step plain = train_first_row(false), balanced = train_first_row(true);
    const float weight = (float)(80.0 / (3.0 * 40.0));
    CHECK(plain.loss > 0 && balanced.loss == plain.loss * weight);
    for (size_t i = 0; i < CLASSES; i++)
        CHECK(plain.bias[i] != 0 && balanced.bias[i] == plain.bias[i] * weight);
}

CASE(class_weights, change_no_bit_where_classes_are_as_large) {
    uint64_t digests[2];
    for (int balanced = 0; balanced < 2; balanced++) {
        fixture f;
        make(&f, balanced == 1);
        for (size_t i = 0; i < ROWS; i++)
            f.dataset.train.labels[i] = (uint32_t)(i % 2); /* the third class has no row */
        digests[balanced] = fixture_digest(&f, 1, "auto", 2);
        fixture_free(&f);
    }
    CHECK(digests[0] == digests[1]);
}

CASE(class_weights, give_the_same_bits_on_any_number_of_threads) {
    fixture f;
    make(&f, true);
    f.experiment.shuffle = true;
    const uint64_t expected = fixture_digest(&f, 1, "scalar", 3);
    CHECK(fixture_digest(&f, 2, "auto", 3) == expected);
    CHECK(fixture_digest(&f, 5, "auto", 3) == expected);
    f.experiment.balanced = false;
    CHECK(fixture_digest(&f, 1, "scalar", 3) != expected);
    fixture_free(&f);
}
