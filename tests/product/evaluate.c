/* isobit evaluate, as its user meets it. */
#include "data/split.h"
#include "io/run_directory.h"
#include "io/safetensors.h"
#include "trained.h"
#include <isobit/version.h>
#include <math.h>
#include <unistd.h>

static json_t *result_of(const place *p, const char *run) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s/result.json", p->path, run);
    json_t *result = json_load_file(path, 0, NULL);
    CHECK(result != NULL);
    return result;
}

/* The value in a column of the last line of history.csv. */
static double history_value(const place *p, const char *run, const char *column) {
    double found = NAN;
    char path[256], header[512], line[512] = "", *save_header, *save_line;
    snprintf(path, sizeof path, "%s/%s/history.csv", p->path, run);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL && fgets(header, sizeof header, file) != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
    }
    fclose(file);
    char *name = strtok_r(header, ",\n", &save_header), *value = strtok_r(line, ",\n", &save_line);
    for (; name != NULL && value != NULL; name = strtok_r(NULL, ",\n", &save_header)) {
        if (strcmp(name, column) == 0)
            found = strtod(value, NULL);
        value = strtok_r(NULL, ",\n", &save_line);
    }
    CHECKF(!isnan(found), "no column %s", column);
    return found;
}

static void check_score(const json_t *e, const char *split, double loss, double accuracy,
                        size_t rows) {
    CHECK(strcmp(string(e, "split"), split) == 0);
    CHECKF(number(e, "loss") == loss, "%s: %.17g, not %.17g", split, number(e, "loss"), loss);
    CHECKF(number(e, "accuracy") == accuracy, "%s", split);
    CHECKF(count(e, "rows") == rows, "%s", split);
}

CASE(evaluate, gives_the_bits_that_train_gave) {
    place p = place_with_run();
    json_t *result = result_of(&p, "runs/small");
    json_t *test = run_json(&p, ARGS("evaluate", "runs/small", "--json"));
    check_score(test, "test", number(result, "test_loss"), number(result, "test_accuracy"),
                FEW_TEST);
    CHECK(strcmp(string(test, "weights_sha256"), string(result, "weights_sha256")) == 0);
    CHECK(strcmp(string(test, "data_sha256"), string(result, "data_sha256")) == 0);
    CHECK(strcmp(string(test, "version"), ISB_VERSION) == 0);
    CHECK(count(test, "numerics") == ISB_NUMERICS && json_object_size(test) == 11);
    json_t *named = run_json(&p, ARGS("evaluate", "runs/small", "--split", "test", "--json"));
    CHECK(json_equal(test, named));
    json_t *validation =
        run_json(&p, ARGS("--split=validation", "evaluate", "--json", "runs/small"));
    check_score(validation, "validation", number(result, "val_loss"),
                number(result, "val_accuracy"), FEW_TRAIN / 10);
    json_t *train = run_json(&p, ARGS("evaluate", "runs/small", "--split", "train", "--json"));
    check_score(train, "train", history_value(&p, "runs/small", "train_eval_loss"),
                history_value(&p, "runs/small", "train_eval_accuracy"), FEW_TRAIN - FEW_TRAIN / 10);
    json_decref(result);
    json_decref(test);
    json_decref(named);
    json_decref(validation);
    json_decref(train);
    place_close(&p);
}

CASE(evaluate, threads_and_isa_change_no_byte) {
    static const char *const threads[] = {"1", "2", "3", "7"};
    place p = place_with_run();
    output first = RUN(&p, "evaluate", "runs/small", "--json", "--threads", "1", "--isa", "scalar");
    CHECKF(first.status == 0, "%s", first.err);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        output o = RUN(&p, "evaluate", "runs/small", "--json", "--threads", threads[i]);
        check_output(&o, 0, first.out, "");
    }
    output_free(&first);
    place_close(&p);
}

