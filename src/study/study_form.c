#include "study/study_form.h"
#include "base/number.h"
#include "io/experiment_data.h"
#include "io/experiment_fields.h"
#include <float.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FORM(member) offsetof(isb_study_form, member)
#define VARIANT(member) offsetof(isb_variant_form, member)

static void *take(isb_reader *reader, size_t count, size_t size) {
    void *memory = isb_pool_take(reader->pool, count * size); /* counts of nodes: no overflow */
    if (memory == NULL)
        reader->problems->no_memory = true;
    return memory;
}

/* --- values that are looked at later --- */

static void read_node(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    (void)reader;
    memcpy(isb_field_at(field, base), &node, sizeof node);
}

static const isb_kind kind_node = {read_node, NULL, NULL, false};

static void read_keys(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    if (node->kind == ISB_NODE_MAP && node->count > 0)
        read_node(reader, field, node, base);
    else if (node->kind == ISB_NODE_MAP)
        isb_problems_add(reader->problems, node->place, "%s is empty; give it %s", field->key,
                         field->must);
    else
        isb_wrong_value(reader, field, node, "");
}

static const isb_kind kind_keys = {read_keys, NULL, NULL, false};

/* `none` is as leaving it out. */
static void read_path(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    if (isb_node_is(node, "none"))
        return;
    if (node->kind == ISB_NODE_SCALAR && node->text[0] != '\0' && *isb_nothing_hint(node) == '\0')
        read_node(reader, field, node, base);
    else
        isb_wrong_value(reader, field, node, isb_nothing_hint(node));
}

static const isb_kind kind_path = {read_path, NULL, NULL, false};

/* --- names --- */

static void read_name(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    if (node->kind == ISB_NODE_SCALAR && !isb_node_empty(node) && isb_name_valid(node->text))
        memcpy(isb_field_at(field, base), &node->text, sizeof node->text);
    else
        isb_wrong_value(reader, field, node, "");
}

static const isb_kind kind_name = {read_name, NULL, NULL, false};

/* --- seeds: how many, or which --- */

static void read_seed_list(isb_reader *reader, const isb_field *field, const isb_node *node,
                           isb_study_form *form) {
    if (node->count < 1 || node->count > ISB_MOST_RUNS) {
        isb_problems_add(reader->problems, node->place, "%s must be %s, not a list of %zu",
                         field->key, field->must, node->count);
        return;
    }
    form->seeds = take(reader, node->count, sizeof *form->seeds);
    for (size_t i = 0; form->seeds != NULL && i < node->count; i++) {
        const isb_node *item = node->entries[i].value;
        const size_t seen = form->seed_count;
        uint64_t seed = 0;
        if (!isb_read_integer(reader, field, item, 0, INT64_MAX, &seed))
            continue;
        size_t same = 0;
        while (same < seen && form->seeds[same] != seed)
            same++;
        if (same < seen)
            isb_problems_add(reader->problems, item->place, "seed %s stands twice; remove one",
                             item->text);
        else
            form->seeds[form->seed_count++] = seed;
    }
}

static void read_seeds(isb_reader *reader, const isb_field *field, const isb_node *node,
                       void *base) {
    isb_study_form *form = base;
    uint64_t count = 0;
    form->seeds_node = node;
    if (node->kind == ISB_NODE_LIST) {
        form->seed_count = 0;
        read_seed_list(reader, field, node, form);
    } else if (isb_read_integer(reader, field, node, 1, ISB_MOST_RUNS, &count)) {
        form->seed_count = (size_t)count;
    }
}

static const isb_kind kind_seeds = {read_seeds, NULL, NULL, false};

/* --- vary --- */

static const isb_words placement_words = {isb_placement_words, ISB_PLACEMENTS};

static void read_placements(isb_reader *reader, isb_axis_form *axis) {
    const isb_field field = {
        .key = "placement", .words = &placement_words, .must = "none, before, after or both"};
    axis->placements = take(reader, axis->values->count, sizeof *axis->placements);
    for (size_t i = 0; axis->placements != NULL && i < axis->values->count; i++)
        isb_kind_choice.read(reader, &field, axis->values->entries[i].value, &axis->placements[i]);
}

