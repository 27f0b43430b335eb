/* data.scale: standardize, minmax and model_weights through the program: one fit for training,
 * resuming, verifying, evaluating, predicting, and for each run of a study its own. */
#include "few_digits.h"
#include "io/safetensors.h"
#include "io/sha256.h"
#include "small_run.h"
#include "trained.h"

static const char experiment[] =
    "name: s\n"
    "data: {source: few, scale: standardize, validation: 0.1}\n"
    "model:\n"
    "  - flatten\n"
    "  - dense: {units: 16, activation: relu}\n"
    "  - dropout: {rate: 0.2}\n"
    "  - dense: {units: 10, activation: softmax}\n"
    "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [accuracy]}\n"
    "fit: {epochs: 3, batch_size: 25}\n";

static place place_trained(const char *scale) {
    char setting[64];
    place p = place_open();
    snprintf(setting, sizeof setting, "data.scale=%s", scale);
    few_digits_write(&p);
    place_write(&p, "s.yaml", experiment);
    output o = RUN(&p, "train", "s.yaml", "-q", "--set", setting);
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    return p;
}

static void check_same_scores(const place *p, const char *run) {
    char result[64];
    snprintf(result, sizeof result, "%s/result.json", run);
    char *text = place_read(p, result);
    json_t *trained = json_loads(text, 0, NULL);
    json_t *evaluated = run_json(p, ARGS("evaluate", run, "--json"));
    CHECK(number(trained, "test_loss") == number(evaluated, "loss"));
    CHECK(number(trained, "test_accuracy") == number(evaluated, "accuracy"));
    json_decref(evaluated);
    evaluated = run_json(p, ARGS("evaluate", run, "--json", "--split", "validation"));
    CHECK(number(trained, "val_loss") == number(evaluated, "loss"));
    json_decref(evaluated);
    json_decref(trained);
    free(text);
}

static void check_all(const char *scale) {
    place p = place_trained(scale);
    char setting[64], line[64];
    snprintf(setting, sizeof setting, "data.scale=%s", scale);
    snprintf(line, sizeof line, "\n  scale: %s\n", scale);
    char *resolved = place_read(&p, "runs/s/experiment.yaml");
    CHECKF(strstr(resolved, line) != NULL, "%s", resolved);
    free(resolved);
    check_same_scores(&p, "runs/s");
    output o = RUN(&p, "verify", "runs/s", "-q", "--threads", "3", "--isa", "scalar");
    CHECKF(o.status == 0 && strstr(o.out, "verdict     the same bits\n") != NULL, "%s%s", o.out,
           o.err);
    output_free(&o);
    o = RUN(&p, "train", "s.yaml", "-q", "--run", "r", "--set", setting, "--set", "fit.epochs=1");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "s.yaml", "-q", "--run", "r", "--set", setting, "--resume", "--threads",
            "2");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    CHECK(place_same(&p, "runs/s/model.safetensors", "r/model.safetensors"));
    CHECK(place_same(&p, "runs/s/history.csv", "r/history.csv"));
    o = RUN(&p, "train", "s.yaml", "-q", "--run", "by255", "--set", "data.scale=255");
    CHECK(o.status == 0 && !place_same(&p, "runs/s/history.csv", "by255/history.csv"));
    output_free(&o);
    place_close(&p);
}

CASE(scaling_runs, standardize) { check_all("standardize"); }
CASE(scaling_runs, minmax) { check_all("minmax"); }

CASE(scaling_runs, a_study_fits_on_each_runs_own_rows) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "s.yaml", experiment);
    place_write(&p, "study.yaml",
                "name: t\nexperiment: s.yaml\nseeds: 2\nvary: {data.scale: [standardize, 255]}\n");
    output o = RUN(&p, "study", "study.yaml", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    json_t *json = run_json(&p, ARGS("train", "s.yaml", "--seed", "2", "--json", "-q"));
    char *rows = place_read(&p, "studies/t/results.csv");
    CHECK(strstr(rows, string(json, "weights_sha256")) != NULL);
    free(rows);
    json_decref(json);
    place_close(&p);
}

CASE(scaling_runs, model_weights_bring_their_scaling) {
    place p = place_trained("standardize");
    const char *const set = "model_weights=runs/s/model.safetensors";
    place_write(&p, "other.yaml", experiment);
    output o =
        RUN(&p, "train", "other.yaml", "-q", "--run", "o", "--set", "data.scale=model_weights",
            "--set", set, "--seed", "5", "--set", "compile.optimizer={sgd: {learning_rate: 0}}");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    output first = RUN(&p, "predict", "runs/s", "--split", "test");
    o = RUN(&p, "predict", "o", "--split", "test");
    check_output(&o, 0, first.out, "");
    output_free(&first);
    check_same_scores(&p, "o");
    o = RUN(&p, "verify", "o", "-q");
    CHECKF(o.status == 0, "%s%s", o.out, o.err);
    output_free(&o);
    o = RUN(&p, "train", "s.yaml", "-q", "--run", "by255", "--set", "data.scale=255");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "s.yaml", "-q", "--run", "x", "--set", "data.scale=model_weights", "--set",
            "model_weights=by255/model.safetensors");
    CHECKF(o.status == 6 && strstr(o.err, "no tensor 'scaling.offset', which the model needs with "
                                          "shape (784)") != NULL,
           "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "s.yaml", "-q", "--set", "data.scale=model_weights");
    CHECKF(o.status == 2 && strstr(o.err, "scale: model_weights takes the scaling from the file of "
                                          "model_weights, and there is none") != NULL,
           "%s", o.err);
    output_free(&o);
    place_close(&p);
}

CASE(scaling_runs, a_table_is_scaled_by_its_own_key) {
    place p = place_open();
    place_write(&p, "t.csv", "a,y\n1,no\n2,yes\n3,no\n4,yes\n");
    place_write(&p, "t.yaml",
                "data: {source: t.csv, label: y, scale: standardize}\n"
                "model: [{dense: {units: 2, activation: softmax}}]\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
    check_fails(&p, 2,
                "data.scale: is for images and other arrays; the numbers of a table are scaled by "
                "data.features.standardize",
                ARGS("train", "t.yaml", "-q"));
    place_close(&p);
}

CASE(scaling_runs, the_digest_is_of_kernels_and_biases_alone) {
    const place p = small_open();
    output o = small_train(&p, "run", "2", "--set=data.scale=minmax");
    CHECKF(o.status == 0, "%s", o.err);
    isb_tensors tensors;
    char digest[ISB_SHA256_SIZE], line[128];
    CHECK(isb_safetensors_read(&tensors, NULL, small_path(&p, "run/model.safetensors"), true,
                               NULL) == ISB_OK);
    CHECK(tensors.count == 6 && isb_tensors_find(&tensors, "scaling.divisor") != NULL);
    tensors.count = 0;
    isb_tensors weights = {0, tensors.items};
    for (size_t i = 0; i < 6; i++)
        if (strncmp(tensors.items[i].name, "scaling.", 8) != 0)
            weights.items[weights.count++] = tensors.items[i];
        else
            free(tensors.items[i].data);
    CHECK(weights.count == 4 && isb_weights_sha256(&weights, digest, NULL) == ISB_OK);
    snprintf(line, sizeof line, "weights sha256:%s\n", digest);
    CHECKF(strstr(o.out, line) != NULL, "%s%s", o.out, line);
    output_free(&o);
    isb_tensors_free(&weights);
    place_close(&p);
}
