/* Regression through the program: training on numbers, its records, evaluate and predict, and what
 * does not go together. */
#include "data/split.h"
#include "data/targets.h"
#include "io/checkpoint.h"
#include "trained.h"
#include <isobit/experiment.h>
#include <math.h>

/* Noise images whose labels, 0 to 6, are the numbers to come near to. */
static const char text[] = "name: small\n"
                           "data: {source: data, validation: 0.25}\n"
                           "model:\n"
                           "  - flatten\n"
                           "  - dense: {units: 8, activation: relu}\n"
                           "  - dense: {units: 1}\n"
                           "compile:\n"
                           "  optimizer: adam\n"
                           "  loss: mean_squared_error\n"
                           "  metrics: [mean_absolute_error, mean_squared_error, r2_score, "
                           "train_eval]\n"
                           "fit:\n"
                           "  epochs: 3\n"
                           "  callbacks: [early_stopping: {monitor: val_mean_absolute_error, "
                           "patience: 9}]\n";

static place place_with_data(void) {
    place p = place_open();
    place_write(&p, "small.yaml", text);
    put_images(&p, "data", "train", 0, 80, 7);
    put_images(&p, "data", "t10k", 80, 30, 7);
    return p;
}

static json_t *train(const place *p, const char *threads) {
    return run_json(p,
                    ARGS("train", "small.yaml", "-q", "--json", "--force", "--threads", threads));
}

