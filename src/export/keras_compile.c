#include "export/keras_compile.h"
#include "base/number.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The name of what is given as a string, or as an object of a class; "" where it is neither. */
static const char *name_of(const json_t *value) {
    const char *name = json_is_object(value)
                           ? json_string_value(json_object_get(value, "class_name"))
                           : json_string_value(value);
    return name != NULL ? name : "";
}

static void take_number(double *out, const json_t *config, const char *key) {
    const json_t *value = json_object_get(config, key);
    if (json_is_number(value) && isfinite(json_number_value(value)))
        *out = json_number_value(value);
}

/* --- reading --- */

static void read_optimizer(isb_imported *out, const json_t *value) {
    const json_t *config = json_object_get(value, "config");
    isb_optimizer *optimizer = &out->optimizer;
    const bool adam = strcasecmp(name_of(value), "adam") == 0;
    if (!adam && strcasecmp(name_of(value), "sgd") != 0)
        return;
    out->compiled = true;
    *optimizer = (isb_optimizer){.kind = adam ? ISB_ADAM : ISB_SGD,
                                 .learning_rate = adam ? 0.001 : 0.01,
                                 .beta_1 = 0.9,
                                 .beta_2 = 0.999,
                                 .epsilon = 1e-7};
    take_number(&optimizer->learning_rate, config, "learning_rate");
    take_number(&optimizer->beta_1, config, "beta_1");
    take_number(&optimizer->beta_2, config, "beta_2");
    take_number(&optimizer->epsilon, config, "epsilon");
    take_number(&optimizer->momentum, config, "momentum");
    optimizer->nesterov = json_is_true(json_object_get(config, "nesterov"));
}

static const struct {
    const char *name;
    isb_loss_kind loss;
} losses[] = {
    {"mse", ISB_SQUARED_ERROR},
    {"mean_squared_error", ISB_SQUARED_ERROR},
    {"MeanSquaredError", ISB_SQUARED_ERROR},
    {"mae", ISB_ABSOLUTE_ERROR},
    {"mean_absolute_error", ISB_ABSOLUTE_ERROR},
    {"MeanAbsoluteError", ISB_ABSOLUTE_ERROR},
    {"huber", ISB_HUBER},
    {"Huber", ISB_HUBER},
};

void isb_keras_read_compile(isb_imported *out, const json_t *model) {
    const json_t *compiled = json_object_get(model, "compile_config"),
                 *loss = json_object_get(compiled, "loss");
    read_optimizer(out, json_object_get(compiled, "optimizer"));
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (strcmp(name_of(loss), losses[i].name) == 0)
            out->loss = losses[i].loss;
    take_number(&out->delta, json_object_get(loss, "config"), "delta");
}

/* --- writing --- */

/* Keras's float32, where it is one, in its own few digits. */
static void add_number(isb_text *out, const char *key, double value, bool *first) {
    char number[ISB_NUMBER_SIZE];
    if ((double)(float)value == value)
        isb_format_float(number, (float)value);
    else
        isb_format_double(number, value);
    isb_text_format(out, "%s%s: %s", *first ? "" : ", ", key, number);
    *first = false;
}

/* Both as float32, in which Keras keeps some of them. */
static bool differs(double value, double initial) { return (float)value != (float)initial; }

static void add_betas(isb_text *map, const isb_optimizer *optimizer, bool *first) {
    if (differs(optimizer->beta_1, 0.9))
        add_number(map, "beta_1", optimizer->beta_1, first);
    if (differs(optimizer->beta_2, 0.999))
        add_number(map, "beta_2", optimizer->beta_2, first);
    if (differs(optimizer->epsilon, 1e-7))
        add_number(map, "epsilon", optimizer->epsilon, first);
}

void isb_keras_add_optimizer(isb_text *out, const isb_imported *from) {
    const isb_optimizer *optimizer = &from->optimizer;
    const bool adam = !from->compiled || optimizer->kind == ISB_ADAM;
    bool first = true;
    isb_text map = {0};
    if (from->compiled && differs(optimizer->learning_rate, adam ? 0.001 : 0.01))
        add_number(&map, "learning_rate", optimizer->learning_rate, &first);
    if (from->compiled && adam)
        add_betas(&map, optimizer, &first);
    if (from->compiled && !adam && optimizer->momentum != 0) {
        add_number(&map, "momentum", optimizer->momentum, &first);
        isb_text_add(&map, optimizer->nesterov ? ", nesterov: true" : "");
    }
    const char *name = adam ? "adam" : "sgd";
    if (map.length > 0)
        isb_text_format(out, "{%s: {%s}}", name, map.data);
    else
        isb_text_add(out, name);
    out->failed |= map.failed;
    free(map.data);
}
