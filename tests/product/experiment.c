#include "check.h"
#include <isobit/experiment.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SMALL                                                                                      \
    "data: {source: digits}\n"                                                                     \
    "model:\n"                                                                                     \
    "  - flatten\n"                                                                                \
    "  - dense: {units: 10, activation: softmax}\n"                                                \
    "compile:\n"                                                                                   \
    "  optimizer: adam\n"                                                                          \
    "  loss: sparse_categorical_crossentropy\n"

static const char *example_path(const char *name) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/examples/%s", ISB_SOURCE_DIR, name);
    return path;
}

static isb_experiment parse_with(const char *text, const isb_setting *settings, size_t count) {
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    isb_experiment_parse(&experiment, text, strlen(text), "dir/exp.yaml", settings, count, &error);
    CHECKF(error.count == 0, "%s", isb_error_text(&error));
    return experiment;
}

static isb_experiment parse(const char *text) { return parse_with(text, NULL, 0); }

/* The caller frees. */
static char *resolve(const isb_experiment *experiment) {
    char *text = NULL;
    CHECK(isb_experiment_write(experiment, &text, NULL) == ISB_OK);
    return text;
}

static void check_message(const char *text, size_t length, const char *expected) {
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_experiment_parse(&experiment, text, length, "exp.yaml", NULL, 0, &error) ==
          ISB_USAGE);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "says '%s'", isb_error_text(&error));
    isb_error_clear(&error);
}

CASE(experiment, reads_the_example) {
    isb_experiment e;
    isb_error error = ISB_ERROR_INIT;
    isb_experiment_read(&e, example_path("after.yaml"), NULL, 0, &error);
    CHECKF(error.count == 0, "%s", isb_error_text(&error));
    CHECK(strcmp(e.name, "dropout-after-dense") == 0 && e.seed == 1);
    CHECK(strcmp(e.source, "digits") == 0 && e.scale_kind == ISB_SCALE_BY && e.scale == 255);
    CHECK(e.validation == ISB_VALIDATION_STRATIFIED && e.validation_fraction == 0.1);
    CHECK(e.layer_count == 4);
    CHECK(e.layers[0].kind == ISB_FLATTEN && e.layers[0].input_shape.rank == 2);
    CHECK(e.layers[0].input_shape.sizes[0] == 28 && e.layers[0].input_shape.sizes[1] == 28);
    CHECK(e.layers[1].kind == ISB_DENSE && e.layers[1].units == 128);
    CHECK(e.layers[1].activation == ISB_RELU && e.layers[1].use_bias);
    CHECK(e.layers[1].kernel_initializer == ISB_GLOROT_UNIFORM);
    CHECK(e.layers[1].bias_initializer == ISB_ZEROS && e.layers[1].input_shape.rank == 0);
    CHECK(e.layers[2].kind == ISB_DROPOUT && e.layers[2].rate == 0.2);
    CHECK(e.layers[3].units == 10 && e.layers[3].activation == ISB_SOFTMAX);
    char where[4200];
    snprintf(where, sizeof where, "%s:11:5", example_path("after.yaml"));
    CHECKF(strcmp(e.layers[2].where, where) == 0, "%s", e.layers[2].where);
    CHECK(e.optimizer.kind == ISB_ADAM && e.optimizer.learning_rate == 0.001);
    CHECK(e.optimizer.beta_1 == 0.9 && e.optimizer.beta_2 == 0.999);
    CHECK(e.optimizer.epsilon == 1e-7 && !e.from_logits);
    CHECK(e.metric_accuracy && !e.metric_train_eval);
    CHECK(e.epochs == 5 && e.batch_size == 32 && e.shuffle && e.model_weights == NULL);
    isb_experiment_free(&e);
}

CASE(experiment, defaults) {
    isb_experiment e = parse(SMALL);
    CHECK(strcmp(e.name, "exp") == 0 && strcmp(e.file, "dir/exp.yaml") == 0 && e.seed == 1);
    CHECK(e.scale_kind == ISB_SCALE_DEFAULT && e.validation == ISB_VALIDATION_NONE);
    CHECK(e.epochs == 1 && e.batch_size == 32 && e.shuffle);
    CHECK(!e.metric_accuracy && !e.metric_train_eval && e.model_weights == NULL);
    CHECK(strcmp(e.where_source, "dir/exp.yaml:1:16") == 0);
    CHECK(e.where_validation == NULL && e.where_model_weights == NULL);
    isb_experiment_free(&e);
}

