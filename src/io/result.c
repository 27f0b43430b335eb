#include "io/result.h"
#include "io/json.h"
#include <isobit/version.h>
#include <math.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/utsname.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* "val_" and "loss"; a measure that is not computed is null, one of a regression then left out.
 * `finite` becomes false where a value is not. */
static void put_score(isb_json *json, const isb_result *result, const char *prefix,
                      const isb_score *score, bool *finite) {
    for (int m = 0; m < ISB_MEASURES; m++) {
        const isb_measure measure = (isb_measure)m;
        const bool computed = isb_measures_have(result->measures, measure);
        const bool usual = measure == ISB_MEASURE_LOSS || measure == ISB_MEASURE_ACCURACY;
        const double value = computed && score->present ? isb_score_value(score, measure) : NAN;
        char key[40];
        snprintf(key, sizeof key, "%s%s", prefix, isb_measure_name(measure));
        if (computed || usual)
            isb_json_double(json, key, value);
        if (computed && score->present && !isfinite(value))
            *finite = false;
    }
}

static void put_time(isb_json *json, const char *key, time_t time) {
    struct tm utc;
    char text[64];
    if (gmtime_r(&time, &utc) == NULL || strftime(text, sizeof text, "%FT%TZ", &utc) == 0)
        isb_json_null(json, key);
    else
        isb_json_string(json, key, text);
}

static void put_host(isb_json *json) {
    struct utsname host;
    if (uname(&host) != 0) {
        isb_json_null(json, "host");
        return;
    }
    isb_json_object(json, "host");
    isb_json_string(json, "name", host.nodename);
    isb_json_string(json, "system", host.sysname);
    isb_json_string(json, "release", host.release);
    isb_json_string(json, "machine", host.machine);
    isb_json_end_object(json);
}

static void put_versions(isb_json *json) {
    isb_json_object(json, "versions");
    isb_json_string(json, "isobit", ISB_VERSION);
    isb_json_unsigned(json, "numerics", ISB_NUMERICS);
    isb_json_string(json, "compiler", COMPILER);
    isb_json_string(json, "openssl", OpenSSL_version(OPENSSL_VERSION));
    isb_json_end_object(json);
}

static void put_details(isb_json *json, const isb_result_details *details) {
    isb_json_string(json, "name", details->name);
    isb_json_string(json, "data_sha256", details->data_sha256);
    put_time(json, "started", details->started);
    put_time(json, "finished", details->finished);
    put_host(json);
    put_versions(json);
}

static void put_result(isb_json *json, const isb_result *result) {
    bool finite = true;
    isb_json_string(json, "weights_sha256",
                    result->weights_sha256[0] == '\0' ? NULL : result->weights_sha256);
    isb_json_unsigned(json, "numerics", ISB_NUMERICS);
    isb_json_unsigned(json, "params", result->params);
    isb_json_unsigned(json, "epochs", result->epochs);
    isb_json_unsigned(json, "steps", result->steps);
    put_score(json, result, "", &result->train, &finite);
    put_score(json, result, "val_", &result->validation, &finite);
    put_score(json, result, "test_", &result->test, &finite);
    isb_json_double(json, "seconds", result->seconds);
    isb_json_double(json, "samples_per_second", result->samples_per_second);
    isb_json_double(json, "step_microseconds", result->step_microseconds);
    isb_json_unsigned(json, "threads", result->threads);
    isb_json_string(json, "isa", result->isa);
    isb_json_unsigned(json, "seed", result->seed);
    isb_json_string(json, "stopped", result->stopped);
    isb_json_string(json, "version", ISB_VERSION);
    if (result->diverged || !finite)
        isb_json_boolean(json, "diverged", true);
}

isb_status isb_result_json(const isb_result *result, const isb_result_details *details, char **text,
                           isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    put_result(&json, result);
    if (details != NULL)
        put_details(&json, details);
    isb_json_end_object(&json);
    return isb_json_finish(&json, text, error);
}
