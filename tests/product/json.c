#include "io/json.h"
#include "check.h"
#include "io/result.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_text(isb_json *json, const char *expected) {
    char *text;
    CHECK(isb_json_finish(json, &text, NULL) == ISB_OK);
    CHECKF(strcmp(text, expected) == 0, "got %s", text);
    free(text);
}

CASE(json, objects_and_arrays_nest) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_object(&json, "empty");
    isb_json_end_object(&json);
    isb_json_array(&json, "list");
    isb_json_unsigned(&json, NULL, 18446744073709551615u);
    isb_json_array(&json, NULL);
    isb_json_end_array(&json);
    isb_json_boolean(&json, NULL, true);
    isb_json_end_array(&json);
    isb_json_boolean(&json, "no", false);
    isb_json_null(&json, "nothing");
    isb_json_string(&json, "absent", NULL);
    isb_json_end_object(&json);
    check_text(&json, "{\"empty\": {}, \"list\": [18446744073709551615, [], true], \"no\": false, "
                      "\"nothing\": null, \"absent\": null}");
}

CASE(json, strings_are_escaped_and_made_valid) {
    isb_json json = ISB_JSON_INIT;
    isb_json_array(&json, NULL);
    isb_json_string(&json, NULL, "a\"b\\c/{\n\t\r\x01\x7f");
    isb_json_string(&json, NULL, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    isb_json_string(&json, NULL, "a\xff\xc3(\xed\xa0\x80\xc0\x80\xe2\x82");
    isb_json_string(&json, NULL, "");
    isb_json_end_array(&json);
#define BAD "\xef\xbf\xbd"
    check_text(&json, "[\"a\\\"b\\\\c/{\\n\\t\\u000d\\u0001\\u007f\", "
                      "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\", "
                      "\"a" BAD BAD "(" BAD BAD BAD BAD BAD BAD BAD "\", \"\"]");
}

CASE(json, doubles_are_shortest_and_finite) {
    isb_json json = ISB_JSON_INIT;
    isb_json_array(&json, NULL);
    const double values[] = {0.1, 5, 1e-7, -2.5, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        isb_json_double(&json, NULL, values[i]);
    isb_json_end_array(&json);
    check_text(&json, "[0.1, 5, 1e-07, -2.5, null, null, null]");
}

static isb_result sample(void) {
    return (isb_result){.weights_sha256 = "0123",
                        .params = 101770,
                        .epochs = 5,
                        .steps = 1690,
                        .measures = 1u << ISB_MEASURE_ACCURACY,
                        .train = {.present = true, .loss = 0.25, .accuracy = 0.5},
                        .validation = {.present = true, .loss = 0.125, .accuracy = 0.75},
                        .test = {.present = true, .loss = 0.1, .accuracy = 0.9},
                        .seconds = 1.5,
                        .samples_per_second = 36000,
                        .step_microseconds = 99.5,
                        .threads = 2,
                        .isa = "avx2",
                        .seed = 1,
                        .stopped = "early_stopping"};
}

static void check_result(const isb_result *result, const char *expected) {
    char *text;
    CHECK(isb_result_json(result, NULL, &text, NULL) == ISB_OK);
    CHECKF(strcmp(text, expected) == 0, "got %s", text);
    free(text);
}

CASE(json, a_result_has_its_keys_in_order) {
    isb_result result = sample();
    check_result(&result,
                 "{\"weights_sha256\": \"0123\", \"numerics\": 1, \"params\": 101770, "
                 "\"epochs\": 5, \"steps\": 1690, \"loss\": 0.25, \"accuracy\": 0.5, "
                 "\"val_loss\": 0.125, \"val_accuracy\": 0.75, \"test_loss\": 0.1, "
                 "\"test_accuracy\": 0.9, \"seconds\": 1.5, \"samples_per_second\": 36000, "
                 "\"step_microseconds\": 99.5, \"threads\": 2, \"isa\": \"avx2\", \"seed\": 1, "
                 "\"stopped\": \"early_stopping\", \"version\": \"0.1.0\"}");
}

CASE(json, a_result_of_a_regression_has_its_measures) {
    isb_result result = sample();
    result.measures = 1u << ISB_MEASURE_MAE | 1u << ISB_MEASURE_R2;
    result.train.mae = 0.5;
    result.train.r2 = -2;
    result.validation.present = false;
    result.test.mae = 0.25;
    result.test.r2 = 0.75;
    check_result(&result,
                 "{\"weights_sha256\": \"0123\", \"numerics\": 1, \"params\": 101770, "
                 "\"epochs\": 5, \"steps\": 1690, \"loss\": 0.25, \"accuracy\": null, "
                 "\"mean_absolute_error\": 0.5, \"r2_score\": -2, \"val_loss\": null, "
                 "\"val_accuracy\": null, \"val_mean_absolute_error\": null, "
                 "\"val_r2_score\": null, \"test_loss\": 0.1, \"test_accuracy\": null, "
                 "\"test_mean_absolute_error\": 0.25, \"test_r2_score\": 0.75, "
                 "\"seconds\": 1.5, \"samples_per_second\": 36000, "
                 "\"step_microseconds\": 99.5, \"threads\": 2, \"isa\": \"avx2\", \"seed\": 1, "
                 "\"stopped\": \"early_stopping\", \"version\": \"0.1.0\"}");
}

CASE(json, absent_and_diverged_parts_of_a_result_are_null) {
    isb_result result = sample();
    result.weights_sha256[0] = '\0';
    result.measures = 0;
    result.validation.present = result.test.present = false;
    result.train.loss = NAN;
    result.samples_per_second = result.step_microseconds = NAN;
    result.stopped = NULL;
    check_result(&result,
                 "{\"weights_sha256\": null, \"numerics\": 1, \"params\": 101770, "
                 "\"epochs\": 5, \"steps\": 1690, \"loss\": null, \"accuracy\": null, "
                 "\"val_loss\": null, \"val_accuracy\": null, \"test_loss\": null, "
                 "\"test_accuracy\": null, \"seconds\": 1.5, \"samples_per_second\": null, "
                 "\"step_microseconds\": null, \"threads\": 2, \"isa\": \"avx2\", \"seed\": 1, "
                 "\"stopped\": null, \"version\": \"0.1.0\", \"diverged\": true}");
}

CASE(json, result_details_follow) {
    isb_result result = sample();
    isb_result_details details = {"a \"name\"", "abcd", 0, 1764000000};
    char *text;
    CHECK(isb_result_json(&result, &details, &text, NULL) == ISB_OK);
    const char *start = strstr(text, "\"version\": \"0.1.0\"");
    CHECK(start != NULL);
    const char *expected = "\"version\": \"0.1.0\", \"name\": \"a \\\"name\\\"\", "
                           "\"data_sha256\": \"abcd\", \"started\": \"1970-01-01T00:00:00Z\", "
                           "\"finished\": \"2025-11-24T16:00:00Z\", \"host\": {\"name\": \"";
    CHECKF(strncmp(start, expected, strlen(expected)) == 0, "got %s", text);
    CHECK(strstr(text, "\"versions\": {\"isobit\": \"0.1.0\", \"numerics\": 1, ") != NULL);
    free(text);
}
