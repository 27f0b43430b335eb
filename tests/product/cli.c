/* The program as its user meets it: run as a process, judged by its status and its two streams. */
#include "check.h"
#include "cli/options.h"
#include "few_digits.h"
#include "program.h"
#include <isobit/version.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char small[] = "name: small\n"
                            "data: {source: few, validation: 0.1}\n"
                            "model:\n"
                            "  - flatten: {input_shape: [28, 28]}\n"
                            "  - dense: {units: 16, activation: relu}\n"
                            "  - dropout: {rate: 0.2}\n"
                            "  - dense: {units: 10, activation: softmax}\n"
                            "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, "
                            "metrics: [accuracy]}\n"
                            "fit: {epochs: 2, batch_size: 25}\n";

static bool contains(const char *text, const char *part) { return strstr(text, part) != NULL; }

static bool ends_with(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static bool has_control_characters(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 && *text != '\n')
            return true;
    }
    return false;
}

static void check_output(const output *o, int status, const char *out, const char *err) {
    CHECKF(o->status == status, "status %d: %s", o->status, o->err);
    CHECKF(strcmp(o->out, out) == 0, "stdout: %s", o->out);
    CHECKF(strcmp(o->err, err) == 0, "stderr: %s", o->err);
}

/* The digest on the last line of a result table; it must be there in its exact form. */
static void last_digest(const output *o, char digest[65]) {
    CHECKF(o->status == 0, "status %d: %s", o->status, o->err);
    size_t length = strlen(o->out);
    static const char label[] = "\nweights sha256:";
    size_t tail = strlen(label) + 64 + 1;
    CHECKF(length > tail && o->out[length - 1] == '\n', "stdout: %s", o->out);
    const char *line = o->out + length - tail;
    CHECKF(strncmp(line, label, strlen(label)) == 0, "stdout: %s", o->out);
    memcpy(digest, line + strlen(label), 64);
    digest[64] = '\0';
    CHECKF(strspn(digest, "0123456789abcdef") == 64, "digest: %s", digest);
}

static void check_usage(const place *p, const char *message, const char *const *arguments) {
    char expected[1024];
    snprintf(expected, sizeof expected, "error: %s\n", message);
    output o = program_run(p, &(request){.arguments = arguments});
    check_output(&o, 2, "", expected);
    output_free(&o);
}

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RUN(p, ...) program_run(p, &(request){.arguments = ARGS(__VA_ARGS__)})
#define NO_ARGS ((const char *const[]){NULL})

CASE(cli, version) {
    place p = place_open();
    output o = RUN(&p, "--version");
    check_output(&o, 0, "isobit " ISB_VERSION " (numerics 1)\n", "");
    output_free(&o);
    place_close(&p);
}

CASE(cli, help_lists_every_command) {
    place p = place_open();
    output o = RUN(&p, "--help"), short_form = RUN(&p, "-h");
    check_output(&short_form, 0, o.out, "");
    CHECK(strncmp(o.out, "Usage: isobit COMMAND [ARGUMENT] [OPTIONS]\n", 43) == 0);
#define COMMAND(id, name, argument, argument_help, help) CHECK(contains(o.out, "\n  " name " "));
#include "cli/options.def"
    CHECK(contains(o.out, "\nExamples:\n  isobit train "));
    CHECK(contains(o.out, "\n  -h, --help "));
    CHECK(!contains(o.out, "--resume"));
    output_free(&o);
    output_free(&short_form);
    place_close(&p);
}

static void check_command_help(isb_command command, const char *name) {
    place p = place_open();
    output o = RUN(&p, name, "--help");
    CHECK(o.status == 0 && o.err[0] == '\0');
    char usage[64];
    snprintf(usage, sizeof usage, "Usage: isobit %s ", name);
    CHECKF(strncmp(o.out, usage, strlen(usage)) == 0, "%s", o.out);
    CHECK(contains(o.out, "\nExamples:\n  isobit "));
#define ON(id) (1u << ISB_COMMAND_##id)
#define EVERY (~0u)
#define OPTION(id, option, letter, argument, commands, help)                                       \
    CHECKF(contains(o.out, "--" option " ") == (((commands) >> command & 1) != 0), "--%s: %s",     \
           option, o.out);
#include "cli/options.def"
#undef ON
#undef EVERY
    for (const char *line = o.out; *line != '\0'; line += strcspn(line, "\n") + 1)
        CHECKF(strcspn(line, "\n") <= 100, "%s", line);
    output_free(&o);
    place_close(&p);
}

