#include "io/experiment_check.h"
#include "io/experiment_monitors.h"
#include <string.h>

static isb_place place_of(const isb_reader *reader, size_t layer) {
    return reader->layers[layer]->place;
}

static void check_input_shapes(isb_reader *reader, const isb_experiment *experiment) {
    for (size_t i = 1; i < experiment->layer_count; i++) {
        if (reader->layers[i] == NULL || experiment->layers[i].input_shape.rank == 0)
            continue;
        const isb_node *fields = reader->layers[i]->entries[0].value;
        isb_problems_add(reader->problems, isb_node_find(fields, "input_shape")->place,
                         "only the first layer may have input_shape; remove it");
    }
}

/* The last layer that is not a dropout; `layer_count` where there is none. */
static size_t find_output(const isb_experiment *experiment) {
    size_t i = experiment->layer_count;
    while (i > 0 && experiment->layers[i - 1].kind == ISB_DROPOUT)
        i--;
    return i > 0 ? i - 1 : experiment->layer_count;
}

static bool sound_from(const isb_reader *reader, const isb_experiment *experiment, size_t layer) {
    for (size_t i = layer; i < experiment->layer_count; i++)
        if (reader->layers[i] == NULL)
            return false;
    return true;
}

static void check_units(isb_reader *reader, const isb_experiment *experiment, size_t output) {
    if (experiment->layers[output].units < 2 && !isb_is_regression(experiment->loss))
        isb_problems_add(reader->problems, place_of(reader, output),
                         "the output layer has 1 unit, but sparse_categorical_crossentropy needs "
                         "one a class: use units: 2 for two classes");
}

static void refuse_dropout_behind_softmax(isb_reader *reader, const isb_experiment *experiment,
                                          size_t output) {
    for (size_t i = output + 1; i < experiment->layer_count; i++)
        if (experiment->layers[i].rate > 0)
            isb_problems_add(reader->problems, place_of(reader, i),
                             "dropout after the softmax output sets probabilities to 0, and the "
                             "loss of a right class to infinity; move it before the output layer");
}

static void check_linear(isb_reader *reader, const isb_experiment *experiment, size_t output) {
    const isb_activation activation = experiment->layers[output].activation;
    if (activation != ISB_LINEAR)
        isb_problems_add(reader->problems, place_of(reader, output),
                         "%s needs outputs of any size, but the output layer's activation is %s; "
                         "use activation: linear%s",
                         isb_loss_name(experiment->loss), isb_activation_name(activation),
                         activation == ISB_SOFTMAX
                             ? ", or loss: sparse_categorical_crossentropy for classes"
                             : "");
}

static void check_activation(isb_reader *reader, const isb_experiment *experiment, size_t output) {
    isb_activation activation = experiment->layers[output].activation;
    if (isb_is_regression(experiment->loss))
        check_linear(reader, experiment, output);
    else if (!experiment->from_logits && activation != ISB_SOFTMAX)
        isb_problems_add(
            reader->problems, place_of(reader, output),
            "the loss needs probabilities, but the output layer's activation is %s; use "
            "activation: softmax, or activation: linear with loss: "
            "{sparse_categorical_crossentropy: {from_logits: true}}",
            isb_activation_name(activation));
    else if (experiment->from_logits && activation != ISB_LINEAR)
        isb_problems_add(
            reader->problems, place_of(reader, output),
            "with from_logits: true the loss applies the softmax itself, but the output layer's "
            "activation is %s; use activation: linear, or from_logits: false with activation: "
            "softmax",
            isb_activation_name(activation));
    else if (!experiment->from_logits)
        refuse_dropout_behind_softmax(reader, experiment, output);
}

static void check_output(isb_reader *reader, const isb_experiment *experiment) {
    size_t output = find_output(experiment);
    size_t first = output < experiment->layer_count ? output : 0;
    if (!sound_from(reader, experiment, first))
        return;
    size_t named = output < experiment->layer_count ? output : experiment->layer_count - 1;
    if (experiment->layers[named].kind != ISB_DENSE) {
        const bool regression = isb_is_regression(experiment->loss);
        isb_problems_add(reader->problems, place_of(reader, named),
                         "the last layer must be dense, with one unit a %s, not %s; add "
                         "dense: %s behind it",
                         regression ? "target" : "class",
                         isb_layer_kind_name(experiment->layers[named].kind),
                         regression ? "{units: 1}" : "{units: 10, activation: softmax}");
        return;
    }
    if (!reader->loss_known)
        return;
    check_units(reader, experiment, output);
    check_activation(reader, experiment, output);
}

/* Each metric that the loss has nothing to do with, at its place. */
static void check_metrics(isb_reader *reader, const isb_node *root,
                          const isb_experiment *experiment) {
    const isb_entry *compile = isb_node_find(root, "compile");
    const isb_entry *metrics = compile != NULL && compile->value->kind == ISB_NODE_MAP
                                   ? isb_node_find(compile->value, "metrics")
                                   : NULL;
    if (metrics == NULL || metrics->value->kind != ISB_NODE_LIST)
        return;
    const bool regression = isb_is_regression(experiment->loss);
    for (size_t i = 0; i < metrics->value->count; i++) {
        const isb_node *item = metrics->value->entries[i].value;
        if (item->kind != ISB_NODE_SCALAR || strcmp(item->text, "train_eval") == 0 ||
            (strcmp(item->text, "accuracy") == 0) != regression)
            continue;
        isb_problems_add(reader->problems, item->place,
                         regression
                             ? "accuracy counts right classes, and the loss %s has none; use "
                               "mean_absolute_error, mean_squared_error or r2_score"
                             : "%s is of a regression, and the loss is "
                               "sparse_categorical_crossentropy; use accuracy",
                         regression ? isb_loss_name(experiment->loss) : item->text);
    }
}

static void check_class_weight(isb_reader *reader, const isb_node *root,
                               const isb_experiment *experiment) {
    const isb_entry *fit = isb_node_find(root, "fit");
    if (!experiment->balanced || !isb_is_regression(experiment->loss))
        return;
    isb_problems_add(reader->problems, isb_node_find(fit->value, "class_weight")->place,
                     "class_weight weighs classes, and the loss %s has none; take it out",
                     isb_loss_name(experiment->loss));
}

static void check_scale(isb_reader *reader, const isb_node *root,
                        const isb_experiment *experiment) {
    const isb_entry *data = isb_node_find(root, "data");
    if (experiment->scale_kind != ISB_SCALE_MODEL_WEIGHTS || experiment->model_weights != NULL ||
        isb_node_find(root, "model_weights") != NULL)
        return;
    isb_problems_add(reader->problems, isb_node_find(data->value, "scale")->value->place,
                     "scale: model_weights takes the scaling from the file of model_weights, and "
                     "there is none; give one, or use standardize");
}

void isb_experiment_check(isb_reader *reader, const isb_node *root,
                          const isb_experiment *experiment) {
    if (reader->problems->no_memory)
        return;
    check_scale(reader, root, experiment);
    if (experiment->layer_count > 0) {
        check_input_shapes(reader, experiment);
        check_output(reader, experiment);
    }
    if (reader->loss_known && !reader->scores_unknown)
        check_metrics(reader, root, experiment);
    if (reader->loss_known)
        check_class_weight(reader, root, experiment);
    isb_monitors_check(reader, root, experiment);
}