static void add_ratio(char *text, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    char *end = text + strlen(text);
    if (json_is_null(value))
        sprintf(end, "          -");
    else
        sprintf(end, "%11.4f", json_number_value(value));
}

static void add_ratios(char *text, const char *label, const json_t *object) {
    sprintf(text + strlen(text), "%-13s", label);
    add_ratio(text, object, "precision");
    add_ratio(text, object, "recall");
    add_ratio(text, object, "f1");
    sprintf(text + strlen(text), "%12zu\n", count(object, "support"));
}

/* The table up to the confusion matrix, from the object. */
static char *table_of(const json_t *e, const char *name, const char *source) {
    char *text = calloc(1, 1 << 16), label[32];
    CHECK(text != NULL);
    sprintf(text,
            "name        %s\n"
            "data        %s, %s part\n"
            "rows        %zu\n"
            "loss        %.4f\n"
            "accuracy    %.4f\n"
            "\n"
            "class          precision     recall         F1        rows\n",
            name, source, string(e, "split"), count(e, "rows"), number(e, "loss"),
            number(e, "accuracy"));
    const json_t *classes = json_object_get(e, "classes");
    for (size_t i = 0; i < json_array_size(classes); i++) {
        snprintf(label, sizeof label, "%zu", i);
        add_ratios(text, label, json_array_get(classes, i));
    }
    add_ratios(text, "macro average", json_object_get(e, "macro"));
    return text;
}

static size_t confused(const json_t *e, size_t label, size_t predicted) {
    const json_t *line = json_array_get(json_object_get(e, "confusion"), label);
    return (size_t)json_integer_value(json_array_get(line, predicted));
}

/* Numbers of up to three digits. */
static void add_matrix(char *text, const json_t *e, size_t classes) {
    char *end = text + strlen(text);
    end += sprintf(end, "\nconfusion matrix: a line for each true class, a column for each "
                        "predicted one\n ");
    for (size_t i = 0; i < classes; i++)
        end += sprintf(end, "%5zu", i);
    for (size_t i = 0; i < classes; i++) {
        end += sprintf(end, "\n%zu", i);
        for (size_t k = 0; k < classes; k++)
            end += sprintf(end, "%5zu", confused(e, i, k));
    }
    sprintf(end, "\n");
}

CASE(evaluate, the_table_shows_the_object) {
    place p = place_with_run();
    json_t *e = run_json(&p, ARGS("evaluate", "runs/small", "--data", "digits", "--json"));
    char *expected = table_of(e, "small", "digits");
    add_matrix(expected, e, 10);
    sprintf(expected + strlen(expected), "\nweights sha256:%s\n", string(e, "weights_sha256"));
    for (const char *line = expected; *line != '\0'; line += strcspn(line, "\n") + 1)
        CHECK(strcspn(line, "\n") <= 100);
    output o = RUN(&p, "evaluate", "runs/small", "--data", "digits");
    check_output(&o, 0, expected, "");
    free(expected);
    json_decref(e);
    place_close(&p);
}

/* Scores counted from predict's table and the labels of the data. */
typedef struct oracle {
    size_t classes, rows;
    size_t confusion[32][32];
} oracle;

