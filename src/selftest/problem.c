#include "selftest/problem.h"
#include "random/xoshiro.h"
#include <stdlib.h>

/* Each class lights its own places, so that there is something to learn. */
static isb_status make_data(isb_problem *p, size_t rows, size_t width, isb_error *error) {
    isb_table *table = &p->dataset.train;
    const uint32_t classes = (uint32_t)p->model.outputs;
    uint8_t *bytes = malloc(rows * width);
    table->features = bytes;
    table->labels = malloc(rows * sizeof *table->labels);
    p->split.train = malloc(rows * sizeof *p->split.train);
    if (bytes == NULL || table->labels == NULL || p->split.train == NULL)
        return isb_fail_memory(error, "the self-test");
    uint64_t state = 0;
    for (size_t r = 0; r < rows; r++) {
        table->labels[r] = (uint32_t)(isb_splitmix64(state++) % classes);
        p->split.train[r] = (uint32_t)r;
        for (size_t i = 0; i < width; i++) {
            const bool lit = i % classes == table->labels[r];
            bytes[r * width + i] = (uint8_t)(isb_splitmix64(state++) % (lit ? 256 : 96));
        }
    }
    table->rows = p->split.train_rows = rows;
    return ISB_OK;
}

isb_status isb_problem_make(isb_problem *out, const isb_layer *layers, size_t layer_count,
                            size_t rows, size_t width, isb_error *error) {
    *out = (isb_problem){.dataset = {.shape = {1, {width}}, .train = {.dtype = ISB_U8}}};
    out->experiment = (isb_experiment){.seed = 1,
                                       .batch_size = rows,
                                       .optimizer = {.kind = ISB_ADAM,
                                                     .learning_rate = 0.001,
                                                     .beta_1 = 0.9,
                                                     .beta_2 = 0.999,
                                                     .epsilon = 1e-7}};
    isb_status status =
        isb_model_build(&out->model, layers, layer_count, out->dataset.shape, error);
    return status == ISB_OK ? make_data(out, rows, width, error) : status;
}

void isb_problem_free(isb_problem *problem) {
    isb_model_free(&problem->model);
    free(problem->dataset.train.features);
    free(problem->dataset.train.labels);
    free(problem->split.train);
    *problem = (isb_problem){0};
}

isb_status isb_problem_trainer(const isb_problem *problem, size_t threads, const char *isa,
                               isb_trainer **out, isb_error *error) {
    const isb_trainer_config config = {.experiment = &problem->experiment,
                                       .model = &problem->model,
                                       .dataset = &problem->dataset,
                                       .split = &problem->split,
                                       .threads = threads,
                                       .isa = isa};
    return isb_trainer_create(out, &config, error);
}
