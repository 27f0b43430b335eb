#include "io/experiment_fields.h"
#include "io/data_source.h"
#include <float.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(type, member) offsetof(type, member)
#define EXPERIMENT(member) AT(isb_experiment, member)

#define INTEGER_FROM_1 "an integer from 1 to 2147483647"
#define POSITIVE_COUNT .kind = &isb_kind_count, .low = 1, .high = 2147483647, .must = INTEGER_FROM_1

/* --- layers --- */

#define INPUT_SHAPE                                                                                \
    {                                                                                              \
        .key = "input_shape", .kind = &isb_kind_shape, .offset = AT(isb_layer, input_shape),       \
        .sample = "[28, 28]", .must = "a list of 1 to 4 integers of at least 1, such as [28, 28]"  \
    }

static const char *const activations[] = {
    [ISB_LINEAR] = "linear", [ISB_RELU] = "relu",       [ISB_SIGMOID] = "sigmoid",
    [ISB_TANH] = "tanh",     [ISB_SOFTMAX] = "softmax",
};
static const isb_words activation_words = {activations, COUNT(activations)};

static const char *const initializers[] = {
    [ISB_GLOROT_UNIFORM] = "glorot_uniform",
    [ISB_HE_UNIFORM] = "he_uniform",
    [ISB_ZEROS] = "zeros",
};
static const isb_words initializer_words = {initializers, COUNT(initializers)};
#define AN_INITIALIZER "glorot_uniform, he_uniform or zeros"

static const isb_field flatten_fields[] = {INPUT_SHAPE};

static const isb_field dense_fields[] = {
    {.key = "units",
     POSITIVE_COUNT,
     .offset = AT(isb_layer, units),
     .sample = "128",
     .required = true},
    {.key = "activation",
     .kind = &isb_kind_choice,
     .offset = AT(isb_layer, activation),
     .words = &activation_words,
     .initial = "linear",
     .sample = "relu",
     .must = "linear, relu, sigmoid, tanh or softmax"},
    {.key = "use_bias",
     .kind = &isb_kind_bool,
     .offset = AT(isb_layer, use_bias),
     .initial = "true",
     .sample = "true",
     .must = "true or false"},
    {.key = "kernel_initializer",
     .kind = &isb_kind_choice,
     .offset = AT(isb_layer, kernel_initializer),
     .words = &initializer_words,
     .initial = "glorot_uniform",
     .sample = "he_uniform",
     .must = AN_INITIALIZER},
    {.key = "bias_initializer",
     .kind = &isb_kind_choice,
     .offset = AT(isb_layer, bias_initializer),
     .words = &initializer_words,
     .initial = "zeros",
     .sample = "zeros",
     .must = AN_INITIALIZER},
    INPUT_SHAPE,
};

static const isb_field dropout_fields[] = {
    {.key = "rate",
     .kind = &isb_kind_real,
     .offset = AT(isb_layer, rate),
     .low = 0,
     .high = 1,
     .sample = "0.2",
     .must = "a number from 0 to 1",
     .required = true},
    INPUT_SHAPE,
};

static const isb_map flatten_map = {"flatten", flatten_fields, COUNT(flatten_fields)};
static const isb_map dense_map = {"dense", dense_fields, COUNT(dense_fields)};
static const isb_map dropout_map = {"dropout", dropout_fields, COUNT(dropout_fields)};
static const isb_map *const layer_maps[] = {
    [ISB_FLATTEN] = &flatten_map,
    [ISB_DENSE] = &dense_map,
    [ISB_DROPOUT] = &dropout_map,
};
static const isb_variants layer_variants = {"layer", layer_maps, COUNT(layer_maps), true};

/* --- compile --- */

#define BETA                                                                                       \
    .kind = &isb_kind_real, .low = 0, .high = 1, .high_open = true,                                \
    .must = "a number from 0 to below 1"