static void oracle_read(oracle *out, const char *csv, const uint32_t *labels) {
    for (const char *line = strchr(csv, '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1) {
        char *end;
        const size_t row = strtoul(line, &end, 10);
        const size_t predicted = strtoul(end + 1, NULL, 10);
        CHECK(*end == ',' && predicted < out->classes && labels[row] < out->classes);
        out->confusion[labels[row]][predicted]++;
        out->rows++;
    }
}

/* null where b is 0. */
static void check_ratio(const json_t *object, const char *key, size_t a, size_t b, double *sum) {
    const json_t *value = json_object_get(object, key);
    if (b == 0) {
        CHECKF(json_is_null(value), "%s", key);
        return;
    }
    CHECKF(json_number_value(value) == (double)a / (double)b, "%s", key);
    *sum += (double)a / (double)b;
}

static void oracle_check(const oracle *o, const json_t *e) {
    double precision = 0, recall = 0, f1 = 0;
    size_t right = 0;
    for (size_t i = 0; i < o->classes; i++) {
        const json_t *one = json_array_get(json_object_get(e, "classes"), i);
        size_t support = 0, predicted = 0, hits = o->confusion[i][i];
        for (size_t k = 0; k < o->classes; k++) {
            support += o->confusion[i][k];
            predicted += o->confusion[k][i];
            CHECKF(confused(e, i, k) == o->confusion[i][k], "%zu taken for %zu", i, k);
        }
        CHECK(count(one, "class") == i && count(one, "support") == support);
        check_ratio(one, "precision", hits, predicted, &precision);
        check_ratio(one, "recall", hits, support, &recall);
        check_ratio(one, "f1", 2 * hits, support + predicted, &f1);
        right += hits;
    }
    const json_t *macro = json_object_get(e, "macro");
    CHECK(number(macro, "precision") == precision / (double)o->classes);
    CHECK(number(macro, "recall") == recall / (double)o->classes);
    CHECK(number(macro, "f1") == f1 / (double)o->classes);
    CHECK(count(macro, "support") == o->rows && count(e, "rows") == o->rows);
    CHECK(number(e, "accuracy") == (double)right / (double)o->rows);
}

static void check_with_predict(const place *p, const char *split, const uint32_t *labels) {
    oracle counted = {.classes = 10};
    output o = RUN(p, "predict", "runs/small", "--split", split);
    CHECKF(o.status == 0, "%s", o.err);
    oracle_read(&counted, o.out, labels);
    output_free(&o);
    json_t *e = run_json(p, ARGS("evaluate", "runs/small", "--split", split, "--json"));
    oracle_check(&counted, e);
    json_decref(e);
}

CASE(evaluate, agrees_with_what_predict_prints) {
    place p = place_with_run();
    isb_dataset digits = few_digits_open(&p);
    check_with_predict(&p, "test", digits.test.labels);
    check_with_predict(&p, "validation", digits.train.labels);
    check_with_predict(&p, "train", digits.train.labels);
    isb_dataset_free(&digits);
    place_close(&p);
}

CASE(evaluate, what_nobody_predicts_has_no_precision) {
    place p = place_with_run();
    put_images(&p, "noise", "train", 0, 40, 3);
    json_t *e = run_json(&p, ARGS("evaluate", "runs/small", "--data", "noise", "--json"));
    uint32_t labels[40];
    for (uint32_t i = 0; i < 40; i++)
        labels[i] = i % 3;
    oracle counted = {.classes = 10};
    output o = RUN(&p, "predict", "runs/small", "--data", "noise");
    oracle_read(&counted, o.out, labels);
    output_free(&o);
    oracle_check(&counted, e);
    CHECK(
        json_is_null(json_object_get(json_array_get(json_object_get(e, "classes"), 9), "recall")));
    char *expected = table_of(e, "small", "");
    o = RUN(&p, "evaluate", "runs/small", "--data", "noise");
    CHECK(strstr(o.out, strstr(expected, "\nclass ")) != NULL);
    CHECKF(strstr(o.out, "     -") != NULL, "%s", o.out);
    output_free(&o);
    free(expected);
    json_decref(e);
    place_close(&p);
}

static void check_rows(const place *p, const char *split, size_t rows,
                       const char *const *arguments) {
    json_t *e = run_json(p, arguments);
    CHECKF(strcmp(string(e, "split"), split) == 0, "%s", string(e, "split"));
    CHECKF(count(e, "rows") == rows, "%zu rows", count(e, "rows"));
    json_decref(e);
}

CASE(evaluate, parts_of_other_data) {
    place p = place_with_run();
    put_images(&p, "both", "train", 0, 200, 10);
    put_images(&p, "both", "t10k", 200, 30, 10);
    put_images(&p, "train", "train", 0, 200, 10);
#define ON(...) ARGS("evaluate", "runs/small", "--json", "--data", __VA_ARGS__)
    check_rows(&p, "test", 30, ON("both"));
    check_rows(&p, "test", 30, ON("both", "--split", "test"));
    check_rows(&p, "validation", 20, ON("both", "--split", "validation"));
    check_rows(&p, "train", 180, ON("both", "--split", "train"));
    check_rows(&p, "train", 200, ON("train"));
    check_rows(&p, "train", 180, ON("train", "--split", "train"));
    check_rows(&p, "test", 30, ON("train", "--data", "both")); /* the last one counts */
#undef ON
    char message[512];
    snprintf(message, sizeof message,
             "--split test: %s/train brings no test part; give --split validation or train",
             p.path);
    check_fails(&p, 2, message,
                ARGS("evaluate", "runs/small", "--data", "train", "--split", "test"));
    place_close(&p);
}

static void train(const place *p, const char *const *arguments) {
    output o = program_run(p, &(request){.arguments = arguments});
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
}

CASE(evaluate, without_a_test_part) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small_experiment);
    put_images(&p, "images", "train", 0, 300, 10);
    train(&p, ARGS("train", "small.yaml", "-q", "--data", "images"));
    check_rows(&p, "validation", 30, ARGS("evaluate", "runs/small", "--json"));
    train(&p, ARGS("train", "small.yaml", "-q", "--data", "images", "--run", "none", "--set",
                   "data.validation=none"));
    char message[512];
    snprintf(message, sizeof message,
             "there is neither a test part (%s/images brings none) nor a validation part "
             "(data.validation is none); take the rows trained on with --split train, or other "
             "data with --data SOURCE",
             p.path);
    check_fails(&p, 2, message, ARGS("evaluate", "none"));
    check_fails(&p, 2,
                "--split validation: data.validation is none, so no rows are held out; give "
                "--split train",
                ARGS("evaluate", "none", "--split", "validation"));
    check_rows(&p, "train", 300, ARGS("evaluate", "none", "--json", "--split", "train"));
    put_images(&p, "images", "t10k", 300, 10, 10);
    train(&p, ARGS("train", "small.yaml", "-q", "--data", "images", "--run", "test", "--set",
                   "data.validation=test"));
    json_t *test = run_json(&p, ARGS("evaluate", "test", "--json"));
    json_t *validation = run_json(&p, ARGS("evaluate", "test", "--json", "--split", "validation"));
    CHECK(count(test, "rows") == 10);
    CHECK(json_object_set_new(test, "split", json_string("validation")) == 0);
    CHECK(json_equal(test, validation));
    json_decref(test);
    json_decref(validation);
    place_close(&p);
}

