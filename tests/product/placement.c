/* Where a study puts dropout, and that nothing else changes by it. */
#include "study/placement.h"
#include "check.h"
#include "data/split.h"
#include "study/study_file.h"
#include "temporary.h"
#include <isobit/trainer.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DATA "data: {source: digits, validation: 0.1}\n"
#define COMPILE                                                                                    \
    "compile:\n  optimizer: adam\n  loss: {sparse_categorical_crossentropy: {from_logits: "        \
    "true}}\n"

static isb_experiment with_model(const char *model) {
    char text[1024];
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    snprintf(text, sizeof text, DATA "model: %s\n" COMPILE, model);
    CHECKF(isb_experiment_parse(&experiment, text, strlen(text), "exp.yaml", NULL, 0, &error) ==
               ISB_OK,
           "%s", isb_error_text(&error));
    return experiment;
}

/* "flatten(784) 8 drop0.5 10": units of dense layers, rates of dropouts, elements of input_shape.
 */
static void show(const isb_experiment *experiment, char *out, size_t size) {
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < experiment->layer_count; i++) {
        const isb_layer *layer = &experiment->layers[i];
        const char *space = i > 0 ? " " : "";
        if (layer->kind == ISB_DENSE)
            length += (size_t)snprintf(out + length, size - length, "%s%zu", space, layer->units);
        else if (layer->kind == ISB_DROPOUT)
            length += (size_t)snprintf(out + length, size - length, "%sdrop%g", space, layer->rate);
        else
            length += (size_t)snprintf(out + length, size - length, "%sflatten", space);
        if (layer->input_shape.rank > 0)
            length += (size_t)snprintf(out + length, size - length, "(%zu)",
                                       isb_shape_size(layer->input_shape));
    }
}

#define IN "{flatten: {input_shape: [28, 28]}}, "
#define OUT "{dense: {units: 10}}]"

static const struct {
    const char *model;
    double rate;
    const char *expected[ISB_PLACEMENTS];
} models[] = {
    {"[" IN "{dense: {units: 8}}, {dropout: {rate: 0.2}}, " OUT,
     NAN,
     {"flatten(784) 8 10", "flatten(784) drop0.2 8 10", "flatten(784) 8 drop0.2 10",
      "flatten(784) drop0.2 8 drop0.2 10"}},
    {"[" IN "{dense: {units: 8}}, {dense: {units: 6}}, {dense: {units: 4}}, " OUT,
     0.5,
     {"flatten(784) 8 6 4 10", "flatten(784) drop0.5 8 drop0.5 6 drop0.5 4 10",
      "flatten(784) 8 drop0.5 6 drop0.5 4 drop0.5 10",
      "flatten(784) drop0.5 8 drop0.5 6 drop0.5 4 drop0.5 10"}},
    /* Every dropout goes first: of the inputs, several in one place, behind a linear output. */
    {"[{dropout: {rate: 0.1, input_shape: [784]}}, {dropout: {rate: 0.4}}, {dense: {units: 8}}, "
     "{dropout: {rate: 0.1}}, {dropout: {rate: 0.3}}, {dense: {units: 10}}, {dropout: {rate: "
     "0.9}}]",
     0,
     {"8(784) 10", "drop0(784) 8 10", "8(784) drop0 10", "drop0(784) 8 drop0 10"}},
    /* A flatten between dense layers makes no second place. */
    {"[{dense: {units: 8, input_shape: [784]}}, flatten, {dense: {units: 6}}, flatten, " OUT,
     1,
     {"8(784) flatten 6 flatten 10", "drop1(784) 8 flatten drop1 6 flatten 10",
      "8(784) drop1 flatten 6 drop1 flatten 10", "drop1(784) 8 drop1 flatten 6 drop1 flatten 10"}},
};

CASE(placement, puts_dropout_in_its_places) {
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        for (int placement = 0; placement < ISB_PLACEMENTS; placement++) {
            char found[256];
            isb_error error = ISB_ERROR_INIT;
            isb_experiment experiment = with_model(models[i].model);
            CHECKF(isb_placement_apply(&experiment, (isb_placement)placement, models[i].rate,
                                       &error) == ISB_OK,
                   "%s", isb_error_text(&error));
            show(&experiment, found, sizeof found);
            CHECKF(strcmp(found, models[i].expected[placement]) == 0, "%s, %s: %s", models[i].model,
                   isb_placement_words[placement], found);
            isb_experiment_free(&experiment);
        }
    }
}

