/* The model's layers, optimizer, loss and metrics. */
#include "io/experiment_fields.h"
#include <stdlib.h>
#include <string.h>

/* --- input_shape --- */

static void read_shape(isb_reader *reader, const isb_field *field, const isb_node *node,
                       void *base) {
    isb_shape shape = {.rank = node->count};
    if (node->kind != ISB_NODE_LIST) {
        isb_wrong_value(reader, field, node, "");
        return;
    }
    if (node->count < 1 || node->count > ISB_MAX_RANK) {
        isb_problems_add(reader->problems, node->place, "%s must be %s, not a list of %zu",
                         field->key, field->must, node->count);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        uint64_t size = 0;
        if (!isb_read_integer(reader, field, node->entries[i].value, 1, INT32_MAX, &size))
            return;
        shape.sizes[i] = (size_t)size;
    }
    memcpy(isb_field_at(field, base), &shape, sizeof shape);
}

static void write_shape(isb_text *text, const isb_field *field, const void *base) {
    const isb_shape *shape = isb_field_of(field, base);
    for (size_t i = 0; i < shape->rank; i++) {
        isb_field size = {.offset = i * sizeof shape->sizes[0]};
        isb_text_add(text, i == 0 ? "[" : ", ");
        isb_kind_count.write(text, &size, shape->sizes);
    }
    isb_text_add(text, "]");
}

static bool shape_given(const isb_field *field, const void *base) {
    const isb_shape *shape = isb_field_of(field, base);
    return shape->rank > 0;
}

const isb_kind isb_kind_shape = {read_shape, write_shape, shape_given, false};

/* --- model --- */

static void read_layer(isb_reader *reader, const isb_field *field, const isb_node *node,
                       isb_layer *layer) {
    size_t index = isb_variant_pick(reader, field->variants, node);
    if (index < field->variants->count) {
        layer->kind = (isb_layer_kind)index;
        isb_variant_fill(reader, field->variants, index, node, layer);
    }
    layer->where = isb_place_text(node->place);
    if (layer->where == NULL)
        reader->problems->no_memory = true;
}

static void read_model(isb_reader *reader, const isb_field *field, const isb_node *node,
                       void *base) {
    isb_experiment *experiment = base;
    if (node->kind != ISB_NODE_LIST) {
        isb_wrong_value(reader, field, node,
                        node->kind == ISB_NODE_MAP ? "; start each layer with '- '" : "");
        return;
    }
    if (node->count == 0) {
        isb_problems_add(reader->problems, node->place,
                         "the model is empty; it needs at least an output layer, such as dense: "
                         "{units: 10, activation: softmax}");
        return;
    }
    experiment->layers = calloc(node->count, sizeof *experiment->layers);
    reader->layers = isb_pool_take(reader->pool, node->count * sizeof *reader->layers);
    if (experiment->layers == NULL || reader->layers == NULL) {
        reader->problems->no_memory = true;
        return;
    }
    experiment->layer_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        size_t before = reader->problems->count;
        const isb_node *item = node->entries[i].value;
        read_layer(reader, field, item, &experiment->layers[i]);
        bool sound = item->kind != ISB_NODE_BROKEN && reader->problems->count == before;
        reader->layers[i] = sound ? item : NULL;
    }
}

static void write_model(isb_text *text, const isb_field *field, const void *base) {
    const isb_experiment *experiment = base;
    for (size_t i = 0; i < experiment->layer_count; i++) {
        const isb_layer *layer = &experiment->layers[i];
        isb_text_add(text, "\n  - ");
        isb_variant_write(text, field->variants, (size_t)layer->kind, layer);
    }
}

const isb_kind isb_kind_model = {read_model, write_model, NULL, true};

/* --- optimizer --- */

/* As in Keras, where it would silently be plain SGD otherwise. */
static void check_nesterov(isb_reader *reader, const isb_experiment *experiment,
                           const isb_node *node) {
    const isb_optimizer *optimizer = &experiment->optimizer;
    if (optimizer->kind != ISB_SGD || !optimizer->nesterov || optimizer->momentum > 0)
        return;
    const isb_entry *nesterov = isb_node_find(node->entries[0].value, "nesterov");
    isb_problems_add(reader->problems, nesterov->value->place,
                     "nesterov: true needs a momentum above 0, such as momentum: 0.9");
}

