/* Hostile files where the program looks for data, weights and runs: for each the status and a part
 * of the message. */
#include "hostile_makers.h"
#include "io/safetensors.h"
#include "sanitized.h"
#include "small_run.h"
#include <math.h>

typedef struct hostile {
    const char *what;
    const char *file; /* that is replaced */
    hostile_maker *make;
    const char *text;
    const char *option; /* of train */
    int status;
    const char *message; /* a part of what goes to stderr */
} hostile;

static void remove_any(const char *path) { CHECK(remove(path) == 0); }

static void put_directory_with_file(const char *path, const char *text) {
    put_directory(path, "");
    char inner[600];
    snprintf(inner, sizeof inner, "%s/inner", path);
    put_text(inner, text);
}

/* A run of two epochs, one of its files replaced, is asked for a third epoch. */
static void check_run(const hostile *h) {
    const place p = small_open();
    small_train_well(&p, "run", "2");
    const char *path = small_path(&p, h->file);
    if (temporary_has(path))
        remove_any(path);
    h->make(path, h->text);
    output o = small_train(&p, "run", "3", h->option);
    CHECKF(o.status == h->status, "%s: status %d: %s", h->what, o.status, o.err);
    CHECKF(strstr(o.err, h->message) != NULL, "%s: %s", h->what, o.err);
    output_free(&o);
    place_close(&p);
}

#define RESUME "--resume"
#define NOT_A_RUN "is not empty and not the directory of a run"
#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define RECORD(format, numerics)                                                                   \
    "{\"format\": " format ", \"version\": \"1\", \"numerics\": " numerics                         \
    ", \"data_sha256\": \"" SHA "\", \"command\": \"x\"}"