static void refuse(const char *model, isb_placement placement, const char *expected) {
    char before[256], after[256];
    isb_error error = ISB_ERROR_INIT;
    isb_experiment experiment = with_model(model);
    show(&experiment, before, sizeof before);
    CHECK(isb_placement_apply(&experiment, placement, NAN, &error) == ISB_USAGE);
    show(&experiment, after, sizeof after);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "says: %s", isb_error_text(&error));
    CHECK(strcmp(before, after) == 0);
    isb_error_clear(&error);
    isb_experiment_free(&experiment);
}

CASE(placement, says_what_is_missing) {
    const char *two = "[" IN "{dropout: {rate: 0.3}}, {dense: {units: 8}}, {dropout: {rate: 0.3}}, "
                      "{dropout: {rate: 0.25}}, " OUT;
    refuse(two, ISB_PLACEMENT_BEFORE,
           "placement needs a rate, and the dropouts of the model have several: 0.3 and 0.25; add "
           "an axis, such as rate: [0.3, 0.25]");
    refuse("[" IN "{dense: {units: 8}}, " OUT, ISB_PLACEMENT_BOTH,
           "placement needs a rate, and the model has no dropout to take it from; add an axis, "
           "such as rate: [0.2, 0.5]");
    refuse("[" IN OUT, ISB_PLACEMENT_AFTER,
           "placement is relative to hidden dense layers, and the model has none but the output; "
           "add one, or leave placement out");
    char found[256];
    isb_error error = ISB_ERROR_INIT;
    isb_experiment experiment = with_model(two);
    CHECK(isb_placement_apply(&experiment, ISB_PLACEMENT_NONE, NAN, &error) == ISB_OK);
    show(&experiment, found, sizeof found);
    CHECKF(strcmp(found, "flatten(784) 8 10") == 0, "%s", found);
    isb_experiment_free(&experiment);
}

CASE(placement, gives_every_dropout_a_rate) {
    char found[256];
    isb_error error = ISB_ERROR_INIT;
    isb_experiment experiment = with_model(
        "[" IN "{dropout: {rate: 0.3}}, {dense: {units: 8}}, {dropout: {rate: 0.1}}, " OUT);
    CHECK(isb_rate_apply(&experiment, 0.7, &error) == ISB_OK);
    show(&experiment, found, sizeof found);
    CHECKF(strcmp(found, "flatten(784) drop0.7 8 drop0.7 10") == 0, "%s", found);
    isb_experiment_free(&experiment);
    experiment = with_model("[" IN OUT);
    CHECK(isb_rate_apply(&experiment, 0.7, &error) == ISB_USAGE);
    CHECKF(
        strcmp(isb_error_text(&error),
               "the model has no dropout to give a rate; add one, or an axis, such as placement: "
               "[none, before, after]") == 0,
        "%s", isb_error_text(&error));
    isb_error_clear(&error);
    isb_experiment_free(&experiment);
}

/* --- common random numbers --- */

enum { EPOCHS = 2, MOST_STEPS = 1024 };

/* What a variant starts from and what it meets on the way. */
typedef struct trace {
    isb_split split;
    isb_tensors weights; /* the initial ones */
    float losses[MOST_STEPS];
    size_t steps;
} trace;

static bool note_loss(void *context, const isb_progress *progress) {
    trace *t = context;
    CHECK(t->steps < MOST_STEPS);
    t->losses[t->steps++] = progress->batch_loss;
    return false;
}

