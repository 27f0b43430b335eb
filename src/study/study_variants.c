/* The variants of a study: each an experiment of its own. */
#include "io/experiment_fields.h"
#include "io/experiment_tree.h"
#include "io/settings.h"
#include "study/study_labels.h"
#include "study/study_reading.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_STUDY = 64 << 20 }; /* bytes of all variants' experiments */

/* A variant in the making. */
typedef struct draft {
    isb_study_reading *reading;
    isb_pool pool;
    isb_problems problems;
    isb_node *root;
    isb_experiment experiment;
    isb_place place; /* where the study file has it */
} draft;

/* --- making one --- */

static void draft_open(draft *d, isb_study_reading *reading, size_t source, isb_place place) {
    *d = (draft){.reading = reading, .place = place};
    d->root = isb_node_clone(&d->pool, reading->sources[source].root);
    d->experiment.file = strdup(reading->sources[source].file);
    d->problems.no_memory = d->root == NULL || d->experiment.file == NULL;
}

static void draft_set(draft *d, const char *key, isb_place place, const isb_node *value) {
    if (d->problems.no_memory)
        return;
    isb_node *copy = isb_node_clone(&d->pool, value);
    if (copy == NULL)
        d->problems.no_memory = true;
    else
        isb_key_set(&d->pool, &d->problems, d->root, &isb_experiment_map, key, place, copy);
}

/* Errors of the study file take the place of the error that they give. */
static void draft_fail(draft *d, isb_place place, isb_status status, isb_error *error) {
    if (status == ISB_NO_MEMORY)
        d->problems.no_memory = true;
    else if (status != ISB_OK)
        isb_problems_add(&d->problems, place, "%s", isb_error_text(error));
    isb_error_clear(error);
}

static bool is_sound(const draft *d) { return d->problems.count == 0 && !d->problems.no_memory; }

static void draft_read(draft *d) {
    if (d->problems.no_memory)
        return;
    isb_reader reader = isb_study_reader(d->reading, &d->pool, &d->problems);
    isb_experiment_from_tree(&reader, &d->experiment, d->root);
    char *name = strdup(d->reading->study->base.name);
    free(d->experiment.name);
    d->experiment.name = name;
    d->experiment.seed = d->reading->study->base.seed;
    if (name == NULL)
        d->problems.no_memory = true;
}

/* Under halving all variants run the same course. */
static void check_epochs(draft *d, const char *label) {
    const isb_study_reading *reading = d->reading;
    const isb_node *halving = reading->form.halving_node;
    const size_t epochs = reading->study->base.epochs;
    if (halving != NULL && d->experiment.epochs != epochs)
        isb_problems_add(&d->problems, d->place,
                         "'%s' trains %zu epochs and the experiment %zu, but halving decides how "
                         "long a variant trains; leave fit.epochs as it is",
                         label, d->experiment.epochs, epochs);
}

static void draft_close(draft *d) {
    isb_problems_merge(&d->reading->problems, &d->problems);
    isb_experiment_free(&d->experiment);
    isb_pool_free(&d->pool);
}

static void draft_finish(draft *d, isb_variant *variant) {
    isb_error error = ISB_ERROR_INIT;
    const bool whole = !d->reading->rough;
    if (whole && is_sound(d))
        check_epochs(d, variant->label);
    if (whole && is_sound(d))
        isb_study_check_metric(d->reading, &d->problems, &d->experiment, variant->label, d->place);
    if (whole && is_sound(d))
        draft_fail(d, d->place, isb_experiment_write(&d->experiment, &variant->experiment, &error),
                   &error);
    draft_close(d);
}

/* Nothing more can be said, or there is no room for it. */
static bool gives_up(const isb_study_reading *reading) {
    return reading->problems.no_memory || reading->problems.kept == ISB_MOST_PROBLEMS;
}

/* --- the grid --- */

/* One point of it: the index of the value of each axis. */
typedef struct point {
    size_t at[ISB_MOST_AXES];
    size_t placement, rate; /* the axes; axis_count: there is none */
} point;

static point first_point(const isb_study_form *form) {
    point p = {.placement = form->axis_count, .rate = form->axis_count};
    for (size_t i = 0; i < form->axis_count; i++) {
        if (form->axes[i].kind == ISB_AXIS_PLACEMENT)
            p.placement = i;
        else if (form->axes[i].kind == ISB_AXIS_RATE)
            p.rate = i;
    }
    return p;
}

/* The last axis is the fastest; false behind the last point. */
static bool next_point(const isb_study_form *form, point *p) {
    for (size_t i = form->axis_count; i-- > 0;) {
        if (++p->at[i] < form->axes[i].values->count)
            return true;
        p->at[i] = 0;
    }
    return false;
}

/* Without dropout there is no rate. */
static bool has_rate(const isb_study_form *form, const point *p) {
    if (p->rate == form->axis_count)
        return false;
    return p->placement == form->axis_count ||
           form->axes[p->placement].placements[p->at[p->placement]] != ISB_PLACEMENT_NONE;
}