static void read_optimizer(isb_reader *reader, const isb_field *field, const isb_node *node,
                           void *base) {
    size_t before = reader->problems->count;
    isb_kind_variant.read(reader, field, node, base);
    if (reader->problems->count == before)
        check_nesterov(reader, base, node);
}

static void write_optimizer(isb_text *text, const isb_field *field, const void *base) {
    isb_kind_variant.write(text, field, base);
}

const isb_kind isb_kind_optimizer = {read_optimizer, write_optimizer, NULL, false};

/* --- loss --- */

static void read_loss(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    size_t before = reader->problems->count;
    isb_kind_variant.read(reader, field, node, base);
    reader->loss_known = node->kind != ISB_NODE_BROKEN && reader->problems->count == before;
}

static void write_loss(isb_text *text, const isb_field *field, const void *base) {
    isb_kind_variant.write(text, field, base);
}

const isb_kind isb_kind_loss = {read_loss, write_loss, NULL, false};

/* --- metrics --- */

static const struct {
    const char *word;
    size_t offset; /* of the flag */
} metrics[] = {
    {"accuracy", offsetof(isb_experiment, metric_accuracy)},
    {"mean_absolute_error", offsetof(isb_experiment, metric_mae)},
    {"mean_squared_error", offsetof(isb_experiment, metric_mse)},
    {"r2_score", offsetof(isb_experiment, metric_r2)},
    {"train_eval", offsetof(isb_experiment, metric_train_eval)},
};
enum { METRIC_COUNT = sizeof metrics / sizeof metrics[0] };

static bool *metric_flag(isb_experiment *experiment, size_t metric) {
    return (bool *)(void *)((char *)experiment + metrics[metric].offset);
}

static bool metric_given(const isb_experiment *experiment, size_t metric) {
    return *(const bool *)(const void *)((const char *)experiment + metrics[metric].offset);
}

static void unknown_metric(isb_reader *reader, const isb_node *node) {
    const char *words[METRIC_COUNT];
    for (size_t i = 0; i < METRIC_COUNT; i++)
        words[i] = metrics[i].word;
    isb_unknown_word(reader->problems, node->place, "metric", node->text, words, METRIC_COUNT);
}

static void read_metric(isb_reader *reader, const isb_field *field, const isb_node *node,
                        isb_experiment *experiment) {
    if (node->kind != ISB_NODE_SCALAR || isb_node_empty(node)) {
        isb_wrong_value(reader, field, node, "");
        return;
    }
    size_t metric = 0;
    while (metric < METRIC_COUNT && strcmp(node->text, metrics[metric].word) != 0)
        metric++;
    if (metric == METRIC_COUNT)
        unknown_metric(reader, node);
    else if (*metric_flag(experiment, metric))
        isb_problems_add(reader->problems, node->place, "metric '%s' stands twice; remove one",
                         node->text);
    else
        *metric_flag(experiment, metric) = true;
}

static void read_metrics(isb_reader *reader, const isb_field *field, const isb_node *node,
                         void *base) {
    size_t before = reader->problems->count;
    if (isb_node_is(node, "none"))
        return;
    if (node->kind != ISB_NODE_LIST)
        isb_no_list(reader, field, node, "");
    else
        for (size_t i = 0; i < node->count; i++)
            read_metric(reader, field, node->entries[i].value, base);
    if (node->kind == ISB_NODE_BROKEN || reader->problems->count > before)
        reader->scores_unknown = true;
}

static void write_metrics(isb_text *text, const isb_field *field, const void *base) {
    (void)field;
    const isb_experiment *experiment = base;
    const char *before = "[";
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        if (!metric_given(experiment, i))
            continue;
        isb_text_add(text, before);
        isb_text_add(text, metrics[i].word);
        before = ", ";
    }
    isb_text_add(text, before[0] == '[' ? "none" : "]");
}

const isb_kind isb_kind_metrics = {read_metrics, write_metrics, NULL, false};