CASE(cli, help_of_a_command_lists_its_options) {
#define COMMAND(id, name, argument, argument_help, help) check_command_help(ISB_COMMAND_##id, name);
#include "cli/options.def"
}

CASE(cli, usage_errors) {
    place p = place_open();
    check_usage(&p, "no command given; isobit --help lists those there are", NO_ARGS);
    check_usage(&p, "unknown command 'trian'; did you mean 'train'?", ARGS("trian", "x.yaml"));
    check_usage(&p, "unknown command 'zzzzzz'; isobit --help lists those there are",
                ARGS("zzzzzz"));
    check_usage(&p, "unknown option '--thread'; did you mean '--threads'?",
                ARGS("info", "--thread", "2"));
    check_usage(&p, "unknown option '--sead'; did you mean '--seed'?",
                ARGS("train", "x.yaml", "--sead=2"));
    check_usage(&p, "unknown option '-z'; isobit --help lists those there are",
                ARGS("info", "-qz"));
    check_usage(&p, "--resume is no option of info; isobit info --help lists those there are",
                ARGS("info", "--resume"));
    check_usage(&p, "isobit train needs the experiment file: isobit train EXPERIMENT.yaml",
                ARGS("train"));
    check_usage(&p, "'b.yaml' is one argument too many", ARGS("train", "a.yaml", "b.yaml"));
    check_usage(&p, "'x' is one argument too many", ARGS("info", "x"));
    check_usage(&p, "--threads needs a value: --threads N", ARGS("info", "--threads"));
    check_usage(&p, "--json takes no value", ARGS("info", "--json=1"));
    check_usage(&p, "--force starts a run anew and --resume goes on with it; give one of them",
                ARGS("train", "a.yaml", "--force", "--resume"));
    check_usage(&p, "--quiet and --verbose exclude each other; give one", ARGS("info", "-qv"));
    check_usage(&p, "--color: 'red' is none of auto, always and never",
                ARGS("info", "--color", "red"));
    check_usage(&p, "--set: 'epochs' is not KEY=VALUE; write it as --set fit.epochs=10",
                ARGS("train", "a.yaml", "--set", "epochs"));
    check_usage(&p, "--run: an empty name is no directory", ARGS("train", "a.yaml", "--run="));
    place_close(&p);
}

CASE(cli, values_out_of_range) {
    static const char *const threads[] = {"0", "1025", "-1", "two", "", "2.0", "0x2", " 2"};
    static const char *const accuracies[] = {"1.5", "-0.1", "nan", "high", ""};
    place p = place_open();
    char message[256];
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        snprintf(message, sizeof message,
                 "--threads: '%s' is not a number of threads; give a whole number from 1 to 1024",
                 threads[i]);
        check_usage(&p, message, ARGS("info", "--threads", threads[i]));
    }
    for (size_t i = 0; i < sizeof accuracies / sizeof accuracies[0]; i++) {
        snprintf(message, sizeof message,
                 "--min-accuracy: '%s' is not an accuracy; give a number from 0 to 1",
                 accuracies[i]);
        check_usage(&p, message, ARGS("train", "a.yaml", "--min-accuracy", accuracies[i]));
    }
    check_usage(&p, "--isa: unknown instruction set 'scaler'; did you mean 'scalar'?",
                ARGS("info", "--isa", "scaler"));
    place_close(&p);
}