/* Such a point counts once. */
static bool counts(const isb_study_form *form, const point *p) {
    return p->rate == form->axis_count || has_rate(form, p) || p->at[p->rate] == 0;
}

/* All points of the axes, or more than a study may have. */
static size_t count_points(const isb_study_form *form) {
    const point p = first_point(form);
    size_t others = form->axis_count > 0, none = 0, placements = 1, rates = 1;
    for (size_t i = 0; i < form->axis_count; i++) {
        const size_t values = form->axes[i].values->count;
        if (i == p.placement)
            placements = values;
        else if (i == p.rate)
            rates = values;
        else if (others <= ISB_MOST_RUNS)
            others *= values;
    }
    for (size_t i = 0; p.placement < form->axis_count && i < placements; i++)
        none += form->axes[p.placement].placements[i] == ISB_PLACEMENT_NONE;
    return others * ((placements - none) * rates + none);
}

static void apply_dropout(draft *d, const isb_study_form *form, const point *p) {
    isb_error error = ISB_ERROR_INIT;
    const bool rated = has_rate(form, p);
    const double rate = rated ? form->axes[p->rate].rates[p->at[p->rate]] : NAN;
    if (d->reading->rough || !is_sound(d))
        return;
    if (p->placement < form->axis_count) {
        const isb_axis_form *axis = &form->axes[p->placement];
        const isb_status status = isb_placement_apply(
            &d->experiment, axis->placements[p->at[p->placement]], rate, &error);
        draft_fail(d, axis->place, status, &error);
    } else if (rated) {
        const isb_status status = isb_rate_apply(&d->experiment, rate, &error);
        draft_fail(d, form->axes[p->rate].place, status, &error);
    }
}

static bool take_values(const isb_study_form *form, const isb_study *study, const point *p,
                        isb_variant *variant) {
    variant->values = calloc(form->axis_count + 1, sizeof *variant->values);
    for (size_t i = 0; variant->values != NULL && i < form->axis_count; i++) {
        const bool applies = i != p->rate || has_rate(form, p);
        variant->values[i] = strdup(applies ? study->axes[i].values[p->at[i]] : "");
        if (variant->values[i] == NULL)
            return false;
    }
    if (variant->values != NULL)
        variant->label = isb_variant_label(form, variant->values, p->at);
    return variant->label != NULL;
}

static void make_point(isb_study_reading *reading, const point *p, isb_variant *variant) {
    const isb_study_form *form = &reading->form;
    draft d;
    if (!take_values(form, reading->study, p, variant)) {
        reading->problems.no_memory = true;
        return;
    }
    draft_open(&d, reading, 0, form->vary->place);
    for (size_t i = 0; i < form->axis_count; i++) {
        const isb_axis_form *axis = &form->axes[i];
        if (axis->kind == ISB_AXIS_KEY)
            draft_set(&d, axis->key, axis->place, axis->values->entries[p->at[i]].value);
    }
    draft_read(&d);
    apply_dropout(&d, form, p);
    draft_finish(&d, variant);
}

/* --- the named ones --- */

static bool take_name(const isb_study_form *form, const char *name, isb_variant *variant) {
    variant->named = true;
    variant->label = strdup(name != NULL ? name : "");
    variant->values = calloc(form->axis_count + 1, sizeof *variant->values);
    for (size_t i = 0; variant->values != NULL && i < form->axis_count; i++) {
        variant->values[i] = strdup("");
        if (variant->values[i] == NULL)
            return false;
    }
    return variant->label != NULL && variant->values != NULL;
}

static void make_named(isb_study_reading *reading, size_t index, isb_variant *variant) {
    const isb_study_form *form = &reading->form;
    const isb_variant_form *item = &form->variants[index];
    draft d;
    if (!take_name(form, item->name, variant)) {
        reading->problems.no_memory = true;
        return;
    }
    draft_open(&d, reading, reading->source_of[index], item->place);
    if (item->model != NULL)
        draft_set(&d, "model", item->model->place, item->model);
    for (size_t i = 0; item->set != NULL && i < item->set->count; i++) {
        const isb_entry *entry = &item->set->entries[i];
        draft_set(&d, entry->key, entry->place, entry->value);
    }
    draft_read(&d);
    draft_finish(&d, variant);
}

/* --- all of them --- */

static bool make_axes(isb_study_reading *reading) {
    const isb_study_form *form = &reading->form;
    isb_study *study = reading->study;
    study->axes = calloc(form->axis_count + 1, sizeof *study->axes);
    if (study->axes == NULL)
        return false;
    for (size_t i = 0; i < form->axis_count; i++) {
        const isb_node *values = form->axes[i].values;
        isb_axis *axis = &study->axes[study->axis_count++];
        axis->name = strdup(form->axes[i].key);
        axis->values = calloc(values->count, sizeof *axis->values);
        if (axis->name == NULL || axis->values == NULL)
            return false;
        for (; axis->count < values->count; axis->count++) {
            axis->values[axis->count] = isb_axis_value(values->entries[axis->count].value);
            if (axis->values[axis->count] == NULL)
                return false;
        }
    }
    return true;
}