CASE(experiment, other_forms) {
    isb_experiment e =
        parse("seed: 9223372036854775807\n"
              "data: {source: digits, scale: none, validation: {fraction: 0.25, from: tail}}\n"
              "model:\n"
              "- dense: {units: 2, activation: \"tanh\", use_bias: false, input_shape: [3],\n"
              "          kernel_initializer: he_uniform, bias_initializer: glorot_uniform}\n"
              "- dense: {units: 2}\n"
              "- dropout: {rate: 0.5}\n"
              "- dropout: {rate: 0}\n"
              "compile:\n"
              "  optimizer: {sgd: {momentum: 9e-1, nesterov: true}}\n"
              "  loss: {sparse_categorical_crossentropy: {from_logits: true}}\n"
              "  metrics: [train_eval, accuracy]\n"
              "fit: {shuffle: false}\n");
    CHECK(e.seed == INT64_MAX && e.scale_kind == ISB_SCALE_NONE);
    CHECK(e.validation == ISB_VALIDATION_TAIL && e.validation_fraction == 0.25);
    CHECK(e.layers[0].activation == ISB_TANH && !e.layers[0].use_bias);
    CHECK(e.layers[0].kernel_initializer == ISB_HE_UNIFORM);
    CHECK(e.layers[0].bias_initializer == ISB_GLOROT_UNIFORM);
    CHECK(e.layers[0].input_shape.rank == 1 && e.layers[0].input_shape.sizes[0] == 3);
    CHECK(e.optimizer.kind == ISB_SGD && e.optimizer.learning_rate == 0.01);
    CHECK(e.optimizer.momentum == 0.9 && e.optimizer.nesterov && e.from_logits);
    CHECK(e.metric_accuracy && e.metric_train_eval && !e.shuffle);
    isb_experiment_free(&e);
    e = parse(SMALL "  metrics: none\nmodel_weights: none\nname: none\n");
    CHECK(strcmp(e.name, "exp") == 0 && e.model_weights == NULL);
    isb_experiment_free(&e);
}

CASE(experiment, a_dropout_of_rate_0_may_stand_anywhere) {
    isb_experiment e = parse("data: {source: digits}\n"
                             "model: [flatten, dense: {units: 3, activation: softmax}, dropout: "
                             "{rate: 0}]\n"
                             "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n");
    CHECK(e.layer_count == 3 && e.layers[2].rate == 0);
    isb_experiment_free(&e);
}

/* --- paths --- */

static void check_source(const char *source, const isb_setting *settings, size_t count,
                         const char *below) {
    char text[512], expected[8192], here[4096];
    snprintf(text, sizeof text,
             "data: {source: %s}\nmodel: [dense: {units: 3, activation: softmax}]\n"
             "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n",
             source);
    CHECK(getcwd(here, sizeof here) != NULL);
    snprintf(expected, sizeof expected, "%s%s", strcmp(here, "/") == 0 ? "" : here, below);
    isb_experiment e = parse_with(text, settings, count);
    CHECKF(strcmp(e.source, expected) == 0, "'%s', expected '%s'", e.source, expected);
    isb_experiment_free(&e);
}

CASE(experiment, paths_of_the_file_are_relative_to_it) {
    check_source("mnist", NULL, 0, "/dir/mnist");
    check_source("./test", NULL, 0, "/dir/test");
    check_source("../mnist//a/./b/", NULL, 0, "/dir/../mnist/a/b");
    check_source("~x", NULL, 0, "/dir/~x");
    check_source("'a b'", NULL, 0, "/dir/a b");
    isb_experiment e = parse(SMALL "model_weights: /w/x.safetensors\n");
    CHECK(strcmp(e.model_weights, "/w/x.safetensors") == 0);
    CHECK(strcmp(e.where_model_weights, "dir/exp.yaml:8:16") == 0);
    isb_experiment_free(&e);
}