static const hostile runs[] = {
    {"a record without keys", "run/run.json", put_text, "{}", RESUME, 2, NOT_A_RUN},
    {"a list as record", "run/run.json", put_text, "[]", RESUME, 2, NOT_A_RUN},
    {"a number as format", "run/run.json", put_text, RECORD("3", "1"), RESUME, 2, NOT_A_RUN},
    {"numerics as text", "run/run.json", put_text, RECORD("\"isobit run\"", "\"1\""), RESUME, 2,
     NOT_A_RUN},
    {"numerics of -1", "run/run.json", put_text, RECORD("\"isobit run\"", "-1"), RESUME, 2,
     NOT_A_RUN},
    {"numerics of 1e400", "run/run.json", put_text, RECORD("\"isobit run\"", "1e400"), RESUME, 2,
     NOT_A_RUN},
    {"a record of other data", "run/run.json", put_text, RECORD("\"isobit run\"", "1"), RESUME, 2,
     "these differ: data (SHA-256)"},
    {"brackets a million deep as record", "run/run.json", put_run, "[ 1000000", RESUME, 2,
     NOT_A_RUN},
    {"a record of 10 GB", "run/run.json", put_sparse, "{", RESUME, 2, NOT_A_RUN},
    {"a record with a NUL", "run/run.json", put_with_nul, "{\"format\": \"a@b\"}", RESUME, 2,
     NOT_A_RUN},
    {"a pipe as record", "run/run.json", put_pipe, "", RESUME, 2, NOT_A_RUN},
    {"a directory as record", "run/run.json", put_directory, "", RESUME, 2, NOT_A_RUN},
    {"a record that links to itself", "run/run.json", put_link, "", RESUME, 2, NOT_A_RUN},
    {"a record that is /dev/zero", "run/run.json", put_link, "/dev/zero", RESUME, 2, NOT_A_RUN},
    {"a broken record is not replaced", "run/run.json", put_text, "{}", "--force", 2, NOT_A_RUN},

    {"an experiment that is no YAML", "run/experiment.yaml", put_text, "a: [", RESUME, 6,
     "experiment.yaml: damaged"},
    {"an experiment of noise", "run/experiment.yaml", put_with_nul, "\xff\xfe@\x01", RESUME, 6,
     "experiment.yaml: damaged"},
    {"an experiment of invalid UTF-8", "run/experiment.yaml", put_text, "| \xe5 ", RESUME, 6,
     "experiment.yaml: damaged"},
    {"an empty experiment", "run/experiment.yaml", put_text, "", RESUME, 6,
     "experiment.yaml: damaged"},
    {"an experiment a million deep", "run/experiment.yaml", put_run, "[ 1000000", RESUME, 6,
     "experiment.yaml: damaged"},
    {"an experiment of 10 GB", "run/experiment.yaml", put_sparse, "", RESUME, 6, "at most 1048576"},
    {"a pipe as experiment", "run/experiment.yaml", put_pipe, "", RESUME, 6, "is a pipe"},

    {"an empty history", "run/history.csv", put_text, "", RESUME, 6, "history.csv:1: damaged"},
    {"a history of noise", "run/history.csv", put_text, "\xff\xfe,,\n1,2", RESUME, 6,
     "history.csv:1: damaged"},
    {"a history with a NUL", "run/history.csv", put_with_nul, "epoch,loss,learning_rate\n@", RESUME,
     6, "holds a NUL byte"},
    {"a history without rows", "run/history.csv", put_text, "epoch,loss,learning_rate\n", RESUME, 6,
     "has 0 epochs; 2 were trained"},
    {"a history of numbers out of range", "run/history.csv", put_text,
     "epoch,loss,learning_rate\n1,1e999,0.001\n2,1,0.001\n", RESUME, 6, "history.csv:2: damaged"},
    {"a history of huge epochs", "run/history.csv", put_text,
     "epoch,loss,learning_rate\n18446744073709551617,1,0.001\n", RESUME, 6,
     "history.csv:2: damaged"},
    {"a history cut off within a row", "run/history.csv", put_text,
     "epoch,loss,learning_rate\n1,1,0.001\n2,1", RESUME, 6, "history.csv:3: damaged"},
    {"a history of commas", "run/history.csv", put_run, ", 1000000", RESUME, 6,
     "history.csv:1: damaged"},
    {"a history of 10 GB", "run/history.csv", put_sparse, "epoch", RESUME, 6, "at most 67108864"},
    {"a pipe as history", "run/history.csv", put_pipe, "", RESUME, 6, "is a pipe"},
    {"a directory as history", "run/history.csv", put_directory, "", RESUME, 6, "is a directory"},

    {"a directory as DONE", "run/DONE", put_directory_with_file, "x", NULL, 1,
     "DONE: cannot be removed: Is a directory"},
    {"a directory as DONE of a run that goes on", "run/DONE", put_directory_with_file, "x", RESUME,
     1, "DONE: cannot be removed: Is a directory"},
    {"a pipe as DONE", "run/DONE", put_pipe, "", RESUME, 0, "going on after epoch 2"},

    {"a pipe as state", "run/last.safetensors", put_pipe, "", RESUME, 0,
     "last.safetensors: is a pipe, not a file; going on from previous.safetensors"},
    {"a state that links to itself", "run/last.safetensors", put_link, "", RESUME, 0,
     "Too many levels of symbolic links; going on from previous.safetensors"},
    {"a state that is /dev/zero", "run/last.safetensors", put_link, "/dev/zero", RESUME, 0,
     "is a device, not a file; going on from previous.safetensors"},
    {"a state of 10 GB", "run/last.safetensors", put_sparse, "", RESUME, 0,
     "going on from previous.safetensors"},
    {"a state that links to the one before", "run/last.safetensors", put_link,
     "previous.safetensors", RESUME, 0, "going on after epoch 1"},
    {"a directory as state", "run/last.safetensors", put_directory_with_file, "x", RESUME, 1,
     "last.safetensors: cannot be removed: Is a directory"},

    {"labels of no bytes", "data/train-labels-idx1-ubyte", put_text, "", NULL, 3, "is empty"},
    {"images that are a pipe", "data/train-images-idx3-ubyte", put_pipe, "", NULL, 3, "is a pipe"},
    {"a test part without labels", "data/t10k-images-idx3-ubyte", put_text, "x", NULL, 3,
     "has neither t10k-labels-idx1-ubyte"},
};

CASE(hostile_runs, files_of_a_run_and_its_data) {
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
        check_run(&runs[i]);
}

/* --- data --- */

static void check_labels(const uint8_t *labels, size_t length, const char *message) {
    const place p = small_open();
    temporary_put(small_path(&p, "data/train-labels-idx1-ubyte"), labels, length);
    output o = small_train(&p, "run", "1", NULL);
    CHECKF(o.status == 3 && strstr(o.err, message) != NULL, "status %d: %s", o.status, o.err);
    CHECK(!place_has(&p, "run"));
    output_free(&o);
    place_close(&p);
}

CASE(hostile_runs, labels_that_do_not_fit) {
    uint8_t labels[9 + SMALL_ROWS] = {0, 0, 8, 1, 0, 0, 0, SMALL_ROWS};
    labels[8 + 7] = 255;
    check_labels(labels, 8 + SMALL_ROWS, "row 7 (counted from 0) has label 255");
    labels[7] = SMALL_ROWS + 1;
    check_labels(labels, 9 + SMALL_ROWS, "has 25 labels, but");
    labels[7] = 1;
    check_labels(labels, 9, "has 1 label, but");
}