CASE(cli, the_environment_stands_in_for_options) {
    place p = place_open();
    output o = program_run(
        &p, &(request){.arguments = ARGS("info"), .environment = ARGS("ISOBIT_THREADS=3")});
    CHECK(o.status == 0 && contains(o.out, "\nthreads     3 threads: as asked\n"));
    output_free(&o);
    o = program_run(&p, &(request){.arguments = ARGS("info", "--threads", "5"),
                                   .environment = ARGS("ISOBIT_THREADS=x")});
    CHECK(o.status == 0 && contains(o.out, "\nthreads     5 threads: as asked\n"));
    output_free(&o);
    o = program_run(&p,
                    &(request){.arguments = ARGS("info"), .environment = ARGS("ISOBIT_THREADS=x")});
    check_output(&o, 2, "",
                 "error: ISOBIT_THREADS: 'x' is not a number of threads; give a whole number from "
                 "1 to 1024\n");
    output_free(&o);
    o = program_run(&p,
                    &(request){.arguments = ARGS("info"), .environment = ARGS("ISOBIT_ISA=sclar")});
    check_output(&o, 2, "",
                 "error: ISOBIT_ISA: unknown instruction set 'sclar'; did you mean 'scalar'?\n");
    output_free(&o);
    o = program_run(
        &p, &(request){.arguments = ARGS("info"), .environment = ARGS("ISOBIT_ISA=scalar")});
    CHECK(o.status == 0 && contains(o.out, "\nisa         scalar\n"));
    output_free(&o);
    place_close(&p);
}

CASE(cli, info_is_valid_json) {
    place p = place_open();
    output o = RUN(&p, "info", "--json", "--isa", "scalar", "--threads=2");
    CHECK(o.status == 0 && o.err[0] == '\0');
    json_t *root = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    CHECK(root != NULL);
    CHECK(strcmp(json_string_value(json_object_get(root, "version")), ISB_VERSION) == 0);
    CHECK(json_integer_value(json_object_get(root, "numerics")) == ISB_NUMERICS);
    CHECK(strcmp(json_string_value(json_object_get(root, "isa")), "scalar") == 0);
    CHECK(json_integer_value(json_object_get(root, "threads")) == 2);
    json_t *available = json_object_get(root, "isa_available");
    CHECK(strcmp(json_string_value(json_array_get(available, 0)), "scalar") == 0);
    json_t *nodes = json_object_get(root, "nodes");
    CHECK(json_is_array(nodes));
    json_int_t on_nodes = 0;
    for (size_t i = 0; i < json_array_size(nodes); i++)
        on_nodes += json_integer_value(json_array_get(nodes, i));
    CHECK(json_array_size(nodes) == 0 ||
          on_nodes == json_integer_value(json_object_get(root, "cpus_allowed")));
    json_decref(root);
    output_free(&o);
    place_close(&p);
}

CASE(cli, summary_is_the_table_of_keras) {
    static const char expected[] =
        "Model: \"small\"\n"
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓\n"
        "┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃\n"
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩\n"
        "│ flatten (Flatten)               │ (None, 784)            │             0 │\n"
        "├─────────────────────────────────┼────────────────────────┼───────────────┤\n"
        "│ dense (Dense)                   │ (None, 128)            │       100,480 │\n"
        "├─────────────────────────────────┼────────────────────────┼───────────────┤\n"
        "│ dropout (Dropout)               │ (None, 128)            │             0 │\n"
        "├─────────────────────────────────┼────────────────────────┼───────────────┤\n"
        "│ dense_1 (Dense)                 │ (None, 10)             │         1,290 │\n"
        "└─────────────────────────────────┴────────────────────────┴───────────────┘\n"
        " Total params: 101,770 (397.54 KB)\n"
        " Trainable params: 101,770 (397.54 KB)\n"
        " Non-trainable params: 0 (0.00 B)\n"
        " dropout: rate 0.2, in training keeps 80 % of the units, times 1.25\n";
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "summary", "small.yaml", "--set", "model.1.dense.units=128");
    check_output(&o, 0, expected, "");
    output_free(&o);
    o = program_run(&p, &(request){.arguments = ARGS("summary", "small.yaml"),
                                   .environment = ARGS("LC_ALL=C")});
    CHECK(o.status == 0);
    for (const char *c = o.out; *c != '\0'; c++)
        CHECKF((unsigned char)*c < 0x80, "%s", o.out);
    CHECK(contains(o.out, "\n| dense (Dense)                   | (None, 16)  "));
    output_free(&o);
    place_close(&p);
}

