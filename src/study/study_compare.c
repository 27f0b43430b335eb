/* What decides in a study, and against which variant. */
#include "base/number.h"
#include "io/experiment_monitors.h"
#include "study/study_reading.h"
#include <stdlib.h>
#include <string.h>

/* --- the metric --- */

void isb_study_choose_metric(isb_study_reading *reading) {
    const isb_experiment *base = &reading->study->base;
    const isb_metric usual = base->metric_accuracy ? ISB_METRIC_VAL_ACCURACY : ISB_METRIC_VAL_LOSS;
    reading->study->metric = reading->form.metric_node != NULL ? reading->form.metric : usual;
}

static bool validates(const isb_experiment *experiment) {
    return experiment->validation != ISB_VALIDATION_NONE;
}

static void report_no_validation(const isb_study_reading *reading, isb_problems *problems,
                                 const char *label, isb_place place) {
    static const char mend[] = "a study decides on validation data: set data.validation, such as "
                               "validation: 0.1";
    if (validates(&reading->study->base))
        isb_problems_add(problems, place, "'%s' holds no validation data out; %s", label, mend);
    else
        isb_problems_add(problems, reading->sources[0].node->place,
                         "%s holds no validation data out; %s", reading->sources[0].file, mend);
}

static void report_not_computed(const isb_study_reading *reading, isb_problems *problems,
                                const isb_experiment *experiment, const char *label,
                                isb_place place) {
    const isb_study *study = reading->study;
    const isb_node *node = reading->form.metric_node;
    isb_text text = {0};
    if (!isb_metric_computed(&study->base, study->metric) && node != NULL) {
        place = node->place;
        isb_text_add(&text, "a study");
    } else {
        isb_text_add(&text, "'");
        isb_text_add(&text, label);
        isb_text_add(&text, "'");
    }
    isb_text_add(&text, " cannot be compared by ");
    isb_text_add(&text, isb_metric_name(study->metric));
    isb_text_add(&text, " without ");
    isb_metric_explain(&text, experiment, study->metric);
    if (text.failed)
        problems->no_memory = true;
    else
        isb_problems_add(problems, place, "%s", text.data);
    free(text.data);
}

void isb_study_check_metric(const isb_study_reading *reading, isb_problems *problems,
                            const isb_experiment *experiment, const char *label, isb_place place) {
    if (!validates(experiment))
        report_no_validation(reading, problems, label, place);
    else if (!isb_metric_computed(experiment, reading->study->metric))
        report_not_computed(reading, problems, experiment, label, place);
}

/* --- the baseline --- */

/* What compare.against asks for: a value for each axis, or NULL; or a variant. */
typedef struct wanted {
    const char *values[ISB_MOST_AXES];
    const char *label;
} wanted;

/* 0.1 and 0.10 are the same value. */
static bool same_value(const char *a, const char *b) {
    double left = 0, right = 0;
    if (strcmp(a, b) == 0)
        return true;
    return isb_parse_double(a, &left) && isb_parse_double(b, &right) && left == right;
}

static const char *find_value(const isb_axis *axis, const char *text) {
    for (size_t i = 0; i < axis->count; i++)
        if (same_value(axis->values[i], text))
            return axis->values[i];
    return NULL;
}

enum { MOST_SHOWN = 16 };

static void want_value(isb_study_reading *reading, const isb_axis *axis, const isb_entry *entry,
                       const char **value) {
    const isb_node *node = entry->value;
    if (node->kind != ISB_NODE_SCALAR || isb_node_empty(node)) {
        isb_problems_add(&reading->problems, node->place,
                         "%s must be one of the values of its axis; for one that is no single "
                         "word give a name in variants and write against: {variant: NAME}",
                         axis->name);
        return;
    }
    *value = find_value(axis, node->text);
    if (*value == NULL)
        isb_unknown_word(&reading->problems, node->place, axis->name, node->text,
                         (const char *const *)axis->values,
                         axis->count < MOST_SHOWN ? axis->count : MOST_SHOWN);
}

static void want_variant(isb_study_reading *reading, const isb_node *node, const char **label) {
    const isb_study *study = reading->study;
    const char *labels[MOST_SHOWN];
    if (node->kind != ISB_NODE_SCALAR || isb_node_empty(node)) {
        isb_problems_add(&reading->problems, node->place, "variant must be the name of a variant");
        return;
    }
    for (size_t i = 0; i < study->variant_count; i++) {
        if (strcmp(study->variants[i].label, node->text) == 0) {
            *label = node->text;
            return;
        }
        if (i < MOST_SHOWN)
            labels[i] = study->variants[study->variant_count - 1 - i].label; /* the named first */
    }
    isb_unknown_word(&reading->problems, node->place, "variant", node->text, labels,
                     study->variant_count < MOST_SHOWN ? study->variant_count : MOST_SHOWN);
}

static void want(isb_study_reading *reading, const isb_entry *entry, wanted *w) {
    const isb_study *study = reading->study;
    const char *words[ISB_MOST_AXES + 1];
    if (strcmp(entry->key, "variant") == 0) {
        want_variant(reading, entry->value, &w->label);
        return;
    }
    for (size_t i = 0; i < study->axis_count; i++) {
        words[i] = study->axes[i].name;
        if (strcmp(words[i], entry->key) == 0) {
            want_value(reading, &study->axes[i], entry, &w->values[i]);
            return;
        }
    }
    words[study->axis_count] = "variant";
    isb_unknown_word(&reading->problems, entry->place, "axis", entry->key, words,
                     study->axis_count + 1);
}

static bool fits(const isb_study *study, const isb_variant *variant, const wanted *w) {
    if (w->label != NULL && strcmp(variant->label, w->label) != 0)
        return false;
    for (size_t i = 0; i < study->axis_count; i++)
        if (w->values[i] != NULL && strcmp(variant->values[i], w->values[i]) != 0)
            return false;
    return true;
}

static void choose_wanted(isb_study_reading *reading, const wanted *w) {
    isb_study *study = reading->study;
    const isb_place place = reading->form.against->place;
    size_t found[2] = {0}, count = 0;
    for (size_t i = 0; i < study->variant_count; i++) {
        if (!fits(study, &study->variants[i], w))
            continue;
        if (count < 2)
            found[count] = i;
        count++;
    }
    study->baseline = found[0];
    if (count == 0)
        isb_problems_add(&reading->problems, place,
                         "no variant is all of that; leave out what does not apply to it");
    else if (count > 1)
        isb_problems_add(&reading->problems, place,
                         "%zu variants are like that, such as '%s' and '%s'; name an axis more, or "
                         "one of them: {variant: \"%s\"}",
                         count, study->variants[found[0]].label, study->variants[found[1]].label,
                         study->variants[found[0]].label);
}

/* The first variant without dropout where placement varies, else the first. */
static size_t usual_baseline(const isb_study *study) {
    for (size_t axis = 0; axis < study->axis_count; axis++) {
        if (strcmp(study->axes[axis].name, "placement") != 0)
            continue;
        for (size_t i = 0; i < study->variant_count; i++)
            if (strcmp(study->variants[i].values[axis], "none") == 0)
                return i;
    }
    return 0;
}

void isb_study_choose_baseline(isb_study_reading *reading) {
    const isb_node *against = reading->form.against;
    const size_t before = reading->problems.count;
    wanted w = {0};
    reading->study->baseline = usual_baseline(reading->study);
    if (against == NULL)
        return;
    for (size_t i = 0; i < against->count; i++)
        want(reading, &against->entries[i], &w);
    if (!reading->rough && reading->problems.count == before)
        choose_wanted(reading, &w);
}