/* --- models that no memory holds --- */

static void check_units(const char *layers, int status, const char *message) {
    const place p = small_open();
    char setting[256];
    snprintf(setting, sizeof setting, "model=%s", layers);
    const char *const arguments[] = {"train", "small.yaml", "--run", "run", "--set", setting, NULL};
    const struct rlimit old = limit_memory((size_t)4 << 30);
    output o = program_run(&p, &(request){.arguments = arguments});
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    CHECKF(o.status == status && strstr(o.err, message) != NULL, "%s: status %d: %s", layers,
           o.status, o.err);
    CHECK(!place_has(&p, "run"));
    output_free(&o);
    place_close(&p);
}

#define SOFTMAX(units) "{units: " #units ", activation: softmax}"

CASE(hostile_runs, models_that_no_memory_holds) {
    check_units("[flatten, {dense: {units: 2147483647}}, {dense: " SOFTMAX(2147483647) "}]", 2,
                "parameters; use fewer units");
    check_units("[flatten, {dense: {units: 131072}}, {dense: " SOFTMAX(1048576) "}]", 7,
                "out of memory");
    check_units("[flatten: {input_shape: [2147483647, 2147483647, 2147483647, 2147483647]}, "
                "{dense: " SOFTMAX(3) "}]",
                2, "does not fit the data");
}

/* --- weights --- */

/* Puts `value` into a tensor of the file, whose checksum is right again. */
static void put_value(const place *p, const char *name, const char *tensor, float value) {
    isb_tensors tensors;
    isb_metadata metadata;
    const char *path = small_path(p, name);
    CHECK(isb_safetensors_read(&tensors, &metadata, path, true, NULL) == ISB_OK);
    const isb_tensor *found = isb_tensors_find(&tensors, tensor);
    CHECKF(found != NULL, "%s has no %s", name, tensor);
    found->data[1] = value;
    CHECK(isb_safetensors_write(path, &tensors, &metadata, NULL) == ISB_OK);
    isb_tensors_free(&tensors);
    isb_metadata_free(&metadata);
}

CASE(hostile_runs, weights_that_are_not_finite) {
    static const float values[] = {NAN, INFINITY, -INFINITY};
    static const char *const tensors[] = {"dense.kernel", "dense_1.bias", "optimizer.v.dense.bias"};
    const place p = small_open();
    for (size_t i = 0; i < 3; i++) {
        char run[8], last[40], message[80];
        snprintf(run, sizeof run, "run%zu", i);
        snprintf(last, sizeof last, "%s/last.safetensors", run);
        snprintf(message, sizeof message, "tensor '%s' holds NaN or Inf", tensors[i]);
        small_train_well(&p, run, "2");
        put_value(&p, last, tensors[i], values[i]);
        output o = small_train(&p, run, "3", "--resume");
        CHECKF(o.status == 6 && strstr(o.err, message) != NULL, "status %d: %s", o.status, o.err);
        output_free(&o);
    }
    place_close(&p);
}

static void check_start_weights(const place *p, const char *weights, const char *message) {
    char setting[64];
    snprintf(setting, sizeof setting, "model_weights=%s", weights);
    const char *const arguments[] = {"train", "small.yaml", "--run", "new", "--set", setting, NULL};
    output o = program_run(p, &(request){.arguments = arguments});
    CHECKF(o.status == 6 && strstr(o.err, message) != NULL, "%s: status %d: %s", weights, o.status,
           o.err);
    CHECK(!place_has(p, "new"));
    output_free(&o);
}

CASE(hostile_runs, weights_to_start_from) {
    const place p = small_open();
    small_train_well(&p, "run", "1");
    put_value(&p, "run/model.safetensors", "dense_1.kernel", NAN);
    check_start_weights(&p, "run/model.safetensors", "tensor 'dense_1.kernel' holds NaN or Inf");
    check_start_weights(&p, "absent.safetensors", "does not exist");
    check_start_weights(&p, "data", "is a directory");
    check_start_weights(&p, "small.yaml", "not a safetensors file");
    put_pipe(small_path(&p, "pipe"), "");
    check_start_weights(&p, "pipe", "is a pipe");
    put_sparse(small_path(&p, "sparse"), "");
    check_start_weights(&p, "sparse", "does not begin with '{'");
    place_close(&p);
}
