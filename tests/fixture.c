#include "fixture.h"
#include "check.h"
#include "random/xoshiro.h"
#include <stdlib.h>
#include <string.h>

uint32_t fixture_random(uint64_t *state) {
    const uint32_t bits = (uint32_t)(isb_splitmix64(*state) >> 32);
    *state += 0x9e3779b97f4a7c15u;
    return bits;
}

float fixture_uniform(uint64_t *state) {
    return (float)(fixture_random(state) >> 8) * 0x1p-23f - 1.0f;
}

uint64_t fixture_hash(uint64_t hash, const void *data, size_t size) {
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

/* Each class lights its own places, with noise, so that there is something to learn. */
static void fill(isb_table *table, isb_dtype dtype, size_t rows, size_t width, size_t classes) {
    uint64_t state = 20240117;
    table->rows = rows;
    table->dtype = dtype;
    table->labels = malloc(rows * sizeof *table->labels);
    table->features = malloc(rows * width * sizeof(float));
    for (size_t r = 0; r < rows; r++) {
        table->labels[r] = fixture_random(&state) % (uint32_t)classes;
        for (size_t i = 0; i < width; i++) {
            const bool lit = (i * 7 + table->labels[r]) % classes == 0;
            const uint32_t byte = fixture_random(&state) % (lit ? 256 : 96);
            if (dtype == ISB_U8)
                ((uint8_t *)table->features)[r * width + i] = (uint8_t)byte;
            else
                ((float *)table->features)[r * width + i] = (float)byte * 0x1p-8f;
        }
    }
}

void fixture_make(fixture *f, isb_dtype dtype, size_t rows, size_t width, size_t classes) {
    *f = (fixture){0};
    f->experiment = (isb_experiment){
        .seed = 1,
        .scale_kind = ISB_SCALE_DEFAULT,
        .optimizer = {.kind = ISB_ADAM,
                      .learning_rate = 0.001,
                      .beta_1 = 0.9,
                      .beta_2 = 0.999,
                      .epsilon = 1e-7},
        .metric_accuracy = true,
        .batch_size = 32,
        .epochs = 1,
        .shuffle = true,
    };
    f->dataset.shape = (isb_shape){1, {width}};
    fill(&f->dataset.train, dtype, rows, width, classes);
    f->split.train = malloc(rows * sizeof *f->split.train);
    f->split.train_rows = rows;
    for (size_t r = 0; r < rows; r++)
        f->split.train[r] = (uint32_t)r;
}

void fixture_blacken(fixture *f) {
    isb_table *table = &f->dataset.train;
    const size_t count = table->rows * f->dataset.shape.sizes[0];
    uint64_t state = 7;
    for (size_t i = 0; i < count; i++) {
        if (fixture_random(&state) % 5 == 0)
            continue;
        if (table->dtype == ISB_U8)
            ((uint8_t *)table->features)[i] = 0;
        else
            ((float *)table->features)[i] = 0.0f;
    }
}

static float target(const isb_table *table, size_t row, size_t width, size_t column) {
    float sum = 0.0f;
    for (size_t i = column % width; i < width; i += 3) {
        const size_t at = row * width + i;
        sum += table->dtype == ISB_U8 ? ((const uint8_t *)table->features)[at] * 0x1p-8f
                                      : ((const float *)table->features)[at];
    }
    return sum / (float)width * 6.0f - 1.0f;
}

void fixture_targets(fixture *f, isb_loss_kind loss, size_t width) {
    isb_table *table = &f->dataset.train;
    uint64_t state = 99;
    f->experiment.loss = loss;
    f->experiment.delta = 0.5;
    f->experiment.metric_accuracy = false;
    table->target_width = width;
    table->targets = malloc(table->rows * width * sizeof *table->targets);
    for (size_t i = 0; i < table->rows * width; i++)
        table->targets[i] = target(table, i / width, f->dataset.shape.sizes[0], i % width) +
                            fixture_uniform(&state);
    free(table->labels);
    table->labels = NULL;
}

void fixture_free(fixture *f) {
    isb_model_free(&f->model);
    free(f->dataset.train.features);
    free(f->dataset.train.labels);
    free(f->dataset.train.targets);
    free(f->split.train);
}

void fixture_dense(fixture *f, size_t units, isb_activation activation) {
    f->layers[f->experiment.layer_count++] = (isb_layer){.kind = ISB_DENSE,
                                                         .units = units,
                                                         .activation = activation,
                                                         .use_bias = true,
                                                         .bias_initializer = ISB_ZEROS};
}

void fixture_dropout(fixture *f, double rate) {
    f->layers[f->experiment.layer_count++] = (isb_layer){.kind = ISB_DROPOUT, .rate = rate};
}

void fixture_ready(fixture *f) {
    f->experiment.layers = f->layers;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_model_build(&f->model, f->layers, f->experiment.layer_count, f->dataset.shape,
                           &error) == ISB_OK,
           "%s", isb_error_text(&error));
}

isb_trainer *fixture_trainer(const fixture *f, size_t threads, const char *isa) {
    const isb_trainer_config config = {.experiment = &f->experiment,
                                       .model = &f->model,
                                       .dataset = &f->dataset,
                                       .split = &f->split,
                                       .threads = threads,
                                       .isa = isa};
    isb_trainer *trainer;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_trainer_create(&trainer, &config, &error) == ISB_OK, "%s", isb_error_text(&error));
    return trainer;
}

uint64_t fixture_digest(const fixture *f, size_t threads, const char *isa, size_t epochs) {
    isb_trainer *trainer = fixture_trainer(f, threads, isa);
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t e = 0; e < epochs; e++) {
        isb_epoch_result result;
        CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
        CHECK(!result.diverged);
        hash = fixture_hash(hash, &result.train.loss, sizeof result.train.loss);
        hash = fixture_hash(hash, &result.train.accuracy, sizeof result.train.accuracy);
        const double errors[] = {result.train.mae, result.train.mse, result.train.r2};
        if (isb_is_regression(f->experiment.loss))
            hash = fixture_hash(hash, errors, sizeof errors);
    }
    isb_tensors tensors;
    CHECK(isb_trainer_export(trainer, true, &tensors, NULL) == ISB_OK);
    for (size_t i = 0; i < tensors.count; i++)
        hash = fixture_hash(hash, tensors.items[i].data,
                            isb_shape_size(tensors.items[i].shape) * sizeof(float));
    isb_tensors_free(&tensors);
    isb_trainer_free(trainer);
    return hash;
}
