#include "study/results.h"
#include "base/number.h"
#include "io/text.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fields. */

static void put_field(isb_text *csv, const char *value) {
    if (strpbrk(value, ",\"\r\n") == NULL) {
        isb_text_add(csv, value);
        return;
    }
    isb_text_add(csv, "\"");
    for (const char *quote; (quote = strchr(value, '"')) != NULL; value = quote + 1) {
        isb_text_add_bytes(csv, value, (size_t)(quote - value));
        isb_text_add(csv, "\"\"");
    }
    isb_text_add(csv, value);
    isb_text_add(csv, "\"");
}

static void put_double(isb_text *csv, double value) {
    char number[ISB_NUMBER_SIZE];
    isb_text_add(csv, ",");
    if (isnan(value))
        return;
    isb_format_double(number, value);
    isb_text_add(csv, number);
}

/* 0 stands for nothing. */
static void put_known(isb_text *csv, size_t value) {
    if (value == 0)
        isb_text_add(csv, ",");
    else
        isb_text_format(csv, ",%zu", value);
}

/* The columns that say which variant it is, each with its comma. */
static void put_variant_names(isb_text *csv, const isb_study *study) {
    for (size_t a = 0; a < study->axis_count; a++) {
        put_field(csv, study->axes[a].name);
        isb_text_add(csv, ",");
    }
    if (isb_study_has_named(study))
        isb_text_add(csv, "variant,");
}

static void put_variant(isb_text *csv, const isb_study *study, size_t v) {
    for (size_t a = 0; a < study->axis_count; a++) {
        put_field(csv, study->variants[v].values[a]);
        isb_text_add(csv, ",");
    }
    if (!isb_study_has_named(study))
        return;
    if (study->variants[v].named)
        put_field(csv, study->variants[v].label);
    isb_text_add(csv, ",");
}

static isb_status finish(isb_text *csv, char **text, const char *what, isb_error *error) {
    const bool failed = csv->failed || csv->data == NULL;
    *text = failed ? NULL : csv->data;
    if (failed)
        free(csv->data);
    return failed ? isb_fail_memory(error, what) : ISB_OK;
}

/* results.csv */

const char *isb_outcome_state_name(isb_outcome_state state) {
    static const char *const names[] = {
        [ISB_OUTCOME_MISSING] = "missing",       [ISB_OUTCOME_DONE] = "done",
        [ISB_OUTCOME_DIVERGED] = "diverged",     [ISB_OUTCOME_FAILED] = "failed",
        [ISB_OUTCOME_ELIMINATED] = "eliminated",
    };
    return names[state];
}

typedef struct columns {
    bool metrics[ISB_METRICS], test_loss, test_accuracy;
} columns;

static columns find_columns(const isb_findings *findings) {
    columns found = {.test_loss = isb_test_loss_is_computed(findings),
                     .test_accuracy = isb_test_accuracy_is_computed(findings)};
    for (size_t m = 0; m < ISB_METRICS; m++)
        found.metrics[m] = isb_metric_is_computed(findings, (isb_metric)m);
    return found;
}

static void put_results_header(isb_text *csv, const isb_study *study, const columns *has) {
    put_variant_names(csv, study);
    isb_text_add(csv, "seed,status");
    for (size_t m = 0; m < ISB_METRICS; m++)
        if (has->metrics[m])
            isb_text_format(csv, ",%s", isb_metric_name((isb_metric)m));
    if (has->test_loss)
        isb_text_add(csv, ",test_loss");
    if (has->test_accuracy)
        isb_text_add(csv, ",test_accuracy");
    isb_text_add(csv, ",epochs,weights_sha256\n");
}

/* Of a run that is missing or failed nothing is known. */
static void put_run(isb_text *csv, const isb_outcome *run, const columns *has) {
    const bool known = run->state != ISB_OUTCOME_MISSING && run->state != ISB_OUTCOME_FAILED;
    isb_text_add(csv, isb_outcome_state_name(run->state));
    for (size_t m = 0; m < ISB_METRICS; m++)
        if (has->metrics[m])
            put_double(csv, known ? run->metrics[m] : NAN);
    if (has->test_loss)
        put_double(csv, known ? run->test_loss : NAN);
    if (has->test_accuracy)
        put_double(csv, known ? run->test_accuracy : NAN);
    if (known)
        isb_text_format(csv, ",%zu,", run->epochs);
    else
        isb_text_add(csv, ",,");
    put_field(csv, known ? run->weights_sha256 : "");
    isb_text_add(csv, "\n");
}

isb_status isb_study_results_csv(const isb_findings *findings, char **text, isb_error *error) {
    const isb_study *study = findings->study;
    const columns has = find_columns(findings);
    isb_text csv = {0};
    put_results_header(&csv, study, &has);
    for (size_t v = 0; v < study->variant_count; v++)
        for (size_t s = 0; s < study->seed_count; s++) {
            put_variant(&csv, study, v);
            isb_text_format(&csv, "%" PRIu64 ",", study->seeds[s]);
            put_run(&csv, isb_outcome_at(findings, v, s), &has);
        }
    return finish(&csv, text, "results.csv", error);
}

/* summary.csv */

static void put_summary(isb_text *csv, const isb_variant_summary *of) {
    isb_text_format(csv, "%zu,%zu", of->runs, of->failures);
    put_double(csv, of->metric.mean);
    put_double(csv, of->metric.deviation);
    put_double(csv, of->metric.low);
    put_double(csv, of->metric.high);
    put_double(csv, of->difference.mean);
    put_double(csv, of->difference.low);
    put_double(csv, of->difference.high);
    put_double(csv, of->p);
    put_double(csv, of->p_holm);
    put_known(csv, of->rank);
    isb_text_format(csv, ",%s", isb_standing(of));
    put_known(csv, of->seeds_needed);
    put_double(csv, of->test.mean);
    put_double(csv, of->test.deviation);
    isb_text_add(csv, "\n");
}

isb_status isb_study_summary_csv(const isb_findings *findings, char **text, isb_error *error) {
    const isb_study *study = findings->study;
    isb_text csv = {0};
    put_variant_names(&csv, study);
    isb_text_add(&csv, "runs,failures,mean,sd,ci_low,ci_high,difference,difference_low,"
                       "difference_high,p,p_holm,rank,verdict,seeds_needed,test_mean,test_sd\n");
    for (size_t v = 0; v < study->variant_count; v++) {
        put_variant(&csv, study, v);
        put_summary(&csv, &findings->summary->variants[v]);
    }
    return finish(&csv, text, "summary.csv", error);
}