/* Below the root directory. What is written reads back. */
static void check_arrays(const char *source, const isb_setting *settings, size_t count,
                         const char *expected) {
    char text[512];
    snprintf(text, sizeof text,
             "data: {source: %s}\nmodel: [dense: {units: 3, activation: softmax}]\n"
             "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n",
             source);
    isb_experiment e = parse_with(text, settings, count);
    CHECKF(strcmp(e.source, expected) == 0, "'%s', expected '%s'", e.source, expected);
    char *first = resolve(&e);
    isb_experiment again = parse_with(first, NULL, 0);
    char *second = resolve(&again);
    CHECK(strcmp(first, second) == 0 && strcmp(e.source, again.source) == 0);
    CHECK(strstr(first, expected) != NULL);
    free(first);
    free(second);
    isb_experiment_free(&e);
    isb_experiment_free(&again);
}

CASE(experiment, arrays_are_paths_or_keys_of_an_archive) {
    CHECK(chdir("/") == 0);
    check_arrays("{x: a.npy, y: ../b}", NULL, 0, "{x: /dir/a.npy, y: /dir/../b}");
    check_arrays("{y_test: 'd: e', x_test: /c, y: b, x: none.npy}", NULL, 0,
                 "{x: /dir/none.npy, y: /dir/b, x_test: /c, y_test: \"/dir/d: e\"}");
    check_arrays("{file: sub/f.npz, x: x/y, y: \"10\", y_test: none}", NULL, 0,
                 "{file: /dir/sub/f.npz, x: x/y, y: \"10\"}");
    const isb_setting settings[] = {{"--set", "data.source", "{x: a, y: b}"},
                                    {"--set", "data.source.y", "c"}};
    check_arrays("x", settings, 2, "{x: /a, y: /c}");
    check_arrays("{x: d, y: e}", settings + 1, 1, "{x: /dir/d, y: /c}");
}

CASE(experiment, paths_of_settings_are_relative_to_the_working_directory) {
    const isb_setting data = {"--data", "data.source", "a: [b] # c"};
    const isb_setting set = {"--set", "data.source", "mnist"};
    check_source("x", &data, 1, "/a: [b] # c");
    check_source("x", &set, 1, "/mnist");
}

/* --- settings --- */

#define THREE                                                                                      \
    "data: {source: digits, validation: {fraction: 0.1}}\n"                                        \
    "model:\n"                                                                                     \
    "  - flatten\n"                                                                                \
    "  - dense: {units: 8}\n"                                                                      \
    "  - dropout: {rate: 0.2}\n"                                                                   \
    "  - dense: {units: 10, activation: softmax}\n"                                                \
    "compile:\n"                                                                                   \
    "  optimizer: adam\n"                                                                          \
    "  loss: sparse_categorical_crossentropy\n"                                                    \
    "  metrics: [accuracy]\n"

CASE(experiment, settings_reach_every_key) {
    const isb_setting settings[] = {
        {"--set", "fit.epochs", "10"},
        {"--set", "model.dropout.rate", "0.5"},
        {"--set", "model.1.dense.units", "16"},
        {"--set", "model.flatten.input_shape", "[32, 32]"},
        {"--set", "model.0.flatten.input_shape.1", "16"},
        {"--set", "compile.optimizer.adam.learning_rate", "0.01"},
        {"--set", "data.validation.from", "tail"},
        {"--set", "compile.metrics.0", "train_eval"},
        {"--set", "name", "\"10\""},
        {"--seed", "seed", "7"},
    };
    isb_experiment e = parse_with(THREE, settings, sizeof settings / sizeof settings[0]);
    CHECK(e.epochs == 10 && e.batch_size == 32);
    CHECK(e.layers[2].rate == 0.5 && e.layers[1].units == 16);
    CHECK(e.layers[0].input_shape.sizes[0] == 32 && e.layers[0].input_shape.sizes[1] == 16);
    CHECK(e.optimizer.learning_rate == 0.01 && e.optimizer.beta_1 == 0.9);
    CHECK(e.validation == ISB_VALIDATION_TAIL && e.validation_fraction == 0.1);
    CHECK(!e.metric_accuracy && e.metric_train_eval);
    CHECK(strcmp(e.name, "10") == 0 && e.seed == 7);
    isb_experiment_free(&e);
}

