#include "study/study.h"
#include <stdlib.h>

static void free_texts(char **texts, size_t count) {
    for (size_t i = 0; texts != NULL && i < count; i++)
        free(texts[i]);
    free(texts);
}

static void free_axes(isb_axis *axes, size_t count) {
    for (size_t i = 0; axes != NULL && i < count; i++) {
        free(axes[i].name);
        free_texts(axes[i].values, axes[i].count);
    }
    free(axes);
}

static void free_variants(isb_variant *variants, size_t count, size_t axes) {
    for (size_t i = 0; variants != NULL && i < count; i++) {
        free(variants[i].label);
        free_texts(variants[i].values, axes);
        free(variants[i].experiment);
    }
    free(variants);
}

void isb_study_free(isb_study *study) {
    free(study->file);
    free(study->name);
    isb_experiment_free(&study->base);
    free_variants(study->variants, study->variant_count, study->axis_count);
    free_axes(study->axes, study->axis_count);
    free(study->seeds);
    *study = (isb_study){0};
}

void isb_outcome_free(isb_outcome *outcome) {
    free(outcome->message);
    free(outcome->curve);
    *outcome = (isb_outcome){0};
}

void isb_outcomes_free(isb_outcomes *outcomes) {
    for (size_t i = 0; outcomes->items != NULL && i < outcomes->count; i++)
        isb_outcome_free(&outcomes->items[i]);
    free(outcomes->items);
    *outcomes = (isb_outcomes){0};
}