static void read_rates(isb_reader *reader, isb_axis_form *axis) {
    const isb_field field = {.key = "rate", .high = 1, .must = "a number from 0 to 1"};
    axis->rates = take(reader, axis->values->count, sizeof *axis->rates);
    for (size_t i = 0; axis->rates != NULL && i < axis->values->count; i++)
        isb_read_number(reader, &field, axis->values->entries[i].value, &axis->rates[i]);
}

static bool same_scalar(const isb_node *a, const isb_node *b) {
    return a->kind == ISB_NODE_SCALAR && b->kind == ISB_NODE_SCALAR && a->plain == b->plain &&
           strcmp(a->text, b->text) == 0;
}

static void refuse_repeated(isb_reader *reader, const char *key, const isb_node *values) {
    char clipped[ISB_CLIP_SIZE];
    for (size_t i = 1; i < values->count; i++) {
        const isb_node *value = values->entries[i].value;
        size_t same = 0;
        while (same < i && !same_scalar(values->entries[same].value, value))
            same++;
        if (same < i)
            isb_problems_add(reader->problems, value->place, "%s has '%s' twice; remove one", key,
                             isb_clip(clipped, value->text));
    }
}

static bool check_values(isb_reader *reader, const char *key, const isb_node *values) {
    const isb_field field = {.key = key, .must = "a list of values"};
    if (values->kind != ISB_NODE_LIST)
        isb_no_list(reader, &field, values, "");
    else if (values->count == 0)
        isb_problems_add(reader->problems, values->place, "%s is an empty list; give it values",
                         key);
    else if (values->count > ISB_MOST_RUNS)
        isb_problems_add(reader->problems, values->place,
                         "%s has %zu values; a study has at most %d runs", key, values->count,
                         ISB_MOST_RUNS);
    else
        return true;
    return false;
}

static bool is_key(const char *key) {
    for (size_t i = 0; i < isb_experiment_map.count; i++) {
        const char *first = isb_experiment_map.fields[i].key;
        const size_t length = strlen(first);
        if (strncmp(key, first, length) == 0 && (key[length] == '.' || key[length] == '\0'))
            return true;
    }
    return false;
}

/* A key of the experiment in all its parts is looked at when it is set. */
static bool is_axis(isb_reader *reader, const isb_entry *entry) {
    static const char *const words[] = {"placement", "rate", "data",         "model",
                                        "compile",   "fit",  "model_weights"};
    if (strcmp(entry->key, words[0]) == 0 || strcmp(entry->key, words[1]) == 0 ||
        is_key(entry->key))
        return true;
    isb_unknown_word(reader->problems, entry->place, "axis", entry->key, words, COUNT(words));
    return false;
}

/* Runs differ by seed in a way of their own, and a name decides nothing. */
static bool may_vary(isb_reader *reader, const isb_entry *entry) {
    if (strcmp(entry->key, "seed") == 0)
        isb_problems_add(reader->problems, entry->place,
                         "the seed does not vary from variant to variant; write seeds: [1, 2, 3]");
    else if (strcmp(entry->key, "name") == 0)
        isb_problems_add(reader->problems, entry->place,
                         "a name decides nothing that is computed; remove it");
    else
        return true;
    return false;
}

static void read_axis(isb_reader *reader, const isb_entry *entry, isb_study_form *form) {
    char key[ISB_CLIP_SIZE];
    if (!may_vary(reader, entry) || !is_axis(reader, entry) ||
        !check_values(reader, isb_clip(key, entry->key), entry->value))
        return;
    isb_axis_form *axis = &form->axes[form->axis_count++];
    *axis = (isb_axis_form){
        .kind = ISB_AXIS_KEY, .key = entry->key, .place = entry->place, .values = entry->value};
    const size_t before = reader->problems->count;
    if (strcmp(axis->key, "placement") == 0) {
        axis->kind = ISB_AXIS_PLACEMENT;
        read_placements(reader, axis);
    } else if (strcmp(axis->key, "rate") == 0) {
        axis->kind = ISB_AXIS_RATE;
        read_rates(reader, axis);
    }
    if (reader->problems->count == before)
        refuse_repeated(reader, key, axis->values);
}