CASE(experiment, settings_replace_values_in_order) {
    const isb_setting settings[] = {
        {"--set", "compile.optimizer", "{sgd: {momentum: 0.5}}"},
        {"--set", "compile.optimizer.sgd.learning_rate", "0.5"},
        {"--set", "data.validation", "none"},
        {"--set", "model.2", "dropout: {rate: 0.1}"},
        {"--set", "model.2.dropout.rate", "0.3"},
    };
    isb_experiment e = parse_with(THREE, settings, sizeof settings / sizeof settings[0]);
    CHECK(e.optimizer.kind == ISB_SGD && e.optimizer.momentum == 0.5);
    CHECK(e.optimizer.learning_rate == 0.5 && e.validation == ISB_VALIDATION_NONE);
    CHECK(e.layers[2].rate == 0.3);
    CHECKF(strcmp(e.layers[2].where, "--set model.2=dropout: {rate: 0.1}") == 0, "%s",
           e.layers[2].where);
    isb_experiment_free(&e);
}

CASE(experiment, settings_mend_and_complete_the_file) {
    const isb_setting settings[] = {
        {"--data", "data.source", "digits"},
        {"--set", "fit.epochs", "3"},
        {"--set", "compile.optimizer.sgd.momentum", "0.9"},
        {"--set", "compile.loss", "sparse_categorical_crossentropy"},
    };
    isb_experiment e = parse_with("model: [dense: {units: 3, activation: softmax}]\nfit:\n",
                                  settings, sizeof settings / sizeof settings[0]);
    CHECK(strcmp(e.source, "digits") == 0 && strcmp(e.where_source, "--data digits") == 0);
    CHECK(e.epochs == 3 && e.optimizer.momentum == 0.9);
    isb_experiment_free(&e);
}

/* --- the resolved file --- */

static void check_round_trip(const isb_experiment *experiment) {
    char *first = resolve(experiment);
    isb_experiment again = parse(first);
    char *second = resolve(&again);
    CHECKF(strcmp(first, second) == 0, "%s\nthen\n%s", first, second);
    CHECK(strcmp(experiment->name, again.name) == 0);
    CHECK(strcmp(experiment->source, again.source) == 0);
    free(first);
    free(second);
    isb_experiment_free(&again);
}

CASE(experiment, writes_every_default) {
    isb_experiment e = parse(THREE "model_weights: none\n");
    char *text = resolve(&e);
    CHECKF(strcmp(text, "name: exp\n"
                        "seed: 1\n"
                        "data:\n"
                        "  source: digits\n"
                        "  validation: {fraction: 0.1, from: stratified}\n"
                        "model:\n"
                        "  - flatten: {}\n"
                        "  - dense: {units: 8, activation: linear, use_bias: true, "
                        "kernel_initializer: glorot_uniform, bias_initializer: zeros}\n"
                        "  - dropout: {rate: 0.2}\n"
                        "  - dense: {units: 10, activation: softmax, use_bias: true, "
                        "kernel_initializer: glorot_uniform, bias_initializer: zeros}\n"
                        "compile:\n"
                        "  optimizer: {adam: {learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, "
                        "epsilon: 1e-07}}\n"
                        "  loss: {sparse_categorical_crossentropy: {from_logits: false}}\n"
                        "  metrics: [accuracy]\n"
                        "fit:\n"
                        "  epochs: 1\n"
                        "  batch_size: 32\n"
                        "  shuffle: true\n"
                        "model_weights: none\n") == 0,
           "%s", text);
    free(text);
    check_round_trip(&e);
    isb_experiment_free(&e);
}

CASE(experiment, examples_read_back) {
    static const char *const names[] = {"after.yaml", "before.yaml", "none.yaml", "deep.yaml"};
    static const size_t layers[] = {4, 4, 3, 6};
    for (size_t i = 0; i < 4; i++) {
        isb_experiment e;
        isb_error error = ISB_ERROR_INIT;
        isb_experiment_read(&e, example_path(names[i]), NULL, 0, &error);
        CHECKF(error.count == 0, "%s", isb_error_text(&error));
        CHECK(e.layer_count == layers[i]);
        check_round_trip(&e);
        isb_experiment_free(&e);
    }
}

