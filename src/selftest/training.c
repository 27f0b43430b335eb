#include "io/sha256.h"
#include "selftest/checks.h"
#include "selftest/problem.h"
#include "simd/dispatch.h"
#include <stdio.h>
#include <string.h>

enum { EPOCHS = 2 };

/* Of the weights after the training below, numerics 1. */
static const char known[] = "f63b7d8b7759bea7dbdaf300c519a8723674d6da1d9ac6980fcdfe08e9cca6eb";

static const size_t threads[] = {1, 2, 3, 5, 8};

static isb_status digest_of(const isb_problem *problem, size_t thread_count, const char *isa,
                            char digest[ISB_SHA256_SIZE], isb_error *error) {
    isb_trainer *trainer;
    isb_epoch_result result;
    isb_tensors weights;
    isb_status status = isb_problem_trainer(problem, thread_count, isa, &trainer, error);
    for (size_t e = 0; status == ISB_OK && e < EPOCHS; e++)
        status = isb_trainer_epoch(trainer, NULL, NULL, &result, error);
    if (status == ISB_OK)
        status = isb_trainer_export(trainer, false, &weights, error);
    if (status == ISB_OK) {
        status = isb_weights_sha256(&weights, digest, error);
        isb_tensors_free(&weights);
    }
    isb_trainer_free(trainer);
    return status;
}

static isb_status check_isa(isb_selftest *out, const isb_problem *problem, const char *isa,
                            isb_error *error) {
    char digest[ISB_SHA256_SIZE];
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        isb_status status = digest_of(problem, threads[i], isa, digest, error);
        if (status != ISB_OK)
            return status;
        if (strcmp(digest, known) != 0) {
            isb_selftest_add(out, false, "training",
                             "%s, %zu thread%s: %.12s..., known is %.12s...", isa, threads[i],
                             threads[i] == 1 ? "" : "s", digest, known);
            return ISB_OK;
        }
    }
    isb_selftest_add(out, true, "training", "%s, 1 to 8 threads: the known digest %.12s...", isa,
                     known);
    return ISB_OK;
}

static isb_layer dense(size_t units, isb_activation activation) {
    return (isb_layer){.kind = ISB_DENSE,
                       .units = units,
                       .activation = activation,
                       .use_bias = true,
                       .bias_initializer = ISB_ZEROS};
}

static isb_layer dropout(double rate) { return (isb_layer){.kind = ISB_DROPOUT, .rate = rate}; }

/* Every kind of layer, widths of no round number, batches of more than one chunk and a small last
 * one. */
isb_status isb_check_training(isb_selftest *out, isb_error *error) {
    const isb_layer layers[] = {
        dropout(0.1), dense(37, ISB_RELU),    dropout(0.2),           dense(50, ISB_TANH),
        dropout(0.3), dense(21, ISB_SIGMOID), dense(18, ISB_SOFTMAX), dense(10, ISB_SOFTMAX)};
    isb_problem problem;
    isb_status status =
        isb_problem_make(&problem, layers, sizeof layers / sizeof *layers, 1300, 70, error);
    problem.experiment.batch_size = 600;
    problem.experiment.shuffle = true;
    for (int isa = 0; status == ISB_OK && isa < ISB_ISA_COUNT; isa++)
        if (isb_isa_available((isb_isa)isa))
            status = check_isa(out, &problem, isb_isa_name((isb_isa)isa), error);
    isb_problem_free(&problem);
    return status;
}