/* Adds a variant to the size of all; false where they are too large to go on. Of a rough study,
 * whose experiments are not written, the texts that a variant was read from count. */
static bool has_room(isb_study_reading *reading, const isb_variant *variant, size_t source,
                     size_t *size) {
    if (variant->experiment != NULL)
        *size += strlen(variant->experiment);
    else
        *size += reading->length + reading->sources[source].length;
    if (*size <= LARGEST_STUDY)
        return true;
    if (reading->problems.count == 0)
        isb_problems_add(&reading->problems, (isb_place){reading->path, 0, 1, 1},
                         "the experiments of all variants are together larger than 64 MiB; vary "
                         "less");
    return false;
}

static void fill(isb_study_reading *reading) {
    const isb_study_form *form = &reading->form;
    isb_study *study = reading->study;
    point p = first_point(form);
    size_t size = 0;
    for (bool more = form->axis_count > 0; more; more = next_point(form, &p)) {
        if (!counts(form, &p))
            continue;
        isb_variant *variant = &study->variants[study->variant_count++];
        make_point(reading, &p, variant);
        if (gives_up(reading) || !has_room(reading, variant, 0, &size))
            return;
    }
    for (size_t i = 0; i < form->variant_count; i++) {
        isb_variant *variant = &study->variants[study->variant_count++];
        make_named(reading, i, variant);
        if (gives_up(reading) || !has_room(reading, variant, reading->source_of[i], &size))
            return;
    }
}

/* --- no two are the same --- */

static int compare_experiments(const void *a, const void *b) {
    const isb_variant *const *left = a, *const *right = b;
    const int order = strcmp((*left)->experiment, (*right)->experiment);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static int compare_labels(const void *a, const void *b) {
    const isb_variant *const *left = a, *const *right = b;
    const int order = strcmp((*left)->label, (*right)->label);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static isb_place place_of(const isb_study_reading *reading, const isb_variant *variant) {
    const isb_study_form *form = &reading->form;
    const size_t points = reading->study->variant_count - form->variant_count;
    const size_t index = (size_t)(variant - reading->study->variants);
    return index < points ? form->vary->place : form->variants[index - points].place;
}

static void check_experiments(isb_study_reading *reading, const isb_variant **sorted) {
    const size_t count = reading->study->variant_count;
    qsort(sorted, count, sizeof *sorted, compare_experiments);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1]->experiment, sorted[i]->experiment) == 0)
            isb_problems_add(&reading->problems, place_of(reading, sorted[i]),
                             "the variants '%s' and '%s' come out the same; remove one",
                             sorted[i - 1]->label, sorted[i]->label);
}

static void check_labels(isb_study_reading *reading, const isb_variant **sorted) {
    const size_t count = reading->study->variant_count;
    qsort(sorted, count, sizeof *sorted, compare_labels);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1]->label, sorted[i]->label) == 0)
            isb_problems_add(&reading->problems, place_of(reading, sorted[i]),
                             "two variants are called '%s'; give one another name",
                             sorted[i]->label);
}

static void check_different(isb_study_reading *reading) {
    const size_t count = reading->study->variant_count;
    const isb_variant **sorted = calloc(count, sizeof *sorted);
    if (sorted == NULL) {
        reading->problems.no_memory = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        sorted[i] = &reading->study->variants[i];
    check_experiments(reading, sorted);
    if (reading->problems.count == 0)
        check_labels(reading, sorted);
    free(sorted);
}

static void report_too_many(isb_study_reading *reading) {
    const isb_node *seeds = reading->form.seeds_node;
    isb_problems_add(
        &reading->problems, seeds != NULL ? seeds->place : (isb_place){reading->path, 0, 1, 1},
        "more than %d runs (variants x seeds); vary less, or take fewer seeds", ISB_MOST_RUNS);
}

bool isb_study_make_variants(isb_study_reading *reading) {
    const isb_study_form *form = &reading->form;
    isb_study *study = reading->study;
    const size_t points = count_points(form);
    const size_t count = points + form->variant_count;
    const size_t seeds = study->seed_count > 0 ? study->seed_count : 1;
    if (points > ISB_MOST_RUNS || count > ISB_MOST_RUNS / seeds) {
        report_too_many(reading);
        return false;
    }
    study->variants = calloc(count + 1, sizeof *study->variants);
    if (study->variants == NULL || !make_axes(reading)) {
        reading->problems.no_memory = true;
        return false;
    }
    fill(reading);
    if (reading->problems.count == 0 && !reading->problems.no_memory)
        check_different(reading);
    return study->variant_count == count && !reading->problems.no_memory;
}