CASE(experiment, words_of_scale_read_back) {
    static const struct {
        const char *word;
        isb_scale_kind kind;
    } cases[] = {{"standardize", ISB_SCALE_STANDARDIZE},
                 {"minmax", ISB_SCALE_MINMAX},
                 {"model_weights", ISB_SCALE_MODEL_WEIGHTS},
                 {"none", ISB_SCALE_NONE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "data: {source: digits, scale: %s}\nmodel: [dense: {units: 3, activation: "
                 "softmax}]\ncompile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n"
                 "model_weights: w.safetensors\n",
                 cases[i].word);
        isb_experiment e = parse(text);
        CHECK(e.scale_kind == cases[i].kind);
        check_round_trip(&e);
        isb_experiment_free(&e);
    }
}

CASE(experiment, hostile_names_read_back) {
    static const char *const names[] = {
        "10",
        "0x1f",
        "1e5",
        "-1",
        ".5",
        "true",
        "No",
        "null",
        "none",
        "~",
        "a: b",
        "a #b",
        "#a",
        " a",
        "a ",
        "'a'",
        "\"a\"",
        "it's",
        "a\\b",
        "&a",
        "*a",
        "!a",
        "{a}",
        "[a",
        "a]",
        "a,b",
        "%a",
        "@a",
        "`a`",
        "|",
        ">",
        "?",
        "-",
        "- a",
        "--- a",
        "---",
        "...",
        "\xc3\xa9t\xc3\xa9",
        "\xe2\x80\xa8",
        ("\xef\xbb\xbf"
         "a"),
        "\xf0\x9f\x8e\xb2",
        "\xc2\xa0",
        "\xef\xbf\xbf",
        "2024-01-01",
        "1:30",
        "=",
        "<<",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        isb_experiment e = parse(SMALL);
        char source[300];
        snprintf(source, sizeof source, "/%s\n\t\"\x01\x7f/%s", names[i], names[i]);
        free(e.name);
        free(e.source);
        e.name = strdup(names[i]);
        e.source = strdup(source);
        CHECK(e.name != NULL && e.source != NULL);
        check_round_trip(&e);
        isb_experiment_free(&e);
    }
}

/* --- comparing --- */

static void check_differences(const isb_setting *settings, size_t count, const char *expected) {
    isb_experiment a = parse(THREE), b = parse_with(THREE, settings, count);
    char *left = resolve(&a), *right = resolve(&b), *keys = NULL;
    CHECK(isb_experiment_compare(left, right, &keys, NULL) == ISB_OK);
    CHECKF(strcmp(keys, expected) == 0, "'%s', expected '%s'", keys, expected);
    free(left);
    free(right);
    free(keys);
    isb_experiment_free(&a);
    isb_experiment_free(&b);
}

CASE(experiment, compare_names_the_keys_that_differ) {
    const isb_setting settings[] = {
        {"--seed", "seed", "2"},
        {"--set", "data.validation", "test"},
        {"--set", "model.dropout.rate", "0.3"},
        {"--set", "compile.optimizer.adam.learning_rate", "0.01"},
        {"--set", "compile.metrics", "none"},
        {"--set", "fit.batch_size", "64"},
    };
    check_differences(NULL, 0, "");
    check_differences(settings, 6,
                      "seed\ndata.validation\nmodel.2.dropout.rate\n"
                      "compile.optimizer.adam.learning_rate\ncompile.metrics\nfit.batch_size");
    const isb_setting kinds[] = {
        {"--set", "compile.optimizer", "sgd"},
        {"--set", "model.2", "flatten"},
        {"--set", "data.scale", "255"},
        {"--set", "data.validation.from", "tail"},
        {"--set", "model.0.flatten.input_shape", "[4]"},
    };
    check_differences(kinds, 5,
                      "data.validation.from\ndata.scale\nmodel.0.flatten.input_shape\nmodel.2\n"
                      "compile.optimizer");
    const isb_setting fewer = {"--set", "model", "[dense: {units: 3, activation: softmax}]"};
    check_differences(&fewer, 1, "model");
}