static trace follow(const char *text, const char *seed, const isb_dataset *dataset) {
    trace t = {0};
    isb_error error = ISB_ERROR_INIT;
    isb_experiment experiment;
    isb_model model;
    isb_trainer *trainer = NULL;
    const isb_setting setting = {"--seed", "seed", seed};
    CHECK(isb_experiment_parse(&experiment, text, strlen(text), "variant", &setting, 1, &error) ==
          ISB_OK);
    CHECK(isb_model_build(&model, experiment.layers, experiment.layer_count, dataset->shape,
                          &error) == ISB_OK);
    CHECK(isb_split_make(&t.split, dataset, &experiment, &error) == ISB_OK);
    const isb_trainer_config config = {.experiment = &experiment,
                                       .model = &model,
                                       .dataset = dataset,
                                       .split = &t.split,
                                       .threads = 1,
                                       .isa = "auto"};
    CHECK(isb_trainer_create(&trainer, &config, &error) == ISB_OK);
    CHECK(isb_trainer_export(trainer, false, &t.weights, &error) == ISB_OK);
    for (size_t i = 0; i < EPOCHS; i++) {
        isb_epoch_result result;
        CHECK(isb_trainer_epoch(trainer, note_loss, &t, &result, &error) == ISB_OK);
    }
    isb_trainer_free(trainer);
    isb_model_free(&model);
    isb_experiment_free(&experiment);
    return t;
}

static void trace_free(trace *t) {
    isb_split_free(&t->split);
    isb_tensors_free(&t->weights);
}

static bool same_split(const isb_split *a, const isb_split *b) {
    return a->train_rows == b->train_rows && a->validation_rows == b->validation_rows &&
           memcmp(a->train, b->train, a->train_rows * sizeof *a->train) == 0 &&
           memcmp(a->validation, b->validation, a->validation_rows * sizeof *a->validation) == 0;
}

/* Every tensor of a is in b, with the same bits. */
static bool same_weights(const isb_tensors *a, const isb_tensors *b) {
    for (size_t i = 0; i < a->count; i++) {
        const isb_tensor *left = &a->items[i];
        const isb_tensor *right = isb_tensors_find(b, left->name);
        if (right == NULL || !isb_shape_equal(left->shape, right->shape) ||
            memcmp(left->data, right->data, isb_shape_size(left->shape) * sizeof(float)) != 0)
            return false;
    }
    return a->count == b->count && a->count > 0;
}

static isb_study common_study(const temporary *t) {
    static const char base[] =
        DATA "model:\n  - flatten\n  - dense: {units: 16, activation: relu}\n"
             "  - dense: {units: 12, activation: tanh}\n  - dense: {units: 10}\n" COMPILE
             "fit: {batch_size: 64}\n";
    /* So small a rate drops none of these units, and its survivors are scaled by exactly 1: the
     * losses of all steps are then the same bits, if nothing but the dropouts differs. */
    static const char study[] = "experiment: base.yaml\nseeds: 2\n"
                                "compare: {metric: val_loss}\n"
                                "vary: {placement: [none, before, after, both], rate: [1e-9]}\n";
    isb_study out;
    isb_error error = ISB_ERROR_INIT;
    temporary_put(temporary_path(t, "base.yaml"), base, strlen(base));
    temporary_put(temporary_path(t, "study.yaml"), study, strlen(study));
    CHECKF(isb_study_read(&out, temporary_path(t, "study.yaml"), NULL, 0, &error) == ISB_OK, "%s",
           isb_error_text(&error));
    CHECK(out.variant_count == ISB_PLACEMENTS);
    return out;
}

CASE(placement, changes_no_split_no_shuffle_and_no_initial_weight) {
    const temporary t = temporary_make();
    isb_study study = common_study(&t);
    isb_dataset dataset;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_dataset_open(&dataset, "digits", &error) == ISB_OK);
    static trace one, other, foreign;
    one = follow(study.variants[0].experiment, "1", &dataset);
    CHECK(one.steps > 300);
    for (size_t i = 1; i < study.variant_count; i++) {
        CHECK(strcmp(study.variants[0].experiment, study.variants[i].experiment) != 0);
        other = follow(study.variants[i].experiment, "1", &dataset);
        CHECK(same_split(&one.split, &other.split));
        CHECK(same_weights(&one.weights, &other.weights));
        CHECK(one.steps == other.steps);
        CHECKF(memcmp(one.losses, other.losses, one.steps * sizeof one.losses[0]) == 0, "%s",
               study.variants[i].label);
        trace_free(&other);
    }
    foreign = follow(study.variants[0].experiment, "2", &dataset);
    CHECK(!same_split(&one.split, &foreign.split));
    CHECK(!same_weights(&one.weights, &foreign.weights));
    CHECK(one.losses[0] != foreign.losses[0]);
    trace_free(&foreign);
    trace_free(&one);
    isb_dataset_free(&dataset);
    isb_study_free(&study);
    temporary_remove(&t);
}