static void read_axes(isb_reader *reader, const isb_field *field, const isb_node *node,
                      isb_study_form *form) {
    if (node->kind != ISB_NODE_MAP || node->count == 0) {
        read_keys(reader, field, node, &form->vary);
        return;
    }
    form->vary = node;
    if (node->count > ISB_MOST_AXES) {
        isb_problems_add(reader->problems, node->place, "vary has %zu axes; it can have %d",
                         node->count, ISB_MOST_AXES);
        return;
    }
    form->axes = take(reader, node->count, sizeof *form->axes);
    for (size_t i = 0; form->axes != NULL && i < node->count; i++)
        read_axis(reader, &node->entries[i], form);
}

static void read_vary(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    isb_study_form *form = base;
    const size_t before = reader->problems->count;
    read_axes(reader, field, node, form);
    form->unsure |= reader->problems->count > before;
}

static const isb_kind kind_vary = {read_vary, NULL, NULL, false};

/* --- variants --- */

static void read_set(isb_reader *reader, const isb_field *field, const isb_node *node, void *base) {
    read_keys(reader, field, node, base);
    for (size_t i = 0; node->kind == ISB_NODE_MAP && i < node->count; i++)
        may_vary(reader, &node->entries[i]);
}

static const isb_kind kind_set = {read_set, NULL, NULL, false};

#define A_NAME "a name of 1 to 128 bytes, without '/' and control characters, neither '.' nor '..'"

static const isb_field variant_fields[] = {
    {.key = "name",
     .kind = &kind_name,
     .offset = VARIANT(name),
     .sample = "wide",
     .must = A_NAME,
     .required = true},
    {.key = "experiment",
     .kind = &kind_path,
     .offset = VARIANT(experiment),
     .sample = "wide.yaml",
     .must = "the path of an experiment file, or none"},
    {.key = "model",
     .kind = &kind_node,
     .offset = VARIANT(model),
     .sample = "[flatten, {dense: {units: 10, activation: softmax}}]"},
    {.key = "set",
     .kind = &kind_set,
     .offset = VARIANT(set),
     .sample = "{fit.batch_size: 64}",
     .must = "a map of keys of the experiment, such as {fit.batch_size: 64}"},
};
static const isb_map variant_map = {"a variant", variant_fields, COUNT(variant_fields)};

static void read_variant(isb_reader *reader, const isb_node *node, isb_variant_form *variant) {
    static const isb_field field = {.key = "a variant",
                                    .must = "a map such as {name: wide, model: [...]}"};
    variant->place = node->place;
    if (node->kind == ISB_NODE_MAP)
        isb_map_read(reader, &variant_map, node, variant);
    else
        isb_wrong_value(reader, &field, node, "");
}

static void read_variants(isb_reader *reader, const isb_field *field, const isb_node *node,
                          void *base) {
    isb_study_form *form = base;
    const size_t before = reader->problems->count;
    if (node->kind != ISB_NODE_LIST)
        isb_wrong_value(reader, field, node,
                        node->kind == ISB_NODE_MAP ? "; start each variant with '- '" : "");
    else if (node->count < 1 || node->count > ISB_MOST_RUNS)
        isb_problems_add(reader->problems, node->place,
                         "variants must be a list of 1 to %d, not of %zu", ISB_MOST_RUNS,
                         node->count);
    else
        form->variants = take(reader, node->count, sizeof *form->variants);
    for (size_t i = 0; form->variants != NULL && i < node->count; i++)
        read_variant(reader, node->entries[i].value, &form->variants[form->variant_count++]);
    form->unsure |= reader->problems->count > before;
}

static const isb_kind kind_variants = {read_variants, NULL, NULL, false};

/* --- compare --- */

static void read_metric(isb_reader *reader, const isb_field *field, const isb_node *node,
                        void *base) {
    isb_study_form *form = base;
    const char *words[ISB_METRICS];
    if (node->kind != ISB_NODE_SCALAR || isb_node_empty(node)) {
        isb_wrong_value(reader, field, node, "");
        return;
    }
    if (strcmp(node->text, "test_loss") == 0 || strcmp(node->text, "test_accuracy") == 0) {
        isb_problems_add(reader->problems, node->place,
                         "metric cannot be %s: decisions are taken on validation data, and test "
                         "data is looked at once, after them; use val_%s",
                         node->text, node->text + strlen("test_"));
        return;
    }
    for (size_t i = 0; i < ISB_METRICS; i++) {
        words[i] = isb_metric_name((isb_metric)i);
        if (strcmp(node->text, words[i]) == 0) {
            form->metric = (isb_metric)i;
            form->metric_node = node;
            return;
        }
    }
    isb_unknown_word(reader->problems, node->place, "metric", node->text, words, ISB_METRICS);
}