CASE(experiment, compare_leaves_out_name_epochs_and_source) {
    const isb_setting settings[] = {
        {"--set", "name", "other"}, {"--set", "fit.epochs", "9"}, {"--data", "data.source", "x"}};
    check_differences(settings, 3, "");
    const isb_setting arrays = {"--set", "data.source", "{x: a, y: b}"};
    check_differences(&arrays, 1, "");
    isb_experiment a = parse_with(SMALL, &arrays, 1);
    const isb_setting others[] = {arrays, {"--set", "data.source.y", "c"}};
    isb_experiment b = parse_with(SMALL, others, 2);
    char *first = resolve(&a), *second = resolve(&b), *keys = NULL;
    CHECK(strcmp(first, second) != 0);
    CHECK(isb_experiment_compare(first, second, &keys, NULL) == ISB_OK && strcmp(keys, "") == 0);
    free(first);
    free(second);
    free(keys);
    isb_experiment_free(&a);
    isb_experiment_free(&b);
}

CASE(experiment, compare_refuses_what_is_no_experiment) {
    isb_error error = ISB_ERROR_INIT;
    char *keys = NULL;
    CHECK(isb_experiment_compare("a: 1\n", "a: [\n", &keys, &error) == ISB_CORRUPT);
    CHECKF(strcmp(isb_error_text(&error), "resolved experiment:2:1: not valid YAML: flow sequence "
                                          "without a closing bracket") == 0,
           "%s", isb_error_text(&error));
    CHECK(keys == NULL && error.status == ISB_CORRUPT);
    isb_error_clear(&error);
}

/* --- hostile input --- */

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static char *repeated(const char *piece, size_t times, size_t *length) {
    size_t size = strlen(piece);
    char *text = malloc(size * times + 1);
    CHECK(text != NULL);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * size, piece, size);
    text[size * times] = '\0';
    *length = size * times;
    return text;
}

CASE(experiment, at_most_1_mib) {
    size_t length;
    char *text = repeated("\n", (1 << 20) + 1, &length);
    check_message(text, length, "exp.yaml: larger than 1 MiB: not an experiment file");
    check_message(text, length - 1,
                  "exp.yaml: the file is empty; it needs data, model and compile");
    free(text);
}

CASE(experiment, bytes_that_are_no_text) {
    check_message("a: b\nc: \xff\n", 10, "exp.yaml:2:4: not valid UTF-8; save the file as UTF-8");
    check_message("\xc3\xa9: \xc3\n", 6, "exp.yaml:1:4: not valid UTF-8; save the file as UTF-8");
    check_message("\xed\xa0\x80", 3, "exp.yaml:1:1: not valid UTF-8; save the file as UTF-8");
    check_message("\xff\xfe"
                  "a\0",
                  4, "exp.yaml:1:1: not valid UTF-8; save the file as UTF-8");
    check_message("a: \0b", 5, "exp.yaml:1:4: control character U+0000; remove it");
    check_message("a\r\nb\rc\n\x1b", 8, "exp.yaml:4:1: control character U+001B; remove it");
}

CASE(experiment, line_ends_and_byte_order_mark) {
    isb_experiment e =
        parse("\xef\xbb\xbf"
              "data: {source: digits}\r\n"
              "model:\r\n"
              "  - dense: {units: 10, activation: softmax}\r\n"
              "compile: {optimizer: adam,\tloss: sparse_categorical_crossentropy}\r\n");
    CHECK(e.layer_count == 1 && strcmp(e.layers[0].where, "dir/exp.yaml:3:5") == 0);
    isb_experiment_free(&e);
    check_message("\xef\xbb\xbfnmae: x\r\n", 12,
                  "exp.yaml:1:1: unknown key 'nmae'; did you mean 'name'? (the experiment has: "
                  "name, seed, data, model, compile, fit, model_weights)\n"
                  "exp.yaml:1:1: the experiment needs 'data', such as data: {source: digits}\n"
                  "exp.yaml:1:1: the experiment needs 'model', such as model: [flatten, {dense: "
                  "{units: 10, activation: softmax}}]\n"
                  "exp.yaml:1:1: the experiment needs 'compile', such as compile: {optimizer: "
                  "adam, loss: sparse_categorical_crossentropy}");
}