CASE(regression_runs, are_recorded_with_their_measures) {
    place p = place_with_data();
    json_t *result = train(&p, "1");
    static const char header[] =
        "epoch,loss,mean_absolute_error,mean_squared_error,r2_score,train_eval_loss,"
        "train_eval_mean_absolute_error,train_eval_mean_squared_error,train_eval_r2_score,val_loss,"
        "val_mean_absolute_error,val_mean_squared_error,val_r2_score,learning_rate\n";
    char *history = place_read(&p, "runs/small/history.csv");
    CHECKF(history != NULL && strncmp(history, header, strlen(header)) == 0, "%s", history);
    CHECK(number(result, "loss") == number(result, "mean_squared_error"));
    CHECK(number(result, "val_loss") == number(result, "val_mean_squared_error"));
    CHECK(number(result, "test_loss") == number(result, "test_mean_squared_error"));
    CHECK(number(result, "test_mean_absolute_error") > 0 && number(result, "test_r2_score") < 1);
    CHECK(json_is_null(json_object_get(result, "accuracy")) &&
          json_is_null(json_object_get(result, "val_accuracy")));
    char *events = place_read(&p, "runs/small/events.jsonl");
    CHECK(events != NULL && strstr(events, "\"val_r2_score\": ") != NULL);
    CHECK(strstr(events, "accuracy") == NULL);
    json_t *again = train(&p, "3");
    CHECK(strcmp(string(again, "weights_sha256"), string(result, "weights_sha256")) == 0);
    char *other = place_read(&p, "runs/small/history.csv");
    CHECK(other != NULL && strcmp(history, other) == 0);
    output o = RUN(&p, "verify", "runs/small", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    json_decref(result);
    json_decref(again);
    free(history);
    free(other);
    free(events);
    place_close(&p);
}

CASE(regression_runs, go_on_where_they_stopped) {
    place p = place_with_data();
    json_t *whole = train(&p, "1");
    char *history = place_read(&p, "runs/small/history.csv");
    place_remove(&p, "runs/small");
    output o = RUN(&p, "train", "small.yaml", "-q", "--save-every", "1", "--set", "fit.epochs=1");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    json_t *rest = run_json(&p, ARGS("train", "small.yaml", "-q", "--json", "--resume"));
    CHECK(strcmp(string(whole, "weights_sha256"), string(rest, "weights_sha256")) == 0);
    char *again = place_read(&p, "runs/small/history.csv");
    CHECKF(again != NULL && strcmp(history, again) == 0, "%s", again);
    json_decref(whole);
    json_decref(rest);
    free(history);
    free(again);
    place_close(&p);
}

CASE(regression_runs, keep_their_sums_within_an_epoch) {
    isb_metadata metadata = {0};
    char trace[] = "";
    isb_checkpoint found, written = {.position = {.step = 3,
                                                  .loss = 1.5,
                                                  .absolute = 0.1,
                                                  .squared = 1e-300,
                                                  .learning_rate = 0.25},
                                     .steps = 3,
                                     .trace = trace};
    CHECK(isb_checkpoint_describe(&written, &metadata, NULL) == ISB_OK);
    CHECK(isb_checkpoint_read(&found, &metadata));
    CHECK(found.position.absolute == 0.1 && found.position.squared == 1e-300);
    isb_checkpoint_free(&found);
    isb_metadata_free(&metadata);
    written.position.squared = 0;
    CHECK(isb_checkpoint_describe(&written, &metadata, NULL) == ISB_OK);
    CHECK(isb_metadata_find(&metadata, "squared_sum") == NULL);
    CHECK(isb_metadata_add(&metadata, "squared_sum", "nan", NULL) == ISB_OK);
    CHECK(!isb_checkpoint_read(&found, &metadata));
    isb_metadata_free(&metadata);
}

CASE(regression_runs, show_their_measures) {
    place p = place_with_data();
    output o = RUN(&p, "train", "small.yaml", "--threads", "1");
    CHECKF(o.status == 0, "%s", o.err);
    CHECKF(strstr(o.err, "  mean_absolute_error ") != NULL &&
               strstr(o.err, "  val_r2_score ") != NULL && strstr(o.err, "accuracy") == NULL,
           "%s", o.err);
    CHECKF(strstr(o.out, "  mean_absolute_error ") != NULL && strstr(o.out, "accuracy") == NULL,
           "%s", o.out);
    output_free(&o);
    place_close(&p);
}

CASE(regression_runs, are_evaluated_to_the_bits_of_training) {
    static const char *const keys[] = {"loss", "mean_absolute_error", "mean_squared_error",
                                       "r2_score"};
    place p = place_with_data();
    json_t *result = train(&p, "2");
    json_t *test = run_json(&p, ARGS("evaluate", "runs/small", "--json"));
    json_t *held = run_json(&p, ARGS("evaluate", "runs/small", "--json", "--split", "validation"));
    for (size_t i = 0; i < 4; i++) {
        char key[64];
        snprintf(key, sizeof key, "test_%s", keys[i]);
        CHECKF(number(test, keys[i]) == number(result, key), "%s", key);
        snprintf(key, sizeof key, "val_%s", keys[i]);
        CHECKF(number(held, keys[i]) == number(result, key), "%s", key);
    }
    CHECK(count(test, "rows") == 30 && count(held, "rows") == 20);
    CHECK(json_object_size(test) == 10 && json_object_get(test, "classes") == NULL);
    char expected[512];
    snprintf(expected, sizeof expected,
             "name        small\n"
             "data        %s/data, test part\n"
             "rows        30\n"
             "loss        %.4f\n"
             "MAE         %.6g\n"
             "MSE         %.6g\n"
             "R2          %.4f\n"
             "\n"
             "weights sha256:%s\n",
             p.path, number(test, "loss"), number(test, "mean_absolute_error"),
             number(test, "mean_squared_error"), number(test, "r2_score"),
             string(test, "weights_sha256"));
    output o = RUN(&p, "evaluate", "runs/small");
    check_output(&o, 0, expected, "");
    json_decref(result);
    json_decref(test);
    json_decref(held);
    place_close(&p);
}

/* The mean absolute error of the values that predict prints is that of evaluate. */
CASE(regression_runs, predict_a_value_a_row) {
    place p = place_with_data();
    json_t *result = train(&p, "1");
    output o = RUN(&p, "predict", "runs/small");
    CHECKF(o.status == 0, "%s", o.err);
    CHECKF(strncmp(o.out, "row,prediction\n0,", 17) == 0, "%s", o.out);
    double sum = 0;
    for (size_t i = 0; i < 30; i++) {
        char *end;
        const char *line = csv_line(o.out, i + 1);
        CHECK(strtoul(line, &end, 10) == i && *end == ',');
        sum += fabs((double)strtof(end + 1, &end) - (double)((80 + i) % 7));
        CHECK(*end == '\n');
    }
    CHECK(*csv_line(o.out, 31) == '\0');
    CHECKF(fabs(sum / 30 - number(result, "test_mean_absolute_error")) < 1e-6, "%.9g", sum / 30);
    output_free(&o);
    json_decref(result);
    place_close(&p);
}

CASE(regression_runs, have_no_accuracy_to_reach) {
    place p = place_with_data();
    check_fails(&p, 2,
                "--min-accuracy: the loss mean_squared_error is of a regression, which has no "
                "accuracy; leave it out",
                ARGS("train", "small.yaml", "--min-accuracy", "0.5"));
    CHECK(!place_has(&p, "runs"));
    json_t *result = train(&p, "1");
    check_fails(&p, 2,
                "--min-accuracy: the loss mean_squared_error is of a regression, which has no "
                "accuracy; leave it out",
                ARGS("evaluate", "runs/small", "--min-accuracy", "0.5"));
    json_decref(result);
    place_close(&p);
}

CASE(regression_runs, need_a_unit_a_target) {
    place p = place_with_data();
    char expected[256];
    snprintf(expected, sizeof expected,
             "the output layer has 2 units, but %s/data has 1 target a row; give it units: 1",
             p.path);
    check_fails(&p, 2, expected, ARGS("train", "small.yaml", "--set", "model.2.dense.units=2"));
    place_close(&p);
}

CASE(regression_runs, can_be_compared_in_a_study) {
    place p = place_with_data();
    place_write(&p, "study.yaml",
                "experiment: small.yaml\n"
                "seeds: 2\n"
                "vary:\n"
                "  compile.loss: [mean_squared_error, huber]\n"
                "compare: {metric: val_r2_score}\n");
    json_t *found = run_json(&p, ARGS("study", "study.yaml", "-q", "--json"));
    char *csv = place_read(&p, "studies/study/results.csv");
    CHECK(csv != NULL && strstr(csv, ",val_mean_absolute_error,") != NULL);
    CHECK(json_is_true(json_object_get(found, "higher_is_better")));
    json_decref(found);
    free(csv);
    place_close(&p);
}

/* --- the experiment --- */

#define HEAD "data: {source: digits}\nmodel: [flatten, dense: {units: 1}]\n"

static void parse(isb_experiment *out, const char *experiment) {
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_experiment_parse(out, experiment, strlen(experiment), "e.yaml", NULL, 0, &error) ==
               ISB_OK,
           "%s", isb_error_text(&error));
}