static const isb_kind kind_metric = {read_metric, NULL, NULL, false};

static const isb_field compare_fields[] = {
    {.key = "metric",
     .kind = &kind_metric,
     .sample = "val_accuracy",
     .must = "the name of a metric, such as val_accuracy"},
    {.key = "against",
     .kind = &kind_keys,
     .offset = FORM(against),
     .sample = "{placement: none}",
     .must = "a map such as {placement: none} or {variant: NAME}"},
};
static const isb_map compare_map = {"compare", compare_fields, COUNT(compare_fields)};

/* --- halving and time --- */

static void read_halving(isb_reader *reader, const isb_field *field, const isb_node *node,
                         void *base) {
    isb_study_form *form = base;
    form->halving_node = node;
    isb_kind_map.read(reader, field, node, base);
}

static const isb_kind kind_halving = {read_halving, NULL, NULL, false};

static const isb_field halving_fields[] = {
    {.key = "epochs",
     .kind = &isb_kind_count,
     .offset = FORM(halving.epochs),
     .low = 1,
     .high = 2147483647,
     .sample = "4",
     .must = "an integer from 1 to 2147483647",
     .required = true},
    {.key = "reduce",
     .kind = &isb_kind_count,
     .offset = FORM(halving.reduce),
     .low = 2,
     .high = 1000,
     .initial = "3",
     .sample = "3",
     .must = "an integer from 2 to 1000"},
};
static const isb_map halving_map = {"halving", halving_fields, COUNT(halving_fields)};

/* 90s, 10m, 1.5h */
static void read_duration(isb_reader *reader, const isb_field *field, const isb_node *node,
                          void *base) {
    static const char units[] = "smh";
    static const double seconds[] = {1, 60, 3600};
    char number[ISB_NUMBER_SIZE];
    double value = 0;
    const size_t length = node->kind == ISB_NODE_SCALAR ? strlen(node->text) : 0;
    const char *unit = length > 0 ? strchr(units, node->text[length - 1]) : NULL;
    if (isb_node_is(node, "none"))
        return;
    if (unit != NULL && length <= sizeof number) {
        snprintf(number, sizeof number, "%.*s", (int)length - 1, node->text);
        if (isb_parse_double(number, &value))
            value *= seconds[unit - units];
    }
    if (value >= field->low && value <= field->high)
        memcpy(isb_field_at(field, base), &value, sizeof value);
    else
        isb_wrong_value(reader, field, node, "");
}

static const isb_kind kind_duration = {read_duration, NULL, NULL, false};

/* --- the file --- */

static const isb_field study_fields[] = {
    {.key = "name",
     .kind = &kind_name,
     .offset = FORM(name),
     .sample = "where-to-drop",
     .must = A_NAME},
    {.key = "experiment",
     .kind = &kind_path,
     .offset = FORM(experiment),
     .sample = "after.yaml",
     .must = "the path of an experiment file, or none"},
    {.key = "seeds",
     .kind = &kind_seeds,
     .sample = "10",
     .must = "an integer from 1 to 10000, or a list of different integers from 0 to "
             "9223372036854775807"},
    {.key = "vary",
     .kind = &kind_vary,
     .sample = "{placement: [none, before, after]}",
     .must = "a map of lists, such as {placement: [none, before, after], rate: [0.2, 0.5]}"},
    {.key = "variants",
     .kind = &kind_variants,
     .sample = "[{name: wide, model: [...]}]",
     .must = "a list of maps such as {name: wide, model: [...]}"},
    {.key = "compare", .kind = &isb_kind_map, .map = &compare_map, .sample = "{metric: val_loss}"},
    {.key = "halving", .kind = &kind_halving, .map = &halving_map, .sample = "{epochs: 4}"},
    {.key = "time",
     .kind = &kind_duration,
     .offset = FORM(seconds),
     .low = 1e-3,
     .high = 1e9,
     .sample = "10m",
     .must = "a time such as 90s, 10m or 2h, or none"},
};
const isb_map isb_study_map = {"the study", study_fields, COUNT(study_fields)};