CASE(experiment, duplicate_keys_are_found_fast) {
    size_t length;
    char *text = repeated("seed: 1\n", 30000, &length);
    isb_experiment e;
    isb_error error = ISB_ERROR_INIT;
    double start = seconds();
    CHECK(isb_experiment_parse(&e, text, length, "exp.yaml", NULL, 0, &error) == ISB_USAGE);
    CHECK(seconds() - start < 5);
    static const char last[] = "\nexp.yaml: and 29939 more errors";
    const char *end = isb_error_text(&error) + error.length - strlen(last);
    CHECKF(strcmp(end, last) == 0, "%s", end);
    CHECK(error.count == 64);
    isb_error_clear(&error);
    free(text);
}

CASE(experiment, depth_and_size_are_bounded) {
    static const char *const pieces[] = {"[", "- ", "? ", "{a: ", "a:\n ", "- - ", "!a ", "&a "};
    size_t length;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        char *text = repeated(pieces[i], (1 << 20) / strlen(pieces[i]), &length);
        isb_experiment e;
        isb_error error = ISB_ERROR_INIT;
        double start = seconds();
        CHECK(isb_experiment_parse(&e, text, length, "exp.yaml", NULL, 0, &error) == ISB_USAGE);
        CHECKF(seconds() - start < 10, "'%s'", pieces[i]);
        isb_error_clear(&error);
        free(text);
    }
    char *text = repeated("[", 100, &length);
    check_message(text, length, "exp.yaml:1:33: nested more than 32 levels deep; a few are enough");
    free(text);
    text = repeated("- a\n", 100001, &length);
    check_message(text, length,
                  "exp.yaml:100000:3: more than 100000 values; a few dozen are enough");
    free(text);
}

CASE(experiment, what_is_no_file) {
    isb_experiment e;
    isb_error error = ISB_ERROR_INIT;
    char folder[] = "/tmp/isobit-experiment-XXXXXX", fifo[64];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    CHECK(mkfifo(fifo, 0600) == 0);
    const char *const paths[] = {folder, fifo, "/nowhere/exp.yaml"};
    for (size_t i = 0; i < 3; i++) {
        CHECK(isb_experiment_read(&e, paths[i], NULL, 0, &error) == ISB_USAGE);
        CHECKF(error.count == 1 && strstr(error.text, paths[i]) != NULL, "%s",
               isb_error_text(&error));
        isb_error_clear(&error);
    }
    unlink(fifo);
    rmdir(folder);
}

static char *read_example(size_t *length) {
    FILE *file = fopen(example_path("deep.yaml"), "rb");
    CHECK(file != NULL);
    char *text = calloc(1, 4096);
    CHECK(text != NULL);
    *length = fread(text, 1, 4095, file);
    fclose(file);
    return text;
}

/* Whatever comes in: an experiment that can be written, or a message and nothing else. */
static void check_survives(const char *text, size_t length) {
    isb_experiment e;
    isb_error error = ISB_ERROR_INIT;
    isb_status status = isb_experiment_parse(&e, text, length, "exp.yaml", NULL, 0, &error);
    CHECK((status == ISB_OK) == (error.count == 0));
    if (status == ISB_OK)
        check_round_trip(&e);
    else
        CHECK(status == ISB_USAGE && e.layers == NULL);
    isb_error_clear(&error);
    isb_experiment_free(&e);
}

CASE(experiment, survives_every_prefix) {
    size_t length;
    char *text = read_example(&length);
    for (size_t i = 0; i <= length; i++) {
        char *prefix = malloc(i > 0 ? i : 1); /* of its very size, so that ASan sees its end */
        CHECK(prefix != NULL);
        memcpy(prefix, text, i);
        check_survives(prefix, i);
        free(prefix);
    }
    free(text);
}

CASE(experiment, survives_mutations) {
    size_t length;
    char *text = read_example(&length);
    uint64_t state = 20261123;
    for (int i = 0; i < 2000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)(state >> 33) % length;
        char before = text[at];
        text[at] = (char)(state >> 24);
        check_survives(text, length);
        text[at] = before;
    }
    free(text);
}