CASE(cli, summary_as_json) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "summary", "small.yaml", "--json");
    check_output(&o, 0,
                 "{\"name\": \"small\", \"input_shape\": [null, 28, 28], \"layers\": ["
                 "{\"name\": \"flatten\", \"type\": \"Flatten\", \"output_shape\": [null, 784], "
                 "\"params\": 0}, "
                 "{\"name\": \"dense\", \"type\": \"Dense\", \"output_shape\": [null, 16], "
                 "\"params\": 12560, \"activation\": \"relu\"}, "
                 "{\"name\": \"dropout\", \"type\": \"Dropout\", \"output_shape\": [null, 16], "
                 "\"params\": 0, \"rate\": 0.2}, "
                 "{\"name\": \"dense_1\", \"type\": \"Dense\", \"output_shape\": [null, 10], "
                 "\"params\": 170, \"activation\": \"softmax\"}], "
                 "\"params\": 12730, \"trainable_params\": 12730, \"non_trainable_params\": 0, "
                 "\"bytes\": 50920}\n",
                 "");
    output_free(&o);
    place_close(&p);
}

CASE(cli, summary_takes_the_shape_from_the_data) {
    place p = place_open();
    place_write(&p, "bare.yaml",
                "data: {source: digits}\n"
                "model:\n"
                "  - flatten: {}\n"
                "  - dense: {units: 10, activation: softmax}\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
    output o = RUN(&p, "summary", "bare.yaml");
    CHECKF(o.status == 0, "%s", o.err);
    CHECK(contains(o.out, " Total params: 7,850 (30.66 KB)\n"));
    output_free(&o);
    place_close(&p);
}

CASE(cli, summary_of_a_run_and_of_its_model) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "train", "small.yaml", "--set", "fit.epochs=1", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    output experiment = RUN(&p, "summary", "small.yaml");
    output run = RUN(&p, "summary", "runs/small");
    output model = RUN(&p, "summary", "runs/small/model.safetensors");
    check_output(&run, 0, experiment.out, "");
    check_output(&model, 0, experiment.out, "");
    check_usage(&p, "--seed changes an experiment, but runs/small is a trained model; leave it out",
                ARGS("summary", "runs/small", "--seed", "2"));
    output_free(&experiment);
    output_free(&run);
    output_free(&model);
    place_close(&p);
}

CASE(cli, train_writes_a_run_and_prints_a_table) {
    place p = place_open();
    char digest[65], line[128];
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "train", "small.yaml", "--threads", "2");
    last_digest(&o, digest);
    CHECKF(strncmp(o.out, "name        small\ndata        /", 31) == 0, "%s", o.out);
    CHECKF(contains(o.out, "/few: 1080 rows to train on, 120 to validate, 200 to test\n"
                           "model       784-16-d0.2-10, 12,730 parameters (49.73 KB)\n"
                           "trained     2 epochs, 88 steps\n"
                           "train       loss "),
           "%s", o.out);
    CHECK(contains(o.out, "\nvalidation  loss ") && contains(o.out, "\ntest        loss "));
    CHECK(contains(o.out, "\nthreads     2 threads: as asked; "));
    CHECK(contains(o.out, "\nrun         runs/small\n"));
    CHECKF(strncmp(o.err, "epoch 1/2  loss ", 16) == 0, "%s", o.err);
    CHECK(contains(o.err, "\nepoch 2/2  loss ") && contains(o.err, "  val_accuracy "));
    CHECKF(ends_with(o.err, "written: runs/small/ with model.safetensors, history.csv, result.json "
                            "and experiment.yaml\nnext: isobit evaluate runs/small\n"),
           "%s", o.err);
    CHECK(!has_control_characters(o.err) && !has_control_characters(o.out));
    static const char *const files[] = {"model.safetensors", "last.safetensors", "history.csv",
                                        "result.json",       "experiment.yaml",  "DONE"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(line, sizeof line, "runs/small/%s", files[i]);
        CHECKF(place_has(&p, line), "%s", files[i]);
    }
    output_free(&o);
    place_close(&p);
}

CASE(cli, threads_and_isa_change_no_bit) {
    static const char *const threads[] = {"1", "2", "3", "7"};
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "train", "small.yaml", "--isa", "scalar", "--threads", "1");
    char first[65], other[65];
    last_digest(&o, first);
    output_free(&o);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        o = RUN(&p, "train", "small.yaml", "--threads", threads[i], "-q");
        last_digest(&o, other);
        CHECKF(strcmp(first, other) == 0, "%s threads", threads[i]);
        output_free(&o);
    }
    o = RUN(&p, "train", "small.yaml", "--seed", "2", "--run", "other");
    last_digest(&o, other);
    CHECK(strcmp(first, other) != 0);
    output_free(&o);
    place_close(&p);
}

