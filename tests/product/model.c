#include "check.h"
#include <isobit/model.h>
#include <stdint.h>
#include <string.h>

#define SHAPE(...)                                                                                 \
    ((isb_shape){.rank = sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), .sizes = {__VA_ARGS__}})
static const isb_shape unknown = {0};

static char place[] = "m.yaml:7:5";

static isb_layer dense(size_t units) {
    return (isb_layer){.kind = ISB_DENSE, .units = units, .use_bias = true, .where = place};
}

static isb_layer flatten(void) { return (isb_layer){.kind = ISB_FLATTEN, .where = place}; }

static isb_layer dropout(double rate) {
    return (isb_layer){.kind = ISB_DROPOUT, .rate = rate, .where = place};
}

static void check_refused(const isb_layer *layers, size_t count, isb_shape data,
                          const char *message) {
    isb_model model;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_model_build(&model, layers, count, data, &error) == ISB_USAGE);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got: %s", isb_error_text(&error));
    CHECK(model.info == NULL);
    isb_error_clear(&error);
}

CASE(model, shapes_names_and_counts_are_those_of_keras) {
    isb_layer layers[] = {flatten(),    dense(128), dropout(0.2), dense(64),
                          dropout(0.5), flatten(),  dense(10)};
    layers[3].use_bias = false;
    static const char *const names[] = {"flatten",   "dense",     "dropout", "dense_1",
                                        "dropout_1", "flatten_1", "dense_2"};
    static const size_t sizes[] = {784, 128, 128, 64, 64, 64, 10};
    static const size_t parameters[] = {0, 100480, 0, 8192, 0, 0, 650};
    isb_model model;
    CHECK(isb_model_build(&model, layers, 7, SHAPE(28, 28), NULL) == ISB_OK);
    CHECK(model.count == 7 && model.layers == layers);
    CHECK(isb_shape_equal(model.input, SHAPE(28, 28)));
    for (size_t i = 0; i < 7; i++) {
        CHECKF(strcmp(model.info[i].name, names[i]) == 0, "%zu: %s", i, model.info[i].name);
        CHECKF(isb_shape_equal(model.info[i].output, SHAPE(sizes[i])), "layer %zu", i);
        CHECKF(model.info[i].parameters == parameters[i], "layer %zu", i);
    }
    CHECK(model.parameters == 100480 + 8192 + 650);
    CHECK(model.outputs == 10);
    isb_model_free(&model);
    CHECK(model.info == NULL);
}

CASE(model, dropout_keeps_every_axis) {
    isb_layer layers[] = {dropout(0.1), flatten(), dense(3)};
    isb_model model;
    CHECK(isb_model_build(&model, layers, 3, SHAPE(4, 5, 6), NULL) == ISB_OK);
    CHECK(isb_shape_equal(model.info[0].output, SHAPE(4, 5, 6)));
    CHECK(isb_shape_equal(model.info[1].output, SHAPE(120)));
    isb_model_free(&model);
}

CASE(model, input_shape_stands_in_for_data) {
    isb_layer layers[] = {flatten(), dense(2)};
    layers[0].input_shape = SHAPE(3, 3);
    isb_model model;
    CHECK(isb_model_build(&model, layers, 2, unknown, NULL) == ISB_OK);
    CHECK(isb_shape_equal(model.input, SHAPE(3, 3)));
    CHECK(model.parameters == 20);
    isb_model_free(&model);
    layers[0].input_shape = unknown;
    check_refused(layers, 2, unknown,
                  "m.yaml:7:5: the shape of the input is unknown; give the first layer an "
                  "input_shape");
}

CASE(model, input_shape_must_be_that_of_the_data) {
    isb_layer layers[] = {flatten(), dense(2)};
    layers[0].input_shape = SHAPE(32, 32);
    check_refused(layers, 2, SHAPE(28, 28),
                  "m.yaml:7:5: input_shape [32, 32] does not fit the data, whose examples are "
                  "[28, 28]; write input_shape: [28, 28], or leave it out");
    layers[0].input_shape = SHAPE(784);
    check_refused(layers, 2, SHAPE(28, 28),
                  "m.yaml:7:5: input_shape [784] does not fit the data, whose examples are "
                  "[28, 28]; write input_shape: [28, 28], or leave it out");
}

CASE(model, dense_takes_one_axis) {
    isb_layer layers[] = {dense(2)};
    check_refused(layers, 1, SHAPE(28, 28),
                  "m.yaml:7:5: dense takes one axis, but its input has the shape [28, 28]; put a "
                  "flatten layer before it");
}

CASE(model, layers_without_a_file_are_named_by_their_place) {
    isb_layer layers[] = {dropout(0.5), dense(2)};
    layers[1].where = NULL;
    check_refused(layers, 2, SHAPE(2, 2),
                  "layer 1 (dense): dense takes one axis, but its input has the shape [2, 2]; put "
                  "a flatten layer before it");
}

CASE(model, the_last_layer_is_dense) {
    isb_layer layers[] = {dense(2), {.kind = ISB_FLATTEN, .where = NULL}, dropout(0.5)};
    check_refused(layers, 3, SHAPE(4),
                  "layer 1 (flatten): the last layer is flatten, but it must be dense, with one "
                  "unit a class");
    check_refused(layers, 0, SHAPE(4), "the model has no layers; give it at least a dense one");
}

CASE(model, sizes_are_bounded) {
    isb_layer layers[] = {dense(SIZE_MAX), dense(2)};
    char message[256];
    snprintf(message, sizeof message,
             "m.yaml:7:5: with %zu units on 784 inputs the model has more than 274877906944 "
             "parameters; use fewer units",
             (size_t)SIZE_MAX);
    check_refused(layers, 2, SHAPE(784), message);
    layers[0] = dense(0);
    check_refused(layers, 2, SHAPE(784), "m.yaml:7:5: dense needs at least 1 unit");
    layers[0] = dense(1);
    check_refused(layers, 2, SHAPE(SIZE_MAX / 2),
                  "m.yaml:7:5: an example of shape [9223372036854775807] is empty or too large");
    check_refused(layers, 2, SHAPE((size_t)1 << 33, (size_t)1 << 33),
                  "m.yaml:7:5: an example of shape [8589934592, 8589934592] is empty or too large");
    layers[0] = dense((size_t)1 << 19); /* each layer fits, both do not */
    layers[0].use_bias = false;
    layers[1] = dense(1);
    check_refused(layers, 2, SHAPE((size_t)1 << 19),
                  "m.yaml:7:5: with 1 units on 524288 inputs the model has more than 274877906944 "
                  "parameters; use fewer units");
}

CASE(model, sizes_of_shapes) {
    CHECK(isb_shape_size(unknown) == 1);
    CHECK(isb_shape_size(SHAPE(28, 28)) == 784);
    CHECK(isb_shape_size(SHAPE(SIZE_MAX, 2)) == 0);
    CHECK(!isb_shape_equal(SHAPE(28, 28), SHAPE(28)));
    CHECK(!isb_shape_equal(SHAPE(28, 28), SHAPE(28, 29)));
}
