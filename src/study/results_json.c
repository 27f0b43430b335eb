/* result.json of a study. */
#include "io/json.h"
#include "study/answer.h"
#include "study/results.h"
#include <isobit/version.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_counts(isb_json *json, const isb_findings *findings) {
    const isb_run_counts runs = isb_count_runs(findings);
    isb_json_object(json, "runs");
    isb_json_unsigned(json, "all", runs.all);
    isb_json_unsigned(json, "done", runs.done);
    isb_json_unsigned(json, "eliminated", runs.eliminated);
    isb_json_unsigned(json, "missing", runs.missing);
    isb_json_unsigned(json, "diverged", runs.diverged);
    isb_json_unsigned(json, "failed", runs.failed);
    isb_json_end_object(json);
}

static void put_estimate(isb_json *json, const char *key, const isb_estimate *of) {
    isb_json_object(json, key);
    isb_json_double(json, "mean", of->mean);
    isb_json_double(json, "sd", of->deviation);
    isb_json_double(json, "ci_low", of->low);
    isb_json_double(json, "ci_high", of->high);
    isb_json_end_object(json);
}

/* 0 stands for nothing. */
static void put_known(isb_json *json, const char *key, size_t value) {
    if (value == 0)
        isb_json_null(json, key);
    else
        isb_json_unsigned(json, key, value);
}

static void put_axes(isb_json *json, const isb_study *study, size_t v) {
    isb_json_object(json, "axes");
    for (size_t a = 0; a < study->axis_count; a++) {
        const char *value = study->variants[v].values[a];
        isb_json_string(json, study->axes[a].name, value[0] == '\0' ? NULL : value);
    }
    isb_json_end_object(json);
}

static void put_variant(isb_json *json, const isb_findings *findings, size_t v) {
    const isb_variant_summary *of = &findings->summary->variants[v];
    const char *standing = isb_standing(of);
    isb_json_object(json, NULL);
    isb_json_string(json, "variant", findings->study->variants[v].label);
    put_axes(json, findings->study, v);
    isb_json_unsigned(json, "runs", of->runs);
    isb_json_unsigned(json, "failures", of->failures);
    put_estimate(json, "metric", &of->metric);
    put_estimate(json, "difference", &of->difference);
    isb_json_double(json, "p", of->p);
    isb_json_double(json, "p_holm", of->p_holm);
    put_known(json, "rank", of->rank);
    isb_json_string(json, "verdict", standing[0] == '\0' ? NULL : standing);
    put_known(json, "seeds_needed", of->seeds_needed);
    put_estimate(json, "test", &of->test);
    isb_json_end_object(json);
}

static void put_time(isb_json *json, const char *key, time_t time) {
    char text[ISB_TIME_SIZE];
    isb_json_string(json, key, time == 0 ? NULL : isb_time_text(text, time));
}

static void put_record(isb_json *json, const isb_study_record *record) {
    char host[ISB_HOST_SIZE];
    isb_json_string(json, "command", record->command);
    isb_json_string(json, "data_source", record->data_source);
    isb_json_string(json, "data_sha256", record->data_sha256);
    isb_json_string(json, "version", ISB_VERSION);
    isb_json_unsigned(json, "numerics", ISB_NUMERICS);
    isb_json_string(json, "compiler", isb_compiler_text());
    isb_json_string(json, "cpu", record->cpu);
    isb_json_string(json, "isa", record->isa);
    put_known(json, "threads", record->threads);
    isb_json_string(json, "host", isb_host_text(host));
    put_time(json, "started", record->started);
    put_time(json, "finished", record->finished);
    isb_json_double(json, "seconds", record->seconds);
}

static const char *on_one_line(char *sentences) {
    for (char *end = sentences; (end = strchr(end, '\n')) != NULL;)
        *end = ' ';
    return sentences;
}

isb_status isb_study_json(const isb_findings *findings, const isb_study_record *record, char **text,
                          isb_error *error) {
    const isb_study *study = findings->study;
    char *answer;
    *text = NULL;
    isb_status status = isb_study_answer(findings, true, &answer, error);
    if (status != ISB_OK)
        return status;
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "name", study->name);
    isb_json_string(&json, "answer", on_one_line(answer));
    free(answer);
    isb_json_string(&json, "metric", isb_metric_name(study->metric));
    isb_json_boolean(&json, "higher_is_better", findings->summary->higher_is_better);
    isb_json_string(&json, "baseline", study->variants[study->baseline].label);
    isb_json_double(&json, "smallest_p", findings->summary->smallest_p);
    put_counts(&json, findings);
    isb_json_array(&json, "seeds");
    for (size_t s = 0; s < study->seed_count; s++)
        isb_json_unsigned(&json, NULL, study->seeds[s]);
    isb_json_end_array(&json);
    isb_json_array(&json, "variants");
    for (size_t v = 0; v < study->variant_count; v++)
        put_variant(&json, findings, v);
    isb_json_end_array(&json);
    put_record(&json, record);
    isb_json_end_object(&json);
    return isb_json_finish(&json, text, error);
}