static const isb_field adam_fields[] = {
    {.key = "learning_rate",
     .kind = &isb_kind_real,
     .offset = EXPERIMENT(optimizer.learning_rate),
     .low = 0,
     .high = DBL_MAX,
     .initial = "0.001",
     .sample = "0.001",
     .must = "a number of at least 0"},
    {.key = "beta_1",
     BETA,
     .offset = EXPERIMENT(optimizer.beta_1),
     .initial = "0.9",
     .sample = "0.9"},
    {.key = "beta_2",
     BETA,
     .offset = EXPERIMENT(optimizer.beta_2),
     .initial = "0.999",
     .sample = "0.999"},
    /* Training uses epsilon in single precision, where 2^-150 is the largest number that is 0. */
    {.key = "epsilon",
     .kind = &isb_kind_real,
     .offset = EXPERIMENT(optimizer.epsilon),
     .low = 0x1p-150,
     .low_open = true,
     .high = FLT_MAX,
     .initial = "1e-7",
     .sample = "1e-7",
     .must = "a number above 0 in single precision (1e-45 to 3e38)"},
};

static const isb_field sgd_fields[] = {
    {.key = "learning_rate",
     .kind = &isb_kind_real,
     .offset = EXPERIMENT(optimizer.learning_rate),
     .low = 0,
     .high = DBL_MAX,
     .initial = "0.01",
     .sample = "0.01",
     .must = "a number of at least 0"},
    {.key = "momentum",
     .kind = &isb_kind_real,
     .offset = EXPERIMENT(optimizer.momentum),
     .low = 0,
     .high = 1,
     .initial = "0",
     .sample = "0.9",
     .must = "a number from 0 to 1"},
    {.key = "nesterov",
     .kind = &isb_kind_bool,
     .offset = EXPERIMENT(optimizer.nesterov),
     .initial = "false",
     .sample = "true",
     .must = "true or false"},
};

static const isb_map adam_map = {"adam", adam_fields, COUNT(adam_fields)};
static const isb_map sgd_map = {"sgd", sgd_fields, COUNT(sgd_fields)};
static const isb_map *const optimizer_maps[] = {[ISB_ADAM] = &adam_map, [ISB_SGD] = &sgd_map};
static const isb_variants optimizer_variants = {"optimizer", optimizer_maps, COUNT(optimizer_maps),
                                                true};

static const isb_field crossentropy_fields[] = {
    {.key = "from_logits",
     .kind = &isb_kind_bool,
     .offset = EXPERIMENT(from_logits),
     .initial = "false",
     .sample = "true",
     .must = "true or false"},
};
static const isb_map crossentropy_map = {"sparse_categorical_crossentropy", crossentropy_fields,
                                         COUNT(crossentropy_fields)};
static const isb_map squared_error_map = {"mean_squared_error", NULL, 0};
static const isb_map absolute_error_map = {"mean_absolute_error", NULL, 0};
/* Training uses delta in single precision, as epsilon. */
static const isb_field huber_fields[] = {
    {.key = "delta",
     .kind = &isb_kind_real,
     .offset = EXPERIMENT(delta),
     .low = 0x1p-150,
     .low_open = true,
     .high = FLT_MAX,
     .initial = "1",
     .sample = "1.5",
     .must = "a number above 0 in single precision (1e-45 to 3e38)"},
};
static const isb_map huber_map = {"huber", huber_fields, COUNT(huber_fields)};
static const isb_map *const loss_maps[] = {
    [ISB_CROSS_ENTROPY] = &crossentropy_map,
    [ISB_SQUARED_ERROR] = &squared_error_map,
    [ISB_ABSOLUTE_ERROR] = &absolute_error_map,
    [ISB_HUBER] = &huber_map,
};
static const isb_variants loss_variants = {"loss", loss_maps, COUNT(loss_maps), true};

const char *isb_loss_name(isb_loss_kind loss) { return loss_maps[loss]->label; }

static const isb_field compile_fields[] = {
    {.key = "optimizer",
     .kind = &isb_kind_optimizer,
     .offset = EXPERIMENT(optimizer.kind),
     .variants = &optimizer_variants,
     .sample = "adam",
     .required = true},
    {.key = "loss",
     .kind = &isb_kind_loss,
     .offset = EXPERIMENT(loss),
     .variants = &loss_variants,
     .sample = "sparse_categorical_crossentropy",
     .required = true},
    {.key = "metrics",
     .kind = &isb_kind_metrics,
     .sample = "[accuracy]",
     .must = "a list of metrics, such as accuracy and train_eval, or none"},
};
static const isb_map compile_map = {"compile", compile_fields, COUNT(compile_fields)};

