/* isobit bench as its user meets it: what is measured and how it is told, not how fast it is. */
#include "check.h"
#include "program.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of 12000 rows, 1200 are held out. */
static const char small[] = "name: small\n"
                            "data: {source: digits, validation: 0.1}\n"
                            "model:\n"
                            "  - flatten: {input_shape: [28, 28]}\n"
                            "  - dense: {units: 16, activation: relu}\n"
                            "  - dropout: {rate: 0.2}\n"
                            "  - dense: {units: 10, activation: softmax, use_bias: false}\n"
                            "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n"
                            "fit: {batch_size: 256}\n";

/* Multiply-adds of a row: no gradient of the inputs, biases are additions. */
static const double work = 784 * 16 * 2 + 16 * 10 * 3;

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define BENCH(...) ARGS("bench", "small.yaml", "--seconds", "0.01", __VA_ARGS__)

static output run(const char *const *arguments, const char *const *environment) {
    place p = place_open();
    place_write(&p, "small.yaml", small);
    output o = program_run(&p, &(request){.arguments = arguments, .environment = environment});
    CHECK(!place_has(&p, "runs"));
    place_close(&p);
    return o;
}

static json_t *run_json(const char *const *arguments, const char *const *environment) {
    output o = run(arguments, environment);
    CHECKF(o.status == 0 && o.err[0] == '\0', "status %d: %s", o.status, o.err);
    json_t *list = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    CHECKF(json_is_array(list), "%s", o.out);
    output_free(&o);
    return list;
}

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    CHECKF(json_is_number(value), "%s", key);
    return json_number_value(value);
}

static bool near(double a, double b) { return fabs(a - b) <= 1e-12 * fabs(b); }

static void check_point(const json_t *list, size_t index, double threads, double batch_size) {
    const json_t *point = json_array_get(list, index);
    CHECK(json_object_size(point) == 9);
    CHECKF(number(point, "threads") == threads, "%zu", index);
    CHECKF(number(point, "batch_size") == batch_size, "%zu", index);
    double seconds = number(point, "step_microseconds") * 1e-6;
    CHECK(seconds > 1e-7 && seconds < 60);
    CHECK(near(number(point, "samples_per_second"), batch_size / seconds));
    CHECK(near(number(point, "gflops"), 2e-9 * work * batch_size / seconds));
}

CASE(bench, measures_every_pair_in_order) {
    json_t *list = run_json(BENCH("--threads", "2,1", "--batch-size=32,10800", "--json"), NULL);
    CHECK(json_array_size(list) == 4);
    check_point(list, 0, 2, 32);
    check_point(list, 1, 2, 10800);
    check_point(list, 2, 1, 32);
    check_point(list, 3, 1, 10800);
    json_decref(list);
}

CASE(bench, defaults_are_those_of_the_experiment_and_the_machine) {
    json_t *list = run_json(BENCH("--json"), NULL);
    check_point(list, 0, 1, 256);
    size_t count = json_array_size(list);
    CHECK(count <= 2);
    if (count == 2)
        CHECK(number(json_array_get(list, 1), "threads") > 1);
    json_decref(list);

    list = run_json(BENCH("--json", "--set", "fit.batch_size=20000"), ARGS("ISOBIT_THREADS=1"));
    CHECK(json_array_size(list) == 1);
    check_point(list, 0, 1, 10800);
    json_decref(list);
}

CASE(bench, the_peak_is_that_of_the_instruction_set) {
    json_t *list = run_json(BENCH("--json", "--threads=1", "--isa=scalar"), NULL);
    const json_t *point = json_array_get(list, 0);
    CHECK(strcmp(json_string_value(json_object_get(point, "isa")), "scalar") == 0);
    CHECK(json_is_null(json_object_get(point, "peak_gflops")));
    CHECK(json_is_null(json_object_get(point, "of_peak")));
    json_decref(list);

    list = run_json(BENCH("--json", "--threads=1"), NULL);
    point = json_array_get(list, 0);
    if (strcmp(json_string_value(json_object_get(point, "isa")), "scalar") == 0)
        SKIP("this machine has no fma instruction");
    CHECK(number(point, "peak_gflops") > 0.01);
    CHECK(near(number(point, "of_peak"), number(point, "gflops") / number(point, "peak_gflops")));
    json_decref(list);
}

CASE(bench, prints_a_table) {
    output o = run(BENCH("--threads", "1", "--batch-size", "32,64", "--isa", "scalar"), NULL);
    CHECKF(o.status == 0 && o.err[0] == '\0', "status %d: %s", o.status, o.err);
    static const char header[] = "threads  batch_size     us a step     samples/s    GFLOP/s  "
                                 "peak GFLOP/s   of peak\n      1          32  ";
    CHECKF(strncmp(o.out, header, strlen(header)) == 0, "%s", o.out);
    CHECKF(strstr(o.out, "  -         -\n      1          64  ") != NULL, "%s", o.out);
    CHECKF(strstr(o.out, "  -         -\ninstruction set scalar\n") != NULL, "%s", o.out);
    output_free(&o);
}

/* A table of 40 rows, of whose inputs one in `one_in` is not 0, before as many units as pay for
 * finding it. */