CASE(evaluate, data_that_changed_are_told) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small_experiment);
    put_images(&p, "images", "train", 0, 300, 10);
    train(&p, ARGS("train", "small.yaml", "-q", "--data", "images"));
    json_t *result = result_of(&p, "runs/small");
    put_images(&p, "images", "train", 1, 300, 10);
    json_t *other = run_json(&p, ARGS("evaluate", "runs/small", "--json", "--data", "images"));
    CHECK(count(other, "rows") == 300);
    char message[512];
    snprintf(message, sizeof message,
             "%s/images: is not what runs/small was trained on: the SHA-256 is %s, and was %s; to "
             "take other data on purpose, give --data SOURCE",
             p.path, string(other, "data_sha256"), string(result, "data_sha256"));
    check_fails(&p, 3, message, ARGS("evaluate", "runs/small"));
    json_decref(result);
    json_decref(other);
    place_close(&p);
}

CASE(evaluate, a_model_file_needs_data) {
    static const char model[] = "runs/small/model.safetensors";
    place p = place_with_run();
    check_fails(&p, 2,
                "runs/small/model.safetensors: a model file alone brings no data; say which with "
                "--data SOURCE",
                ARGS("evaluate", model));
    output run = RUN(&p, "evaluate", "runs/small", "--split", "validation", "--json");
    output file = RUN(&p, "evaluate", model, "--split", "validation", "--data", "few", "--json");
    CHECK(run.status == 0);
    check_output(&file, 0, run.out, "");
    /* The state after the last epoch has the same weights. */
    file = RUN(&p, "evaluate", "runs/small/last.safetensors", "--split", "validation", "--data",
               "few", "--json");
    check_output(&file, 0, run.out, "");
    output_free(&run);
    place_close(&p);
}