CASE(cli, options_stand_before_or_after_the_file) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output a = RUN(&p, "--run", "a", "-q", "train", "--set=fit.epochs=1", "--seed=5", "small.yaml");
    output b =
        RUN(&p, "train", "small.yaml", "--seed", "5", "--set", "fit.epochs=1", "-q", "--run=b");
    output c = RUN(&p, "train", "--seed", "5", "--set", "fit.epochs=1", "-q", "--run=c", "--",
                   "small.yaml");
    char first[65], second[65], third[65];
    last_digest(&a, first);
    last_digest(&b, second);
    last_digest(&c, third);
    CHECK(strcmp(first, second) == 0 && strcmp(first, third) == 0);
    output_free(&a);
    output_free(&b);
    output_free(&c);
    place_close(&p);
}

CASE(cli, train_as_json) {
    static const char *const keys[] = {"weights_sha256",
                                       "numerics",
                                       "params",
                                       "epochs",
                                       "steps",
                                       "loss",
                                       "accuracy",
                                       "val_loss",
                                       "val_accuracy",
                                       "test_loss",
                                       "test_accuracy",
                                       "seconds",
                                       "samples_per_second",
                                       "step_microseconds",
                                       "threads",
                                       "isa",
                                       "seed",
                                       "stopped",
                                       "version"};
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "train", "small.yaml", "--json", "--threads", "2");
    CHECKF(o.status == 0, "%s", o.err);
    json_t *root = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    CHECKF(root != NULL, "%s", o.out);
    CHECKF(json_object_size(root) == sizeof keys / sizeof keys[0], "%s", o.out);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        CHECKF(json_object_get(root, keys[i]) != NULL, "%s", keys[i]);
    CHECK(json_integer_value(json_object_get(root, "params")) == 12730);
    CHECK(json_integer_value(json_object_get(root, "epochs")) == 2);
    CHECK(json_integer_value(json_object_get(root, "steps")) == 88);
    CHECK(json_integer_value(json_object_get(root, "threads")) == 2);
    CHECK(json_integer_value(json_object_get(root, "seed")) == 1);
    CHECK(json_is_null(json_object_get(root, "stopped")));
    CHECK(strlen(json_string_value(json_object_get(root, "weights_sha256"))) == 64);
    double accuracy = json_real_value(json_object_get(root, "test_accuracy"));
    CHECKF(accuracy > 0.3 && accuracy <= 1, "%g", accuracy);
    CHECK(json_real_value(json_object_get(root, "step_microseconds")) > 0);
    json_decref(root);
    output_free(&o);
    place_close(&p);
}

CASE(cli, quiet_leaves_the_result_alone) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    char digest[65];
    output o = RUN(&p, "train", "small.yaml", "-q");
    last_digest(&o, digest);
    CHECKF(o.err[0] == '\0', "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "--no-progress");
    last_digest(&o, digest);
    CHECKF(strncmp(o.err, "written: ", 9) == 0, "%s", o.err);
    output_free(&o);
    place_close(&p);
}

static void check_refused(const char *setting, int status, const char *message) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "train", "small.yaml", "--set", setting);
    check_output(&o, status, "", message);
    CHECK(!place_has(&p, "runs"));
    output_free(&o);
    place_close(&p);
}