CASE(regression_file, losses_and_metrics) {
    static const struct {
        const char *loss;
        isb_loss_kind kind;
        double delta;
        const char *written;
    } cases[] = {
        {"mean_squared_error", ISB_SQUARED_ERROR, 0, "  loss: {mean_squared_error: {}}\n"},
        {"{mean_absolute_error: {}}", ISB_ABSOLUTE_ERROR, 0, "  loss: {mean_absolute_error: {}}\n"},
        {"huber", ISB_HUBER, 1, "  loss: {huber: {delta: 1}}\n"},
        {"{huber: {delta: 0.5}}", ISB_HUBER, 0.5, "  loss: {huber: {delta: 0.5}}\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char whole[512], *written, *again;
        snprintf(whole, sizeof whole,
                 HEAD "compile: {optimizer: adam, loss: %s, metrics: [train_eval, r2_score, "
                      "mean_absolute_error]}\n",
                 cases[i].loss);
        isb_experiment e, f;
        parse(&e, whole);
        CHECK(e.loss == cases[i].kind && e.delta == cases[i].delta);
        CHECK(e.metric_mae && !e.metric_mse && e.metric_r2 && e.metric_train_eval);
        CHECK(!e.metric_accuracy);
        CHECK(isb_experiment_write(&e, &written, NULL) == ISB_OK);
        CHECKF(strstr(written, cases[i].written) != NULL, "%s", written);
        CHECK(strstr(written, "  metrics: [mean_absolute_error, r2_score, train_eval]\n") != NULL);
        parse(&f, written);
        CHECK(isb_experiment_write(&f, &again, NULL) == ISB_OK && strcmp(written, again) == 0);
        isb_experiment_free(&e);
        isb_experiment_free(&f);
        free(written);
        free(again);
    }
}

CASE(regression_file, what_does_not_go_together) {
    static const char *const cases[][2] = {
        {HEAD "compile: {optimizer: adam, loss: huber, metrics: [accuracy]}\n",
         "e.yaml:3:51: accuracy counts right classes, and the loss huber has none; use "
         "mean_absolute_error, mean_squared_error or r2_score"},
        {"data: {source: digits}\nmodel: [flatten, dense: {units: 2, activation: softmax}]\n"
         "compile: {optimizer: adam, loss: mean_squared_error}\n",
         "e.yaml:2:23: mean_squared_error needs outputs of any size, but the output layer's "
         "activation is softmax; use activation: linear, or loss: sparse_categorical_crossentropy "
         "for classes"},
        {"data: {source: digits}\nmodel: [flatten, dense: {units: 1, activation: relu}]\n"
         "compile: {optimizer: adam, loss: mean_squared_error}\n",
         "e.yaml:2:23: mean_squared_error needs outputs of any size, but the output layer's "
         "activation is relu; use activation: linear"},
        {"data: {source: digits}\nmodel: [flatten, dense: {units: 2, activation: softmax}]\n"
         "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [r2_score]}\n",
         "e.yaml:3:77: r2_score is of a regression, and the loss is "
         "sparse_categorical_crossentropy; use accuracy"},
        {HEAD "compile: {optimizer: adam, loss: {huber: {delta: 0}}}\n",
         "e.yaml:3:50: delta must be a number above 0 in single precision (1e-45 to 3e38), not "
         "'0'"},
        {HEAD "compile: {optimizer: adam, loss: mean_square_error}\n",
         "e.yaml:3:34: unknown loss 'mean_square_error'; did you mean 'mean_squared_error'?"},
        {"data: {source: digits}\nmodel: [flatten]\n"
         "compile: {optimizer: adam, loss: mean_squared_error}\n",
         "e.yaml:2:9: the last layer must be dense, with one unit a target, not flatten; add "
         "dense: {units: 1} behind it"},
        {HEAD "compile: {optimizer: adam, loss: huber}\n"
              "fit: {callbacks: [early_stopping: {monitor: mean_absolute_error}]}\n",
         "e.yaml:4:45: early_stopping cannot monitor mean_absolute_error without "
         "mean_absolute_error in compile.metrics (this experiment computes: loss)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        isb_experiment e;
        isb_error error = ISB_ERROR_INIT;
        CHECKF(isb_experiment_parse(&e, cases[i][0], strlen(cases[i][0]), "e.yaml", NULL, 0,
                                    &error) == ISB_USAGE,
               "%s", cases[i][0]);
        CHECKF(strcmp(isb_error_text(&error), cases[i][1]) == 0, "%s", isb_error_text(&error));
        isb_error_clear(&error);
        isb_experiment_free(&e);
    }
}

/* --- data --- */

static char source[] = "here";

CASE(regression_data, labels_become_targets) {
    uint32_t labels[] = {3, 0, 70000};
    isb_dataset dataset = {.source = source, .train = {.rows = 3, .labels = labels}};
    isb_experiment experiment = {.loss = ISB_HUBER};
    CHECK(isb_targets_prepare(&dataset, &experiment, NULL) == ISB_OK);
    const float *targets = dataset.train.targets;
    CHECK(dataset.train.target_width == 1 && dataset.train.labels == labels);
    CHECK(targets[0] == 3 && targets[1] == 0 && targets[2] == 70000);
    CHECK(dataset.test.targets == NULL);
    CHECK(isb_targets_prepare(&dataset, &experiment, NULL) == ISB_OK);
    CHECK(dataset.train.targets == targets);
    CHECK(isb_targets_check(&dataset, &experiment, 1, NULL) == ISB_OK);
    free(dataset.train.targets);
}

CASE(regression_data, targets_are_no_classes) {
    float targets[] = {0.5f, 1.5f};
    const isb_experiment experiment = {.loss = ISB_CROSS_ENTROPY};
    isb_dataset dataset = {.source = source,
                           .train = {.rows = 2, .targets = targets, .target_width = 1}};
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_targets_prepare(&dataset, &experiment, &error) == ISB_DATA);
    CHECKF(strcmp(isb_error_text(&error),
                  "here: its labels are numbers to come near to, not classes, which the loss "
                  "sparse_categorical_crossentropy needs; use loss: mean_squared_error, a linear "
                  "output, and metrics: [mean_absolute_error]") == 0,
           "%s", isb_error_text(&error));
    isb_error_clear(&error);
}

/* Without classes all rows are drawn from alike, and labels that are there have no say. */
CASE(regression_data, split_does_not_look_at_labels) {
    float targets[40] = {0};
    uint32_t labels[40];
    for (uint32_t i = 0; i < 40; i++)
        labels[i] = i % 5;
    const isb_experiment experiment = {.loss = ISB_HUBER,
                                       .seed = 1,
                                       .validation = ISB_VALIDATION_STRATIFIED,
                                       .validation_fraction = 0.25};
    isb_dataset dataset = {.source = source,
                           .train = {.rows = 40, .targets = targets, .target_width = 1}};
    isb_split one, other;
    CHECK(isb_split_make(&one, &dataset, &experiment, NULL) == ISB_OK);
    dataset.train.labels = labels;
    CHECK(isb_split_make(&other, &dataset, &experiment, NULL) == ISB_OK);
    CHECK(one.validation_rows == 10 && one.train_rows == 30 && other.validation_rows == 10);
    CHECK(memcmp(one.validation, other.validation, 10 * sizeof *one.validation) == 0);
    isb_split_free(&one);
    isb_split_free(&other);
}