/* --- data --- */

static const char *const validation_origins[] = {"stratified", "tail"};
static const isb_words validation_origin_words = {validation_origins, COUNT(validation_origins)};

static const isb_field validation_fields[] = {
    {.key = "fraction",
     .kind = &isb_kind_real,
     .offset = AT(isb_validation_form, fraction),
     .low = 0,
     .low_open = true,
     .high = 1,
     .high_open = true,
     .sample = "0.1",
     .must = "a number between 0 and 1, both excluded",
     .required = true},
    {.key = "from",
     .kind = &isb_kind_choice,
     .offset = AT(isb_validation_form, from),
     .words = &validation_origin_words,
     .initial = "stratified",
     .sample = "tail",
     .must = "stratified or tail"},
};
static const isb_map validation_map = {"validation", validation_fields, COUNT(validation_fields)};

static const char *const numeric_word[] = {"numeric"};
static const isb_words numeric_words = {numeric_word, COUNT(numeric_word)};
static const char *const categorical_word[] = {"categorical"};
static const isb_words categorical_words = {categorical_word, COUNT(categorical_word)};

static const isb_field features_fields[] = {
    {.key = "drop",
     .kind = &isb_kind_names,
     .offset = EXPERIMENT(table.drop),
     .initial = "none",
     .sample = "[id]",
     .must = "a list of columns, or none",
     .usual = true},
    {.key = "standardize",
     .kind = &isb_kind_columns,
     .offset = EXPERIMENT(table.standardize),
     .words = &numeric_words,
     .initial = "numeric",
     .sample = "numeric",
     .must = "numeric, none, or a list of columns"},
    {.key = "one_hot",
     .kind = &isb_kind_columns,
     .offset = EXPERIMENT(table.one_hot),
     .words = &categorical_words,
     .initial = "categorical",
     .sample = "categorical",
     .must = "categorical, none, or a list of columns"},
};
static const isb_map features_map = {"features", features_fields, COUNT(features_fields)};

static const char *const missing_policies[] = {
    [ISB_MISSING_ERROR] = "error",
    [ISB_MISSING_MEAN] = "mean",
    [ISB_MISSING_INDICATOR] = "indicator",
    [ISB_MISSING_DROP_ROW] = "drop_row",
};
static const isb_words missing_policy_words = {missing_policies, COUNT(missing_policies)};

static const isb_field data_fields[] = {
    {.key = "source",
     .kind = &isb_kind_source,
     .map = &isb_data_source_map,
     .offset = EXPERIMENT(source),
     .where = EXPERIMENT(where_source),
     .sample = "digits",
     .must = "digits, a path, or a map such as {x: x.npy, y: y.npy}",
     .required = true},
    {.key = "scale",
     .kind = &isb_kind_scale,
     .offset = EXPERIMENT(scale),
     .low = 0,
     .low_open = true,
     .high = DBL_MAX,
     .sample = "255",
     .must = "a number above 0, standardize, minmax, model_weights, or none"},
    {.key = "validation",
     .kind = &isb_kind_validation,
     .map = &validation_map,
     .where = EXPERIMENT(where_validation),
     .low = 0,
     .low_open = true,
     .high = 1,
     .high_open = true,
     .initial = "none",
     .sample = "0.1",
     .must = "none, test, a fraction between 0 and 1, or {fraction: 0.1, from: tail}"},
    {.key = "test",
     .kind = &isb_kind_test,
     .offset = EXPERIMENT(test_fraction),
     .where = EXPERIMENT(where_test),
     .low = 0,
     .low_open = true,
     .high = 1,
     .high_open = true,
     .initial = "none",
     .sample = "0.2",
     .must = "a fraction between 0 and 1, both excluded, or none"},
    {.key = "seed",
     .kind = &isb_kind_test_seed,
     .offset = EXPERIMENT(test_seed),
     .sample = "1",
     .must = "an integer from 0 to 9223372036854775807"},
    {.key = "label",
     .kind = &isb_kind_label,
     .offset = EXPERIMENT(table.label),
     .where = EXPERIMENT(where_label),
     .sample = "income",
     .must = "the name of a column"},
    {.key = "features",
     .kind = &isb_kind_features,
     .map = &features_map,
     .initial = "none",
     .sample = "{drop: [id]}"},
    {.key = "missing",
     .kind = &isb_kind_missing,
     .offset = EXPERIMENT(table.missing),
     .sample = "['?', '']",
     .must = "a list of texts, such as ['?', '']"},
    {.key = "missing_policy",
     .kind = &isb_kind_missing_policy,
     .offset = EXPERIMENT(table.missing_policy),
     .words = &missing_policy_words,
     .initial = "error",
     .sample = "mean",
     .must = "error, mean, indicator or drop_row"},
    {.key = "separator",
     .kind = &isb_kind_separator,
     .offset = EXPERIMENT(table.separator),
     .initial = "none",
     .sample = "','",
     .must = "',', ';', '|', tab, space, or none to find it out"},
    {.key = "header",
     .kind = &isb_kind_header,
     .offset = EXPERIMENT(table.header),
     .initial = "none",
     .sample = "true",
     .must = "true, false, or none to find it out"},
    {.key = "decimal",
     .kind = &isb_kind_decimal,
     .offset = EXPERIMENT(table.decimal_comma),
     .initial = ".",
     .sample = "','",
     .must = "'.' or ','"},
};
static const isb_map data_map = {"data", data_fields, COUNT(data_fields)};