CASE(cli, what_does_not_fit_writes_nothing) {
    check_refused("model.0.flatten.input_shape=[32, 32]", 2,
                  "error: small.yaml:4:5: input_shape [32, 32] does not fit the data, whose "
                  "examples are [28, 28]; write input_shape: [28, 28], or leave it out\n");
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "train", "small.yaml", "--set", "model.3.dense.units=3");
    CHECKF(o.status == 3 && o.out[0] == '\0', "%d: %s", o.status, o.err);
    CHECKF(contains(o.err, "/few/train-labels-idx1-ubyte: row 0 (counted from 0) has label 9"),
           "%s", o.err);
    CHECK(!place_has(&p, "runs"));
    output_free(&o);
    o = RUN(&p, "train", "absent.yaml");
    CHECKF(o.status == 2 && o.out[0] == '\0', "%d: %s", o.status, o.err);
    CHECKF(strncmp(o.err, "error: ", 7) == 0 && contains(o.err, "absent.yaml"), "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "--data", "absent");
    CHECKF(o.status == 3 && o.out[0] == '\0', "%d: %s", o.status, o.err);
    CHECKF(strncmp(o.err, "error: ", 7) == 0 && contains(o.err, "absent"), "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "--seed", "-1");
    CHECKF(o.status == 2 && o.out[0] == '\0', "%d: %s", o.status, o.err);
    CHECKF(contains(o.err, "--seed"), "%s", o.err);
    output_free(&o);
    CHECK(!place_has(&p, "runs"));
    place_close(&p);
}

CASE(cli, min_accuracy) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    char digest[65];
    output o = RUN(&p, "train", "small.yaml", "-q", "--min-accuracy", "0");
    last_digest(&o, digest);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "-q", "--min-accuracy", "1");
    CHECKF(o.status == 5, "%d", o.status);
    CHECK(contains(o.out, digest));
    CHECKF(strncmp(o.err, "error: the test accuracy, 0.", 28) == 0 &&
               ends_with(o.err, ", is below the 1 of --min-accuracy\n"),
           "%s", o.err);
    output_free(&o);
    place_close(&p);
}

CASE(cli, resume_gives_the_same_weights) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    char straight[65], resumed[65];
    output o = RUN(&p, "train", "small.yaml", "-q", "--run", "straight");
    last_digest(&o, straight);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "-q", "--set", "fit.epochs=1");
    last_digest(&o, resumed);
    CHECK(strcmp(straight, resumed) != 0);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "--resume");
    last_digest(&o, resumed);
    CHECK(strcmp(straight, resumed) == 0);
    CHECKF(strncmp(o.err, "going on after epoch 1 of 2\nepoch 2/2  ", 39) == 0, "%s", o.err);
    output_free(&o);
    CHECK(place_same(&p, "straight/history.csv", "runs/small/history.csv"));
    o = RUN(&p, "train", "small.yaml", "--resume", "--run", "fresh");
    last_digest(&o, resumed);
    CHECK(strcmp(straight, resumed) == 0);
    CHECKF(strncmp(o.err, "nothing was saved yet in fresh; starting from the beginning\n", 60) == 0,
           "%s", o.err);
    output_free(&o);
    place_close(&p);
}

CASE(cli, given_weights_are_the_start) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    char from_seed[65], from_weights[65];
    output o = RUN(&p, "train", "small.yaml", "-q");
    last_digest(&o, from_seed);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "-q", "--run", "more", "--set",
            "model_weights=runs/small/model.safetensors");
    last_digest(&o, from_weights);
    CHECK(strcmp(from_seed, from_weights) != 0);
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "-q", "--run", "wrong", "--set",
            "model_weights=runs/small/model.safetensors", "--set", "model.1.dense.units=17");
    CHECKF(o.status == 6 && o.out[0] == '\0', "%d: %s", o.status, o.err);
    CHECKF(contains(o.err, "runs/small/model.safetensors") && contains(o.err, "dense.kernel"), "%s",
           o.err);
    CHECK(!place_has(&p, "wrong"));
    output_free(&o);
    place_close(&p);
}

CASE(cli, divergence_is_told) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = RUN(&p, "train", "small.yaml", "-q", "--set", "compile.optimizer=sgd", "--set",
                   "compile.optimizer.sgd.learning_rate=1e30");
    CHECKF(o.status == 4 && o.out[0] == '\0', "%d: %s", o.status, o.out);
    CHECKF(strncmp(o.err, "error: training diverged in epoch 1 at step ", 44) == 0 &&
               contains(o.err, "try a smaller learning_rate (it is 1e+30)") &&
               contains(o.err,
                        ": the output of layer dense_1 is no longer finite (first seen at row ") &&
               ends_with(o.err, "error: nothing was saved in runs/small\n"),
           "%s", o.err);
    CHECK(!place_has(&p, "runs/small/model.safetensors"));
    CHECK(!place_has(&p, "runs/small/last.safetensors"));
    CHECK(!place_has(&p, "runs/small/DONE"));
    output_free(&o);
    o = RUN(&p, "train", "small.yaml", "-q", "--json", "--force", "--set", "compile.optimizer=sgd",
            "--set", "compile.optimizer.sgd.learning_rate=1e30");
    CHECKF(o.status == 4, "%d: %s", o.status, o.err);
    json_t *root = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    CHECKF(root != NULL, "%s", o.out);
    CHECK(json_is_true(json_object_get(root, "diverged")));
    CHECK(json_is_null(json_object_get(root, "weights_sha256")));
    CHECK(json_is_null(json_object_get(root, "stopped")));
    json_decref(root);
    output_free(&o);
    place_close(&p);
}