static bool passes_over_zeros(size_t one_in, const char *isa) {
    char text[4096] = "a,b,c,d,e,f,g,h,y\n";
    for (size_t i = 0; i < 320; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                 (i * 7 + i / 8) % one_in == 0 ? "1" : "0",
                 i % 8 < 7          ? ","
                 : (i / 8) % 2 == 0 ? ",no\n"
                                    : ",yes\n");
    place p = place_open();
    place_write(&p, "zeros.csv", text);
    place_write(&p, "zeros.yaml",
                "name: zeros\n"
                "data: {source: zeros.csv, label: y, features: {standardize: none}}\n"
                "model:\n"
                "  - dense: {units: 64, activation: relu}\n"
                "  - dense: {units: 2, activation: softmax}\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n"
                "fit: {batch_size: 8}\n");
    output o =
        program_run(&p, &(request){.arguments = ARGS("bench", "zeros.yaml", "--seconds", "0.01",
                                                     "--threads", "1", "--isa", isa)});
    CHECKF(o.status == 0, "status %d: %s", o.status, o.err);
    const bool said =
        strstr(o.out, "\nzeros of the inputs are passed over, but counted in GFLOP/s\n") != NULL;
    output_free(&o);
    place_close(&p);
    return said;
}

CASE(bench, says_where_zeros_are_passed_over) {
    CHECK(!passes_over_zeros(1, "auto"));
    CHECK(!passes_over_zeros(2, "auto"));
    CHECK(!passes_over_zeros(5, "scalar"));
    output o = run(BENCH("--threads", "1", "--json"), NULL);
    const bool scalar = strstr(o.out, "\"scalar\"") != NULL;
    output_free(&o);
    CHECK(passes_over_zeros(5, "auto") == !scalar);
}

static void check_error(int status, const char *message, const char *const *arguments,
                        const char *const *environment) {
    char expected[1024];
    snprintf(expected, sizeof expected, "error: %s\n", message);
    output o = run(arguments, environment);
    CHECKF(o.status == status && o.out[0] == '\0', "status %d: %s", o.status, o.out);
    CHECKF(strcmp(o.err, expected) == 0, "stderr: %s", o.err);
    output_free(&o);
}

CASE(bench, refuses_wrong_lists) {
    static const char *const wrong[] = {"",    ",",    "1,",         "1,,2",    "0",
                                        "1,0", "1, 2", "2147483648", "1,x",     "-1",
                                        "1.0", "1;2",  "1,2,1025,3", "01,00001"};
    char message[512];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(message, sizeof message,
                 "--threads: '%s' is no list of numbers of threads; give whole numbers from 1 to "
                 "1024, as 1,2,4",
                 wrong[i]);
        check_error(2, message, BENCH("--threads", wrong[i]), NULL);
    }
    check_error(2,
                "--batch-size: '2147483648' is no list of batch sizes; give whole numbers from 1 "
                "to 2147483647, as 32,128",
                BENCH("--batch-size", "2147483648"), NULL);
    check_error(2,
                "ISOBIT_THREADS: '1,,2' is no list of numbers of threads; give whole numbers from "
                "1 to 1024, as 1,2,4",
                BENCH("--json"), ARGS("ISOBIT_THREADS=1,,2"));
    check_error(2, "--batch-size: there are only 10800 rows to train on, 10801 are too many",
                BENCH("--batch-size", "32,10801"), NULL);
}

CASE(bench, lists_have_a_limit) {
    char list[2 * 33 + 1] = "";
    for (size_t i = 0; i < 32; i++)
        strcat(list, i == 0 ? "1" : ",1");
    json_t *points = run_json(ARGS("bench", "small.yaml", "--seconds=0.01", "--json",
                                   "--batch-size=10800", "--threads", list),
                              NULL);
    CHECK(json_array_size(points) == 32);
    json_decref(points);
    strcat(list, ",1");
    char message[256];
    snprintf(message, sizeof message,
             "--threads: '%s' is no list of numbers of threads; give whole numbers from 1 to 1024, "
             "as 1,2,4",
             list);
    check_error(2, message, BENCH("--threads", list), NULL);
}

CASE(bench, lists_are_of_bench_alone) {
    check_error(2,
                "--threads: '1,2' is not a number of threads; give a whole number from 1 to 1024",
                ARGS("train", "small.yaml", "--threads", "1,2"), NULL);
    check_error(2, "--batch-size is no option of train; isobit train --help lists those there are",
                ARGS("train", "small.yaml", "--batch-size", "32"), NULL);
}

CASE(bench, refuses_wrong_times) {
    static const char *const wrong[] = {"0", "0.009", "3601", "-1", "nan", "inf", "long", ""};
    char message[256];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(message, sizeof message,
                 "--seconds: '%s' is no time to measure for; give a number from 0.01 to 3600",
                 wrong[i]);
        check_error(2, message, ARGS("bench", "small.yaml", "--seconds", wrong[i]), NULL);
    }
}

CASE(bench, tells_that_training_diverged) {
    output o =
        run(BENCH("--threads=1", "--set", "compile.optimizer={sgd: {learning_rate: 1e30}}"), NULL);
    CHECKF(o.status == 4 && o.out[0] == '\0', "status %d: %s", o.status, o.out);
    CHECKF(strncmp(o.err, "error: training diverged at step ", 33) == 0, "%s", o.err);
    output_free(&o);
}