CASE(evaluate, an_unfinished_run_says_how_to_finish_it) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small_experiment);
    output o = RUN(&p, "train", "small.yaml", "-q", "--run", "my run", "--set",
                   "compile.optimizer={sgd: {learning_rate: 1e30}}");
    CHECK(o.status == 4);
    output_free(&o);
    o = RUN(&p, "evaluate", "my run");
    check_output(&o, 1, "",
                 "error: my run: is an unfinished run, which has no model yet; finish it:\n"
                 "error:   " ISB_PROGRAM " train small.yaml -q --run 'my run' --set "
                 "'compile.optimizer={sgd: {learning_rate: 1e30}}' --resume\n");
    place_close(&p);
}

static void full_path(char out[512], const place *p, const char *path) {
    snprintf(out, 512, "%s/%s", p->path, path);
}

/* Writes the model file again, one metadata value changed, or left out where it is NULL. */
static void change_metadata(const place *p, const char *from, const char *to, const char *key,
                            const char *value) {
    char path[512];
    isb_tensors tensors;
    isb_metadata metadata, changed = ISB_METADATA_INIT;
    full_path(path, p, from);
    CHECK(isb_safetensors_read(&tensors, &metadata, path, true, NULL) == ISB_OK);
    for (size_t i = 0; i < metadata.count; i++) {
        const struct isb_metadata_item *item = &metadata.items[i];
        const bool here = strcmp(item->key, key) == 0;
        if (!here || value != NULL)
            CHECK(isb_metadata_add(&changed, item->key, here ? value : item->value, NULL) ==
                  ISB_OK);
    }
    full_path(path, p, to);
    CHECK(isb_safetensors_write(path, &tensors, &changed, NULL) == ISB_OK);
    isb_metadata_free(&metadata);
    isb_metadata_free(&changed);
    isb_tensors_free(&tensors);
}

#define MODEL "runs/small/model.safetensors"

CASE(evaluate, a_model_of_other_numerics_is_refused) {
    place p = place_with_run();
    change_metadata(&p, MODEL, MODEL, "numerics", "9");
    char message[512];
    snprintf(message, sizeof message,
             MODEL ": trained under numerics version 9, this is %d: its outputs would have other "
                   "bits; use the isobit that trained it, or train it again",
             ISB_NUMERICS);
    check_fails(&p, 6, message, ARGS("evaluate", "runs/small"));
    check_fails(&p, 6, message, ARGS("evaluate", MODEL, "--data", "digits"));
    change_metadata(&p, MODEL, MODEL, "numerics", NULL);
    check_fails(&p, 6, MODEL ": does not say its numerics version", ARGS("evaluate", "runs/small"));
    place_close(&p);
}