/* --- fit --- */

static const isb_field fit_fields[] = {
    {.key = "epochs", POSITIVE_COUNT, .offset = EXPERIMENT(epochs), .initial = "1", .sample = "5"},
    {.key = "batch_size",
     POSITIVE_COUNT,
     .offset = EXPERIMENT(batch_size),
     .initial = "32",
     .sample = "32"},
    {.key = "shuffle",
     .kind = &isb_kind_bool,
     .offset = EXPERIMENT(shuffle),
     .initial = "true",
     .sample = "false",
     .must = "true or false"},
    {.key = "class_weight",
     .kind = &isb_kind_class_weight,
     .offset = EXPERIMENT(balanced),
     .initial = "none",
     .sample = "balanced",
     .must = "balanced or none"},
    {.key = "callbacks",
     .kind = &isb_kind_callbacks,
     .variants = &isb_callback_variants,
     .sample = "[early_stopping: {patience: 3}]",
     .must = "a list of callbacks, or none"},
};
static const isb_map fit_map = {"fit", fit_fields, COUNT(fit_fields)};

/* --- the file --- */

static const isb_field experiment_fields[] = {
    {.key = "name",
     .kind = &isb_kind_name,
     .offset = EXPERIMENT(name),
     .sample = "dropout-after-dense",
     .must = "the name of a directory: 1 to 128 bytes, no '/', no control characters, "
             "neither '.' nor '..'"},
    {.key = "seed",
     .kind = &isb_kind_seed,
     .offset = EXPERIMENT(seed),
     .initial = "1",
     .sample = "1",
     .must = "an integer from 0 to 9223372036854775807"},
    {.key = "data",
     .kind = &isb_kind_map,
     .map = &data_map,
     .sample = "{source: digits}",
     .required = true},
    {.key = "model",
     .kind = &isb_kind_model,
     .variants = &layer_variants,
     .sample = "[flatten, {dense: {units: 10, activation: softmax}}]",
     .must = "a list of layers",
     .required = true},
    {.key = "compile",
     .kind = &isb_kind_map,
     .map = &compile_map,
     .sample = "{optimizer: adam, loss: sparse_categorical_crossentropy}",
     .required = true},
    {.key = "fit", .kind = &isb_kind_map, .map = &fit_map, .sample = "{epochs: 5}"},
    {.key = "model_weights",
     .kind = &isb_kind_weights,
     .offset = EXPERIMENT(model_weights),
     .where = EXPERIMENT(where_model_weights),
     .initial = "none",
     .sample = "weights.safetensors",
     .must = "the path of a safetensors file, or none"},
};
const isb_map isb_experiment_map = {"the experiment", experiment_fields, COUNT(experiment_fields)};