CASE(cli, a_full_disk_behind_stdout_is_told) {
    place p = place_open();
    output o = program_run(&p, &(request){.arguments = ARGS("info"), .out = "/dev/full"});
    check_output(&o, 1, "", "error: cannot write to standard output: No space left on device\n");
    output_free(&o);
    place_close(&p);
}

CASE(cli, a_closed_pipe_ends_it_quietly) {
    place p = place_open();
    output o = program_run(&p, &(request){.arguments = ARGS("info"), .broken_pipe = true});
    check_output(&o, 1, "", "");
    output_free(&o);
    place_close(&p);
}

/* Ten epochs on a terminal; the text that it got. */
static output on_terminal(const char *const *environment, const char *option) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small);
    output o = program_run(
        &p, &(request){.arguments = ARGS("train", "small.yaml", "--set", "fit.epochs=10", option),
                       .environment = environment,
                       .terminal = true});
    CHECKF(o.status == 0, "%s", o.err);
    place_close(&p);
    return o;
}

CASE(cli, a_terminal_gets_a_bar) {
    output o = on_terminal(ARGS("TERM=xterm"), "--verbose");
    CHECK(contains(o.err, "\repoch  1/10 ") && contains(o.err, "\x1b[K"));
    CHECK(contains(o.err, "─") && contains(o.err, "\x1b[32m"));
    CHECK(contains(o.err, "\r\x1b[Kepoch 10/10  loss ") || contains(o.err, "\nepoch 10/10  loss "));
    CHECK(!has_control_characters(o.out));
    output_free(&o);
    o = on_terminal(ARGS("TERM=xterm", "LC_ALL=C"), "--color=never");
    CHECK(contains(o.err, "\repoch  1/10 ...") && !contains(o.err, "─"));
    CHECK(!contains(o.err, "\x1b[32m"));
    output_free(&o);
}

static double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

CASE(cli, the_bar_is_drawn_ten_times_a_second_at_most) {
    double start = seconds_now();
    output o = on_terminal(ARGS("TERM=xterm"), "--verbose");
    double most = 1 + 10 * (seconds_now() - start);
    size_t drawn = 0;
    for (const char *at = o.err; (at = strstr(at, "\repoch ")) != NULL; at++)
        drawn++;
    CHECKF(drawn >= 1 && (double)drawn <= most, "%zu times, at most %g", drawn, most);
    output_free(&o);
}

CASE(cli, no_colour_where_it_is_not_wanted) {
    output o = on_terminal(ARGS("TERM=xterm", "NO_COLOR=1"), "--verbose");
    CHECK(contains(o.err, "\repoch  1/10 ") && !contains(o.err, "\x1b[32m"));
    output_free(&o);
    o = on_terminal(ARGS("TERM=xterm", "NO_COLOR="), "--verbose");
    CHECK(contains(o.err, "\x1b[32m"));
    output_free(&o);
}

CASE(cli, no_bar_where_it_is_not_wanted) {
    output o = on_terminal(ARGS("TERM=dumb"), "--verbose");
    CHECK(!contains(o.err, "\x1b") && contains(o.err, "\nepoch 10/10  loss "));
    output_free(&o);
    o = on_terminal(ARGS("TERM=xterm"), "--no-progress");
    CHECK(!contains(o.err, "\x1b") && !contains(o.err, "epoch"));
    output_free(&o);
    o = on_terminal(ARGS("TERM=xterm"), "--quiet");
    CHECK(o.err[0] == '\0');
    output_free(&o);
}

CASE(cli, errors_are_red_on_demand) {
    place p = place_open();
    output o = RUN(&p, "--color=always", "trian");
    check_output(&o, 2, "",
                 "\x1b[1;31merror:\x1b[0m unknown command 'trian'; did you mean 'train'?\n");
    output_free(&o);
    o = RUN(&p, "tr\x1b[2Jian\nx");
    CHECK(o.status == 2 && !contains(o.err, "\x1b"));
    output_free(&o);
    place_close(&p);
}