CASE(evaluate, a_damaged_model_is_refused) {
    place p = place_with_run();
    change_metadata(&p, MODEL, "bare.safetensors", "experiment", NULL);
    check_fails(&p, 6, "bare.safetensors: there is no experiment in its metadata",
                ARGS("evaluate", "bare.safetensors", "--data", "digits"));
    change_metadata(&p, MODEL, "wrong.safetensors", "experiment", "model: [flatten, {dense: 3}]\n");
    output o = RUN(&p, "evaluate", "wrong.safetensors", "--data", "digits");
    CHECKF(o.status == 6 && o.out[0] == '\0', "%d", o.status);
    CHECKF(strncmp(o.err, "error: wrong.safetensors:1:", 27) == 0, "%s", o.err);
    output_free(&o);
    char path[512];
    full_path(path, &p, MODEL);
    FILE *file = fopen(path, "r+b");
    CHECK(file != NULL && fseek(file, -1, SEEK_END) == 0 && fputc(0x55, file) != EOF);
    CHECK(fclose(file) == 0);
    check_fails(&p, 6, MODEL ": damaged: its content does not match its SHA-256",
                ARGS("evaluate", "runs/small"));
    CHECK(truncate(path, 100) == 0);
    check_fails(&p, 6, MODEL ": damaged: its content does not match its SHA-256",
                ARGS("evaluate", "runs/small"));
    check_fails(&p, 6,
                "small.yaml: not a file that isobit wrote, or damaged: it has no SHA-256 at its "
                "beginning",
                ARGS("evaluate", "small.yaml", "--data", "digits"));
    check_fails(&p, 6, "absent: does not exist", ARGS("evaluate", "absent"));
    check_fails(&p, 6, "runs: is not the directory of a run: it has no run.json",
                ARGS("evaluate", "runs"));
    place_close(&p);
}

/* A few bytes of text must not have a large model allocated. */
CASE(evaluate, a_model_larger_than_its_file_is_refused) {
    place p = place_with_run();
    change_metadata(&p, MODEL, "large.safetensors", "experiment",
                    "name: large\n"
                    "data: {source: digits}\n"
                    "model: [{flatten: {input_shape: [28, 28]}}, {dense: {units: 100000000}}, "
                    "{dense: {units: 10, activation: softmax}}]\n"
                    "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
    check_fails(&p, 6,
                "large.safetensors: holds 12730 values, but its model has 79500000010 parameters; "
                "use a file of this model",
                ARGS("evaluate", "large.safetensors", "--data", "digits"));
    place_close(&p);
}

CASE(evaluate, a_model_of_another_run_is_refused) {
    place p = place_with_run();
    train(&p, ARGS("train", "small.yaml", "-q", "--seed", "2", "--run", "other"));
    change_metadata(&p, "other/model.safetensors", MODEL, "none", "none");
    check_fails(&p, 6, MODEL ": is of another run", ARGS("evaluate", "runs/small"));
    place_close(&p);
}

CASE(evaluate, data_that_do_not_fit_are_refused) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small_experiment);
    put_images(&p, "images", "train", 0, 300, 11);
    train(&p, ARGS("train", "small.yaml", "-q"));
    output o = RUN(&p, "evaluate", "runs/small", "--data", "images");
    CHECKF(o.status == 3 && o.out[0] == '\0', "%d: %s", o.status, o.err);
    CHECKF(strstr(o.err, "images/train-labels-idx1-ubyte: row 10 (counted from 0) has label 10, "
                         "outside the model's 10 classes (0 to 9)") != NULL,
           "%s", o.err);
    output_free(&o);
    /* Four columns of 28 pixels. */
    put_idx(&p, "images/train-images-idx3-ubyte",
            (const uint8_t[]){0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 4}, 16,
            (const uint8_t[112]){0}, 112);
    put_idx(&p, "images/train-labels-idx1-ubyte", (const uint8_t[]){0, 0, 8, 1, 0, 0, 0, 1}, 8,
            (const uint8_t[]){3}, 1);
    o = RUN(&p, "evaluate", "runs/small", "--data", "images");
    CHECKF(o.status == 2 && o.out[0] == '\0', "%d: %s", o.status, o.err);
    CHECKF(strncmp(o.err, "error: runs/small/experiment.yaml:", 34) == 0 &&
               strstr(o.err, "input_shape [28, 28] does not fit the data, whose examples are "
                             "[28, 4]") != NULL,
           "%s", o.err);
    output_free(&o);
    o = RUN(&p, "evaluate", "runs/small", "--data", "absent");
    CHECKF(o.status == 3 && strstr(o.err, "absent") != NULL, "%d: %s", o.status, o.err);
    output_free(&o);
    place_close(&p);
}

