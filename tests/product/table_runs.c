/* Tables through the program: trained on, evaluated, predicted, tried again. */
#include "people.h"
#include <unistd.h>

CASE(table_runs, train_evaluate_and_verify) {
    place p = place_with_people();
    output o = RUN(&p, "evaluate", "runs/people", "--json", "--min-accuracy", "0.9");
    CHECKF(o.status == 0, "%s", o.err);
    json_t *json = json_loads(o.out, 0, NULL);
    json_t *class = json_array_get(json_object_get(json, "classes"), 1);
    CHECK(json_integer_value(json_object_get(json, "rows")) == 10);
    CHECK(strcmp(json_string_value(json_object_get(class, "name")), "yes, please") == 0);
    json_decref(json);
    output_free(&o);
    o = RUN(&p, "verify", "runs/people", "-q");
    CHECKF(o.status == 0 && strstr(o.out, "verdict     the same bits\n") != NULL, "%s", o.out);
    output_free(&o);
    place_close(&p);
}

CASE(table_runs, predict_takes_the_raw_table_and_gives_the_labels_own_names) {
    static const char header[] = "row,prediction,p_no,\"p_yes, please\"\n";
    place p = place_with_people();
    place_write(&p, "more.tsv", "job\tage\nsmith\t20\n?\t59\nastronaut\t\n");
    output o = RUN(&p, "predict", "runs/people", "--data", "more.tsv");
    CHECKF(o.status == 0 && strncmp(o.out, header, strlen(header)) == 0, "%s%s", o.out, o.err);
    CHECKF(strstr(o.out, "\n0,no,") != NULL, "%s", o.out);
    CHECKF(strstr(o.out, "\n1,\"yes, please\",") != NULL, "%s", o.out);
    CHECKF(strstr(o.out, "\n2,") != NULL && strstr(o.out, "\n3,") == NULL, "%s", o.out);
    output_free(&o);
    o = RUN(&p, "predict", "runs/people/model.safetensors", "--data", "people.csv");
    CHECKF(o.status == 0 && strstr(o.out, "\n39,") != NULL, "%s", o.out);
    output_free(&o);
    place_close(&p);
}

CASE(table_runs, threads_change_no_byte) {
    place p = place_with_people();
    output first = RUN(&p, "train", "people.yaml", "--run", "again", "-q", "--threads", "3");
    CHECK(first.status == 0 &&
          place_same(&p, "runs/people/model.safetensors", "again/model.safetensors"));
    output_free(&first);
    place_close(&p);
}

CASE(table_runs, what_does_not_fit_is_named) {
    place p = place_with_people();
    const char *here = p.path;
    char message[512];
    place_write(&p, "old.csv", "job,age\nsmith,old\n");
    output o = RUN(&p, "predict", "runs/people", "--data", "old.csv");
    CHECKF(o.status == 3 && strstr(o.err, "old.csv:2") != NULL && strstr(o.err, "'old'") != NULL,
           "%s", o.err);
    output_free(&o);
    place_write(&p, "short.csv", "age,x\n20,1\n");
    snprintf(message, sizeof message,
             "the model's features: %s/short.csv has no column 'job'; it has: age, x", here);
    check_fails(&p, 3, message, ARGS("predict", "runs/people", "--data", "short.csv"));
    write_people(&p, "changed.csv");
    o = RUN(&p, "evaluate", "runs/people", "--data", "short.csv");
    CHECKF(o.status == 2 && strstr(o.err, "has no column 'answer'") != NULL, "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "people.yaml", "--set", "model.1.dense.units=3", "--run", "x", "-q");
    CHECKF(o.status == 2 && strstr(o.err, "column 'answer' has 2 classes, but the output layer "
                                          "has 3 units; give it units: 2") != NULL,
           "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "people.yaml", "--data", "digits", "--run", "x", "-q");
    CHECKF(o.status == 2 && strstr(o.err, "data.label is for a table, but digits is none") != NULL,
           "%s", o.err);
    output_free(&o);
    place_write(&p, "people.csv", "id,age,job,answer\n1,2,smith,no\n2,3,cook,yes\n");
    o = RUN(&p, "evaluate", "runs/people");
    CHECKF(o.status == 3, "%s", o.err);
    output_free(&o);
    place_close(&p);
}

CASE(table_runs, digits_may_have_a_test_part_only_once) {
    place p = place_open();
    place_write(&p, "small.yaml", small_experiment);
    output o = RUN(&p, "train", "small.yaml", "--set", "data.test=0.1", "--data", "digits", "-q");
    CHECKF(o.status == 2 && strstr(o.err, "--set data.test=0.1: data.test splits a test part off, "
                                          "but digits brings one; take data.test out") != NULL,
           "%s", o.err);
    output_free(&o);
    place_close(&p);
}

CASE(table_runs, a_study_gives_every_run_its_own_fit) {
    place p = place_open();
    write_people(&p, "people.csv");
    place_write(&p, "people.yaml", people_experiment);
    place_write(&p, "study.yaml",
                "name: s\nexperiment: people.yaml\nseeds: 2\n"
                "vary: {data.features.standardize: [numeric, none]}\n");
    output o = RUN(&p, "study", "study.yaml", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    o = RUN(&p, "train", "people.yaml", "--seed", "2", "--set", "data.seed=1", "--json", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    json_t *json = json_loads(o.out, 0, NULL);
    char *rows = place_read(&p, "studies/s/results.csv");
    CHECK(strstr(rows, json_string_value(json_object_get(json, "weights_sha256"))) != NULL);
    free(rows);
    json_decref(json);
    output_free(&o);
    place_close(&p);
}

/* ISOBIT_ADULT, or shared/data/adult beside the checkout. */
static const char *adult_table(void) {
    const char *path = getenv("ISOBIT_ADULT");
    if (path == NULL)
        path = ISB_SOURCE_DIR "/../shared/data/adult/adult.csv.gz";
    return access(path, R_OK) == 0 ? path : NULL;
}

CASE(table_runs, the_census_table_reaches_its_accuracy) {
    const char *adult = adult_table();
    if (adult == NULL)
        SKIP("no census table; name its file in ISOBIT_ADULT");
    place p = place_open();
    output o = RUN(&p, "train", ISB_SOURCE_DIR "/examples/adult.yaml", "--data", adult, "-q",
                   "--min-accuracy", "0.845");
    CHECKF(o.status == 0, "%s%s", o.out, o.err);
    CHECKF(strstr(o.out, ": 23444 rows to train on, 2605 to validate, 6512 to test\n") != NULL,
           "%s", o.out);
    output_free(&o);
    o = RUN(&p, "evaluate", "runs/adult", "--min-accuracy", "0.845");
    CHECKF(o.status == 0 && strstr(o.out, "\n<=50K ") != NULL, "%s%s", o.out, o.err);
    output_free(&o);
    place_close(&p);
}
