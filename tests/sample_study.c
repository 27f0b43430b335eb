#include "sample_study.h"
#include "check.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *more(void *items, size_t count, size_t size) {
    void *grown = realloc(items, (count + 1) * size);
    CHECK(grown != NULL);
    return grown;
}

static char *copy(const char *text, size_t length) {
    char *own = strndup(text, length);
    CHECK(own != NULL);
    return own;
}

/* The pieces between semicolons; at least one. */
static char **split(const char *text, size_t *count) {
    char **parts = NULL;
    *count = 0;
    for (;;) {
        const size_t length = strcspn(text, ";");
        parts = more(parts, *count, sizeof *parts);
        parts[(*count)++] = copy(text, length);
        if (text[length] == '\0')
            return parts;
        text += length + 1;
    }
}

void sample_open(sample *s, const char *name, size_t seeds) {
    *s =
        (sample){.summary = {.higher_is_better = true, .test_accuracy = true, .smallest_p = 0.001}};
    s->layers[0].kind = s->layers[2].kind = ISB_DENSE;
    s->layers[1].kind = ISB_DROPOUT;
    s->study.base = (isb_experiment){.layers = s->layers,
                                     .layer_count = 3,
                                     .metric_accuracy = true,
                                     .validation = ISB_VALIDATION_STRATIFIED};
    s->study.metric = ISB_METRIC_VAL_ACCURACY;
    s->study.name = copy(name, strlen(name));
    s->study.seeds = calloc(seeds, sizeof *s->study.seeds);
    CHECK(s->study.seeds != NULL);
    s->study.seed_count = seeds;
    for (size_t i = 0; i < seeds; i++)
        s->study.seeds[i] = i + 1;
}

void sample_axis(sample *s, const char *name, const char *values) {
    isb_study *study = &s->study;
    study->axes = more(study->axes, study->axis_count, sizeof *study->axes);
    isb_axis *axis = &study->axes[study->axis_count++];
    axis->name = copy(name, strlen(name));
    axis->values = split(values, &axis->count);
}

size_t sample_variant(sample *s, const char *label, const char *values) {
    isb_study *study = &s->study;
    study->variants = more(study->variants, study->variant_count, sizeof *study->variants);
    isb_variant *variant = &study->variants[study->variant_count];
    size_t count;
    *variant = (isb_variant){.label = copy(label, strlen(label)), .values = split(values, &count)};
    if (study->axis_count > 0)
        CHECK(count == study->axis_count);
    variant->named = strspn(values, ";") == strlen(values);
    return study->variant_count++;
}

static const isb_estimate nothing = {NAN, NAN, NAN, NAN};

void sample_ready(sample *s) {
    const size_t variants = s->study.variant_count;
    s->outcomes.count = variants * s->study.seed_count;
    s->outcomes.items = calloc(s->outcomes.count, sizeof *s->outcomes.items);
    s->summary.count = variants;
    s->summary.variants = calloc(variants, sizeof *s->summary.variants);
    CHECK(s->outcomes.items != NULL && s->summary.variants != NULL);
    for (size_t i = 0; i < s->outcomes.count; i++) {
        isb_outcome *run = &s->outcomes.items[i];
        run->test_loss = run->test_accuracy = NAN;
        for (size_t m = 0; m < ISB_METRICS; m++)
            run->metrics[m] = NAN;
    }
    for (size_t v = 0; v < variants; v++)
        s->summary.variants[v] = (isb_variant_summary){
            .metric = nothing, .test = nothing, .difference = nothing, .p = NAN, .p_holm = NAN};
    s->findings = (isb_findings){&s->study, &s->outcomes, &s->summary};
}

isb_outcome *sample_run(sample *s, size_t variant, size_t seed, double metric, double test) {
    isb_outcome *run = &s->outcomes.items[variant * s->study.seed_count + seed];
    run->state = ISB_OUTCOME_DONE;
    run->metrics[s->study.metric] = metric;
    run->test_accuracy = test;
    return run;
}

void sample_mean(sample *s, size_t variant, size_t rank, double mean, double half) {
    isb_variant_summary *of = &s->summary.variants[variant];
    of->runs = s->study.seed_count;
    of->rank = rank;
    of->best = rank == 1;
    of->metric = (isb_estimate){mean, half, mean - half, mean + half};
}

void sample_difference(sample *s, size_t variant, double mean, double half, double p_holm) {
    isb_variant_summary *of = &s->summary.variants[variant];
    of->pairs = of->runs;
    of->difference = (isb_estimate){mean, half, mean - half, mean + half};
    of->p = of->p_holm = p_holm;
}

void sample_close(sample *s) {
    isb_study *study = &s->study;
    for (size_t a = 0; a < study->axis_count; a++) {
        for (size_t i = 0; i < study->axes[a].count; i++)
            free(study->axes[a].values[i]);
        free(study->axes[a].values);
        free(study->axes[a].name);
    }
    for (size_t v = 0; v < study->variant_count; v++) {
        const size_t values = study->axis_count > 0 ? study->axis_count : 1;
        for (size_t i = 0; i < values; i++)
            free(study->variants[v].values[i]);
        free(study->variants[v].values);
        free(study->variants[v].label);
        free(study->variants[v].experiment);
    }
    for (size_t i = 0; i < s->outcomes.count; i++) {
        free(s->outcomes.items[i].message);
        free(s->outcomes.items[i].curve);
    }
    free(study->axes);
    free(study->variants);
    free(study->seeds);
    free(study->name);
    free(s->outcomes.items);
    free(s->summary.variants);
}