CASE(evaluate, min_accuracy) {
    place p = place_with_run();
    output plain = RUN(&p, "evaluate", "runs/small");
    output o = RUN(&p, "evaluate", "runs/small", "--min-accuracy", "0");
    check_output(&o, 0, plain.out, "");
    json_t *e = run_json(&p, ARGS("evaluate", "runs/small", "--json"));
    char message[128];
    snprintf(message, sizeof message,
             "error: the test accuracy, %.6g, is below the 1 of --min-accuracy\n",
             number(e, "accuracy"));
    o = RUN(&p, "evaluate", "runs/small", "--min-accuracy", "1");
    check_output(&o, 5, plain.out, message);
    o = RUN(&p, "evaluate", "runs/small", "--min-accuracy", "1", "--split", "validation");
    CHECK(o.status == 5 && strncmp(o.err, "error: the validation accuracy, 0.", 34) == 0);
    output_free(&o);
    output_free(&plain);
    json_decref(e);
    place_close(&p);
}

CASE(evaluate, usage_errors) {
    place p = place_open();
    check_fails(&p, 2, "--split: unknown part 'tset'; did you mean 'test'?",
                ARGS("evaluate", "x", "--split", "tset"));
    check_fails(&p, 2, "--split: unknown part 'Validation'; did you mean 'validation'?",
                ARGS("predict", "x", "--split=Validation"));
    check_fails(&p, 2, "--split: 'all' is none of train, validation and test",
                ARGS("evaluate", "x", "--split", "all"));
    check_fails(&p, 2, "--split is no option of train; isobit train --help lists those there are",
                ARGS("train", "x", "--split", "test"));
    check_fails(&p, 2,
                "--seed is no option of evaluate; isobit evaluate --help lists those there are",
                ARGS("evaluate", "x", "--seed", "1"));
    check_fails(&p, 2,
                "isobit evaluate needs a run directory, or a model file of Isobit's "
                "(*.safetensors): isobit evaluate RUN_OR_MODEL",
                ARGS("evaluate"));
    place_close(&p);
}

CASE(evaluate, many_classes_leave_the_matrix_to_json) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small_experiment);
    put_images(&p, "images", "train", 0, 130, 26);
    train(&p, ARGS("train", "small.yaml", "-q", "--data", "images", "--set",
                   "model.3.dense.units=26", "--set", "fit.epochs=1"));
    json_t *e = run_json(&p, ARGS("evaluate", "runs/small", "--json", "--split", "train"));
    CHECK(json_array_size(json_object_get(e, "classes")) == 26);
    CHECK(json_array_size(json_object_get(e, "confusion")) == 26);
    char source[512];
    full_path(source, &p, "images");
    char *expected = table_of(e, "small", source);
    sprintf(expected + strlen(expected),
            "\nconfusion matrix: with 26 classes too wide for a page; --json has it\n"
            "\nweights sha256:%s\n",
            string(e, "weights_sha256"));
    output o = RUN(&p, "evaluate", "runs/small", "--split", "train");
    check_output(&o, 0, expected, "");
    free(expected);
    json_decref(e);
    place_close(&p);
}

CASE(evaluate, verbose_says_what_it_used) {
    place p = place_with_run();
    json_t *e = run_json(&p, ARGS("evaluate", "runs/small", "--json"));
    char expected[256];
    snprintf(expected, sizeof expected, "data sha256:%s\n3 threads: as asked; scalar\n",
             string(e, "data_sha256"));
    output o = RUN(&p, "evaluate", "runs/small", "-v", "--threads", "3", "--isa", "scalar");
    CHECKF(o.status == 0 && strcmp(o.err, expected) == 0, "%s", o.err);
    output_free(&o);
    json_decref(e);
    place_close(&p);
}
