/* Every message of the experiment file, word for word. */
#include "check.h"
#include <isobit/experiment.h>
#include <string.h>

#define DATA "data: {source: digits}\n"
#define MODEL "model:\n  - flatten\n  - dense: {units: 10, activation: softmax}\n"
#define COMPILE "compile:\n  optimizer: adam\n  loss: sparse_categorical_crossentropy\n"
#define OUTPUT "  - dense: {units: 10, activation: softmax}\n"

enum { MOST_SETTINGS = 3 };

typedef struct error_case {
    const char *text;
    isb_setting settings[MOST_SETTINGS];
    const char *expected;
} error_case;

static void check_errors(const char *text, const isb_setting *settings, const char *expected) {
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    size_t count = 0;
    while (count < MOST_SETTINGS && settings[count].key != NULL)
        count++;
    isb_status status =
        isb_experiment_parse(&experiment, text, strlen(text), "exp.yaml", settings, count, &error);
    CHECKF(status == ISB_USAGE, "accepted:\n%s", text);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "text:\n%s\nsays:\n%s\nexpected:\n%s",
           text, isb_error_text(&error), expected);
    CHECK(experiment.layers == NULL && experiment.callbacks == NULL && experiment.file == NULL &&
          experiment.name == NULL);
    isb_error_clear(&error);
    isb_experiment_free(&experiment);
}

static const char *const file_errors[][2] = {
    {"", "exp.yaml: the file is empty; it needs data, model and compile"},
    {"# nothing\n", "exp.yaml: the file is empty; it needs data, model and compile"},
    {"- a\n- b\n",
     "exp.yaml:1:1: an experiment is a map with the keys data, model and compile, not a list"},
    {"digits\n", "exp.yaml:1:1: an experiment is a map with the keys data, model and compile, not "
                 "a single value"},
    {"{}", "exp.yaml:1:1: the experiment needs 'data', such as data: {source: digits}\n"
           "exp.yaml:1:1: the experiment needs 'model', such as model: [flatten, {dense: {units: "
           "10, activation: softmax}}]\n"
           "exp.yaml:1:1: the experiment needs 'compile', such as compile: {optimizer: adam, loss: "
           "sparse_categorical_crossentropy}"},
    {"name: x\n", "exp.yaml:1:1: the experiment needs 'data', such as data: {source: digits}\n"
                  "exp.yaml:1:1: the experiment needs 'model', such as model: [flatten, {dense: "
                  "{units: 10, activation: softmax}}]\n"
                  "exp.yaml:1:1: the experiment needs 'compile', such as compile: {optimizer: "
                  "adam, loss: sparse_categorical_crossentropy}"},
    {"a: [1\n", "exp.yaml:2:1: not valid YAML: flow sequence without a closing bracket"},
    {"a: \"x\n", "exp.yaml:1:5: not valid YAML: double-quoted scalar without closing quote"},
    {"a: b: c\n", "exp.yaml:1:5: not valid YAML: invalid nested block mapping on the same line"},
    {"\tname: x\n", "exp.yaml:1:1: not valid YAML: invalid tab as indendation in a mapping"},
    {"name: @x\n", "exp.yaml:1:7: not valid YAML: plain scalar cannot start with '@'"},
    {DATA MODEL COMPILE "---\nname: b\n", "exp.yaml:8:1: a second document; a file holds one"},
    {DATA MODEL COMPILE "...\n---\n", "exp.yaml:9:1: a second document; a file holds one"},
    {DATA MODEL COMPILE "name: &a x\n",
     "exp.yaml:8:7: anchors (&name) are not supported; remove it"},
    {DATA MODEL COMPILE "name: *a\n",
     "exp.yaml:8:7: aliases (*name) are not supported; write the value out"},
    {DATA MODEL COMPILE "name: !!str x\n",
     "exp.yaml:8:7: tags (!name) are not supported; remove it"},
    {DATA MODEL COMPILE "<<: {seed: 2}\n",
     "exp.yaml:8:1: merge keys (<<) are not supported; write the keys out"},
    {DATA MODEL COMPILE "? [a]\n: b\n",
     "exp.yaml:8:3: a key must be a single word, not a list or a map"},
    {DATA MODEL COMPILE "*a : b\n",
     "exp.yaml:8:1: aliases (*name) are not supported; write the value out"},
    {DATA MODEL COMPILE ": b\n", "exp.yaml:8:1: a key is missing before ':'"},
    {DATA MODEL COMPILE "seed: 1\nseed: 2\nseed: 3\n",
     "exp.yaml:9:1: duplicate key 'seed'; it already stands at line 8, column 1; remove one\n"
     "exp.yaml:10:1: duplicate key 'seed'; it already stands at line 8, column 1; remove one"},
    {DATA MODEL COMPILE "name: \"a\\0b\"\n",
     "exp.yaml:8:7: an escape stands for no character of a text; mend the string"},
    {DATA MODEL COMPILE "\"a\\0b\": 1\n",
     "exp.yaml:8:1: an escape stands for no character of a text; mend the string"},
    {DATA MODEL COMPILE "epochs: 3\n", "exp.yaml:8:1: unknown key 'epochs' (the experiment has: "
                                       "name, seed, data, model, compile, fit, model_weights)"},
    {DATA MODEL COMPILE "nmae: x\n",
     "exp.yaml:8:1: unknown key 'nmae'; did you mean 'name'? (the experiment has: name, seed, "
     "data, model, compile, fit, model_weights)"},
    {DATA MODEL COMPILE "callbacks: []\n",
     "exp.yaml:8:1: unknown key 'callbacks' (the experiment has: name, seed, data, model, compile, "
     "fit, model_weights)"},
    {MODEL COMPILE, "exp.yaml:1:1: the experiment needs 'data', such as data: {source: digits}"},
    {"data: digits\n" MODEL COMPILE,
     "exp.yaml:1:7: data must be a map, not 'digits'; write data: {source: digits}"},
    {"data: [digits]\n" MODEL COMPILE,
     "exp.yaml:1:7: data must be a map, not a list; write data: {source: digits}"},
    {"data: \n" MODEL COMPILE, "exp.yaml:1:1: data has no value; write data: {source: digits}"},
    {"data: {scale: 255}\n" MODEL COMPILE,
     "exp.yaml:1:7: data needs 'source', such as source: digits"},
    {"data: {source: none}\n" MODEL COMPILE,
     "exp.yaml:1:16: source must be digits, a path, or a map such as {x: x.npy, y: y.npy}, not "
     "'none'; a directory of "
     "that name is written ./none"},
    {"data: {source: test}\n" MODEL COMPILE,
     "exp.yaml:1:16: source must be digits, a path, or a map such as {x: x.npy, y: y.npy}, not "
     "'test'; a directory of "
     "that name is written ./test"},
    {"data: {source: ~}\n" MODEL COMPILE, "exp.yaml:1:16: source must be digits, a path, or a map "
                                          "such as {x: x.npy, y: y.npy}, not '~'"},
    {"data: {source: \"\"}\n" MODEL COMPILE, "exp.yaml:1:16: source must be digits, a path, or a "
                                             "map such as {x: x.npy, y: y.npy}, not the string ''"},
    {"data: {source: {x: a}}\n" MODEL COMPILE,
     "exp.yaml:1:16: source needs 'y', such as y: y_train.npy"},
    {"data: {source: '{x: a, y: b}'}\n" MODEL COMPILE,
     "exp.yaml:1:16: source must be digits, a path, or a map such as {x: x.npy, y: y.npy}, not the "
     "string '{x: a, y: b}'; take the quotes away"},
    {"data: {source: {x: a, y: b, x_tests: c}}\n" MODEL COMPILE,
     "exp.yaml:1:29: unknown key 'x_tests'; did you mean 'x_test'? (source has: file, x, y, "
     "x_test, "
     "y_test)"},
    {"data: {source: {x: a, y: b, x_test: c}}\n" MODEL COMPILE,
     "exp.yaml:1:37: x_test stands without y_test; a test part has both"},
    {"data: {source: {x: none, y: [b], file: null}}\n" MODEL COMPILE,
     "exp.yaml:1:20: x must be the path of a file, or with 'file' the name of an array, not "
     "'none'\n"
     "exp.yaml:1:29: y must be the path of a file, or with 'file' the name of an array, not a "
     "list\n"
     "exp.yaml:1:40: file must be the path of an .npz file, or none, not 'null'; nothing is "
     "written "
     "none"},
    {"data: {source: }\n" MODEL COMPILE, "exp.yaml:1:8: source must be digits, a path, or a map "
                                         "such as {x: x.npy, y: y.npy}; it has no value"},
    {"data: {source: digits, scale: 0}\n" MODEL COMPILE,
     "exp.yaml:1:31: scale must be a number above 0, standardize, minmax, model_weights, or none, "
     "not '0'"},
    {"data: {source: digits, scale: \"255\"}\n" MODEL COMPILE,
     "exp.yaml:1:31: scale must be a number above 0, standardize, minmax, model_weights, or none, "
     "not the string '255'; take the "
     "quotes away"},
    {"data: {source: digits, scale: null}\n" MODEL COMPILE,
     "exp.yaml:1:31: scale must be a number above 0, standardize, minmax, model_weights, or none, "
     "not 'null'; nothing is written none"},
    {"data: {source: digits, scale: model_weights}\n" MODEL COMPILE,
     "exp.yaml:1:31: scale: model_weights takes the scaling from the file of model_weights, and "
     "there is none; give one, or use standardize"},
    {"data: {source: digits, scale: standardise}\n" MODEL COMPILE,
     "exp.yaml:1:31: scale must be a number above 0, standardize, minmax, model_weights, or none, "
     "not 'standardise'"},
    {"data: {source: digits, scale: 1/255}\n" MODEL COMPILE,
     "exp.yaml:1:31: scale must be a number above 0, standardize, minmax, model_weights, or none, "
     "not '1/255'"},
    {"data: {source: digits, scale: 0255}\n" MODEL COMPILE,
     "exp.yaml:1:31: scale must be a number above 0, standardize, minmax, model_weights, or none, "
     "not '0255'; write it without leading "
     "zeros"},
    {"data: {source: digits, scale: 1e999}\n" MODEL COMPILE,
     "exp.yaml:1:31: scale must be a number above 0, standardize, minmax, model_weights, or none, "
     "not '1e999'"},
    {"data: {source: digits, validation: 1}\n" MODEL COMPILE,
     "exp.yaml:1:36: validation must be none, test, a fraction between 0 and 1, or {fraction: 0.1, "
     "from: tail}, not '1'"},
    {"data: {source: digits, validation: None}\n" MODEL COMPILE,
     "exp.yaml:1:36: validation must be none, test, a fraction between 0 and 1, or {fraction: 0.1, "
     "from: tail}, not 'None'; nothing is written none"},
    {"data: {source: digits, validation: \"0.1\"}\n" MODEL COMPILE,
     "exp.yaml:1:36: validation must be none, test, a fraction between 0 and 1, or {fraction: 0.1, "
     "from: tail}, not the string '0.1'; take the quotes away"},
    {"data: {source: digits, validation: tset}\n" MODEL COMPILE,
     "exp.yaml:1:36: validation must be none, test, a fraction between 0 and 1, or {fraction: 0.1, "
     "from: tail}, not 'tset'"},
    {"data: {source: digits, validation: {from: tial}}\n" MODEL COMPILE,
     "exp.yaml:1:36: validation needs 'fraction', such as fraction: 0.1\n"
     "exp.yaml:1:43: unknown from 'tial'; did you mean 'tail'?"},
    {"data: {source: digits, validation: {fraction: 0, form: tail}}\n" MODEL COMPILE,
     "exp.yaml:1:47: fraction must be a number between 0 and 1, both excluded, not '0'\n"
     "exp.yaml:1:50: unknown key 'form'; did you mean 'from'? (validation has: fraction, from)"},
    {"data: {source: digits, folds: x}\n" MODEL COMPILE,
     "exp.yaml:1:24: unknown key 'folds' (data has: source, scale, validation, test, seed, label, "
     "features, missing, missing_policy, separator, header, decimal)"},
    {"data: {source: t.csv, label: none, features: {drop: id, standardise: none}}\n" MODEL COMPILE,
     "exp.yaml:1:53: drop must be a list of columns, or none, not 'id'; write [id]\n"
     "exp.yaml:1:57: unknown key 'standardise'; did you mean 'standardize'? (features has: drop, "
     "standardize, one_hot)"},
    {"data: {source: t.csv, label: [a], features: {drop: [a, a], one_hot: numeric}}\n" MODEL
         COMPILE,
     "exp.yaml:1:30: label must be the name of a column, not a list\n"
     "exp.yaml:1:56: 'a' stands twice in drop; remove one\n"
     "exp.yaml:1:69: one_hot must be categorical, none, or a list of columns, not 'numeric'; write "
     "[numeric]"},
    {"data: {source: t.csv, missing: [], missing_policy: median, separator: x}\n" MODEL COMPILE,
     "exp.yaml:1:32: missing must be a list of texts, such as ['?', ''], not an empty list\n"
     "exp.yaml:1:52: unknown missing_policy 'median'; did you mean 'mean'?\n"
     "exp.yaml:1:71: separator must be ',', ';', '|', tab, space, or none to find it out, not 'x'"},
    {"data: {source: t.csv, test: 1, seed: -1, header: yes}\n" MODEL COMPILE,
     "exp.yaml:1:29: test must be a fraction between 0 and 1, both excluded, or none, not '1'\n"
     "exp.yaml:1:38: seed must be an integer from 0 to 9223372036854775807, not '-1'\n"
     "exp.yaml:1:50: header must be true, false, or none to find it out, not 'yes'; did you mean "
     "'true'?"},
    {DATA "model: [flatten, dense: {units: 1}]\ncompile: {optimizer: adam, loss: huber}\n"
          "fit: {class_weight: balanced}\n",
     "exp.yaml:4:7: class_weight weighs classes, and the loss huber has none; take it out"},
    {DATA MODEL COMPILE "fit: {class_weight: 2}\n",
     "exp.yaml:8:21: class_weight must be balanced or none, not '2'"},
    {DATA MODEL COMPILE "name: a/b\n",
     "exp.yaml:8:7: name must be the name of a directory: 1 to 128 bytes, no '/', no control "
     "characters, neither '.' nor '..', not 'a/b'"},
    {DATA MODEL COMPILE "name: ..\n",
     "exp.yaml:8:7: name must be the name of a directory: 1 to 128 bytes, no '/', no control "
     "characters, neither '.' nor '..', not '..'"},
    {DATA MODEL COMPILE "name: \"\"\n",
     "exp.yaml:8:7: name must be the name of a directory: 1 to 128 bytes, no '/', no control "
     "characters, neither '.' nor '..', not the string ''"},
    {DATA MODEL COMPILE "name: \"a\\x07b\"\n",
     "exp.yaml:8:7: name must be the name of a directory: 1 to 128 bytes, no '/', no control "
     "characters, neither '.' nor '..', not the string 'a b'"},
    {DATA MODEL COMPILE "name: "
                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
     "exp.yaml:8:7: name must be the name of a directory: 1 to 128 bytes, no '/', no control "
     "characters, neither '.' nor '..', not "
     "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"},
    {DATA MODEL COMPILE "name: [a]\n",
     "exp.yaml:8:7: name must be the name of a directory: 1 to 128 bytes, no '/', no control "
     "characters, neither '.' nor '..', not a list"},
    {DATA MODEL COMPILE "name:\n",
     "exp.yaml:8:1: name must be the name of a directory: 1 to 128 bytes, no '/', no control "
     "characters, neither '.' nor '..'; it has no value"},
    {DATA MODEL COMPILE "seed: -1\n",
     "exp.yaml:8:7: seed must be an integer from 0 to 9223372036854775807, not '-1'"},
    {DATA MODEL COMPILE "seed: 9223372036854775808\n",
     "exp.yaml:8:7: seed must be an integer from 0 to 9223372036854775807, not "
     "'9223372036854775808'"},
    {DATA MODEL COMPILE "seed: 010\n",
     "exp.yaml:8:7: seed must be an integer from 0 to 9223372036854775807, not '010' (no leading "
     "zeros); write 10"},
    {DATA MODEL COMPILE "seed: 1e3\n",
     "exp.yaml:8:7: seed must be an integer from 0 to 9223372036854775807, not '1e3'; write 1000"},
    {DATA MODEL COMPILE "seed: \"1\"\n",
     "exp.yaml:8:7: seed must be an integer from 0 to 9223372036854775807, not the string '1'; "
     "take the quotes away"},
    {DATA MODEL COMPILE "seed: 0x10\n",
     "exp.yaml:8:7: seed must be an integer from 0 to 9223372036854775807, not '0x10'"},
    {DATA MODEL COMPILE "seed: none\n",
     "exp.yaml:8:7: seed must be an integer from 0 to 9223372036854775807, not 'none'"},
    {DATA MODEL COMPILE "seed: {}\n",
     "exp.yaml:8:7: seed must be an integer from 0 to 9223372036854775807, not a map"},
    {DATA COMPILE, "exp.yaml:1:1: the experiment needs 'model', such as model: [flatten, {dense: "
                   "{units: 10, activation: softmax}}]"},
    {DATA "model:\n" COMPILE, "exp.yaml:2:1: model must be a list of layers; it has no value"},
    {DATA "model: []\n" COMPILE, "exp.yaml:2:8: the model is empty; it needs at least an output "
                                 "layer, such as dense: {units: 10, activation: softmax}"},
    {DATA "model: {flatten: {}}\n" COMPILE,
     "exp.yaml:2:8: model must be a list of layers, not a map; start each layer with '- '"},
    {DATA "model: flatten\n" COMPILE,
     "exp.yaml:2:8: model must be a list of layers, not 'flatten'"},
    {DATA "model:\n  - conv2d\n" OUTPUT COMPILE,
     "exp.yaml:3:5: unknown layer 'conv2d'; use flatten, dense or dropout"},
    {DATA "model:\n  - Flatten\n" OUTPUT COMPILE,
     "exp.yaml:3:5: unknown layer 'Flatten'; did you mean 'flatten'?"},
    {DATA "model:\n  - dens: {units: 10, activation: softmax}\n" COMPILE,
     "exp.yaml:3:5: unknown layer 'dens'; did you mean 'dense'?"},
    {DATA "model:\n  - flatten:\n" OUTPUT COMPILE,
     "exp.yaml:3:5: flatten has no value; write flatten alone, without the colon"},
    {DATA "model:\n  - [flatten]\n" OUTPUT COMPILE,
     "exp.yaml:3:5: a list is no layer; use flatten, dense or dropout"},
    {DATA "model:\n  - {}\n" OUTPUT COMPILE,
     "exp.yaml:3:5: there is no layer here; use flatten, dense or dropout"},
    {DATA "model:\n  - \n" OUTPUT COMPILE,
     "exp.yaml:3:3: there is no layer here; use flatten, dense or dropout"},
    {DATA "model:\n  - dense: 128\n" OUTPUT COMPILE,
     "exp.yaml:3:12: dense must be a map, not '128'; write dense: {units: 128}"},
    {DATA "model:\n  - dropout: 0.2\n" OUTPUT COMPILE,
     "exp.yaml:3:14: dropout must be a map, not '0.2'; write dropout: {rate: 0.2}"},
    {DATA "model:\n  - dense\n" OUTPUT COMPILE,
     "exp.yaml:3:5: dense needs 'units', such as units: 128"},
    {DATA "model:\n  - dropout: {}\n" OUTPUT COMPILE,
     "exp.yaml:3:14: dropout needs 'rate', such as rate: 0.2"},
    {DATA "model:\n  - dense:\n" OUTPUT COMPILE,
     "exp.yaml:3:5: dense has no value; write dense: {units: 128}"},
    {DATA "model:\n  - dense:\n    units: 10\n    activation: softmax\n" COMPILE,
     "exp.yaml:4:5: 'units' stands beside 'dense'; indent it below, or write dense: {units: 128}"},
    {DATA "model:\n  - flatten\n    dense: {units: 3}\n" OUTPUT COMPILE,
     "exp.yaml:3:5: not valid YAML: invalid multiline plain key"},
    {DATA "model:\n  - flatten:\n    dense: {units: 3}\n" OUTPUT COMPILE,
     "exp.yaml:4:5: 'dense' stands beside 'flatten'; there is one layer in a place: keep one"},
    {DATA "model:\n  - dense: {units: 0}\n" OUTPUT COMPILE,
     "exp.yaml:3:20: units must be an integer from 1 to 2147483647, not '0'"},
    {DATA "model:\n  - dense: {units: 128.0}\n" OUTPUT COMPILE,
     "exp.yaml:3:20: units must be an integer from 1 to 2147483647, not '128.0'; write 128"},
    {DATA "model:\n  - dense: {units: 2147483648}\n" OUTPUT COMPILE,
     "exp.yaml:3:20: units must be an integer from 1 to 2147483647, not '2147483648'"},
    {DATA "model:\n  - dense: {units: \"128\"}\n" OUTPUT COMPILE,
     "exp.yaml:3:20: units must be an integer from 1 to 2147483647, not the string '128'; take the "
     "quotes away"},
    {DATA "model:\n  - dense: {units: [1]}\n" OUTPUT COMPILE,
     "exp.yaml:3:20: units must be an integer from 1 to 2147483647, not a list"},
    {DATA "model:\n  - dense: {units: 5, activation: rleu}\n" OUTPUT COMPILE,
     "exp.yaml:3:35: unknown activation 'rleu'; did you mean 'relu'?"},
    {DATA "model:\n  - dense: {units: 5, activation: ReLU}\n" OUTPUT COMPILE,
     "exp.yaml:3:35: unknown activation 'ReLU'; did you mean 'relu'?"},
    {DATA "model:\n  - dense: {units: 5, activation: swish}\n" OUTPUT COMPILE,
     "exp.yaml:3:35: unknown activation 'swish'; use linear, relu, sigmoid, tanh or softmax"},
    {DATA "model:\n  - dense: {units: 5, activation: [relu]}\n" OUTPUT COMPILE,
     "exp.yaml:3:35: activation must be linear, relu, sigmoid, tanh or softmax, not a list"},
    {DATA "model:\n  - dense: {units: 5, use_bias: yes}\n" OUTPUT COMPILE,
     "exp.yaml:3:33: use_bias must be true or false, not 'yes'; did you mean 'true'?"},
    {DATA "model:\n  - dense: {units: 5, use_bias: off}\n" OUTPUT COMPILE,
     "exp.yaml:3:33: use_bias must be true or false, not 'off'; did you mean 'false'?"},
    {DATA "model:\n  - dense: {units: 5, use_bias: True}\n" OUTPUT COMPILE,
     "exp.yaml:3:33: use_bias must be true or false, not 'True'; did you mean 'true'?"},
    {DATA "model:\n  - dense: {units: 5, use_bias: \"true\"}\n" OUTPUT COMPILE,
     "exp.yaml:3:33: use_bias must be true or false, not the string 'true'; take the quotes away"},
    {DATA "model:\n  - dense: {units: 5, use_bias: maybe}\n" OUTPUT COMPILE,
     "exp.yaml:3:33: use_bias must be true or false, not 'maybe'"},
    {DATA "model:\n  - dense: {units: 5, use_bias: []}\n" OUTPUT COMPILE,
     "exp.yaml:3:33: use_bias must be true or false, not a list"},
    {DATA "model:\n  - dense: {units: 5, kernel_initializer: he_unifrom, bias_initializer: "
          "ones}\n" OUTPUT COMPILE,
     "exp.yaml:3:43: unknown kernel_initializer 'he_unifrom'; did you mean 'he_uniform'?\n"
     "exp.yaml:3:73: unknown bias_initializer 'ones'; use glorot_uniform, he_uniform or zeros"},
    {DATA "model:\n  - dropout: {rate: 1.5}\n" OUTPUT COMPILE,
     "exp.yaml:3:21: rate must be a number from 0 to 1, not '1.5'"},
    {DATA "model:\n  - dropout: {rate: 20%}\n" OUTPUT COMPILE,
     "exp.yaml:3:21: rate must be a number from 0 to 1, not '20%'"},
    {DATA "model:\n  - dropout: {rate: nan}\n" OUTPUT COMPILE,
     "exp.yaml:3:21: rate must be a number from 0 to 1, not 'nan'"},
    {DATA "model:\n  - dropout: {rate: -0.1}\n" OUTPUT COMPILE,
     "exp.yaml:3:21: rate must be a number from 0 to 1, not '-0.1'"},
    {DATA "model:\n  - dropout: {p: 0.2}\n" OUTPUT COMPILE,
     "exp.yaml:3:14: dropout needs 'rate', such as rate: 0.2\n"
     "exp.yaml:3:15: unknown key 'p' (dropout has: rate, input_shape)"},
    {DATA "model:\n  - dropout: {rate: {a: 1}}\n" OUTPUT COMPILE,
     "exp.yaml:3:21: rate must be a number from 0 to 1, not a map"},
    {DATA "model:\n  - flatten: {input_shape: 784}\n" OUTPUT COMPILE,
     "exp.yaml:3:28: input_shape must be a list of 1 to 4 integers of at least 1, such as [28, "
     "28], not '784'"},
    {DATA "model:\n  - flatten: {input_shape: []}\n" OUTPUT COMPILE,
     "exp.yaml:3:28: input_shape must be a list of 1 to 4 integers of at least 1, such as [28, "
     "28], not a list of 0"},
    {DATA "model:\n  - flatten: {input_shape: [1, 2, 3, 4, 5]}\n" OUTPUT COMPILE,
     "exp.yaml:3:28: input_shape must be a list of 1 to 4 integers of at least 1, such as [28, "
     "28], not a list of 5"},
    {DATA "model:\n  - flatten: {input_shape: [28, 0]}\n" OUTPUT COMPILE,
     "exp.yaml:3:33: input_shape must be a list of 1 to 4 integers of at least 1, such as [28, "
     "28], not '0'"},
    {DATA "model:\n  - flatten: {input_shape: [28, x]}\n" OUTPUT COMPILE,
     "exp.yaml:3:33: input_shape must be a list of 1 to 4 integers of at least 1, such as [28, "
     "28], not 'x'"},
    {DATA "model:\n  - flatten\n  - dense: {units: 10, activation: softmax, input_shape: "
          "[784]}\n" COMPILE,
     "exp.yaml:4:45: only the first layer may have input_shape; remove it"},
    {DATA "model:\n  - flatten\n" COMPILE,
     "exp.yaml:3:5: the last layer must be dense, with one unit a class, not flatten; add dense: "
     "{units: 10, activation: softmax} behind it"},
    {DATA "model:\n  - dropout: {rate: 0.1}\n" COMPILE,
     "exp.yaml:3:5: the last layer must be dense, with one unit a class, not dropout; add dense: "
     "{units: 10, activation: softmax} behind it"},
    {DATA "model:\n" OUTPUT "  - flatten\n" COMPILE,
     "exp.yaml:4:5: the last layer must be dense, with one unit a class, not flatten; add dense: "
     "{units: 10, activation: softmax} behind it"},
    {DATA "model:\n  - dense: {units: 1, activation: softmax}\n" COMPILE,
     "exp.yaml:3:5: the output layer has 1 unit, but sparse_categorical_crossentropy needs one a "
     "class: use units: 2 for two classes"},
    {DATA "model:\n  - flatten\n  - dense: {units: 10, activation: relu}\n" COMPILE,
     "exp.yaml:4:5: the loss needs probabilities, but the output layer's activation is relu; use "
     "activation: softmax, or activation: linear with loss: {sparse_categorical_crossentropy: "
     "{from_logits: true}}"},
    {DATA "model:\n" OUTPUT "  - dropout: {rate: 0.1}\n" COMPILE,
     "exp.yaml:4:5: dropout after the softmax output sets probabilities to 0, and the loss of a "
     "right class to infinity; move it before the output layer"},
    {DATA "model:\n  - dense: {units: 10}\n" COMPILE,
     "exp.yaml:3:5: the loss needs probabilities, but the output layer's activation is linear; use "
     "activation: softmax, or activation: linear with loss: {sparse_categorical_crossentropy: "
     "{from_logits: true}}"},
    {DATA MODEL "compile:\n  optimizer: adam\n  loss: {sparse_categorical_crossentropy: "
                "{from_logits: true}}\n",
     "exp.yaml:4:5: with from_logits: true the loss applies the softmax itself, but the output "
     "layer's activation is softmax; use activation: linear, or from_logits: false with "
     "activation: softmax"},
    {DATA MODEL "compile:\n  optimizer: adm\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:14: unknown optimizer 'adm'; did you mean 'adam'?"},
    {DATA MODEL "compile:\n  optimizer: rmsprop\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:14: unknown optimizer 'rmsprop'; use adam or sgd"},
    {DATA MODEL
     "compile:\n  optimizer: {adam: {lr: 0.1}}\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:22: unknown key 'lr' (adam has: learning_rate, beta_1, beta_2, epsilon)"},
    {DATA MODEL "compile:\n  optimizer: {adam: }\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:15: adam has no value; write adam alone, without the colon"},
    {DATA MODEL "compile:\n  optimizer: {adam: 0.01}\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:21: adam must be a map, not '0.01'; write adam: {learning_rate: 0.01}"},
    {DATA MODEL
     "compile:\n  optimizer: {sgd: {nesterov: true}}\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:31: nesterov: true needs a momentum above 0, such as momentum: 0.9"},
    {DATA MODEL "compile:\n  optimizer: {sgd: {momentum: 2, nesterov: true}}\n  loss: "
                "sparse_categorical_crossentropy\n",
     "exp.yaml:6:31: momentum must be a number from 0 to 1, not '2'"},
    {DATA MODEL
     "compile:\n  optimizer: {adam: {}, sgd: {}}\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:25: 'sgd' stands beside 'adam'; there is one optimizer in a place: keep one"},
    {DATA MODEL "compile:\n  optimizer: {adam: {learning_rate: -1, beta_1: 1, beta_2: -0.5, "
                "epsilon: 1e-46}}\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:37: learning_rate must be a number of at least 0, not '-1'\n"
     "exp.yaml:6:49: beta_1 must be a number from 0 to below 1, not '1'\n"
     "exp.yaml:6:60: beta_2 must be a number from 0 to below 1, not '-0.5'\n"
     "exp.yaml:6:75: epsilon must be a number above 0 in single precision (1e-45 to 3e38), not "
     "'1e-46'"},
    {DATA MODEL "compile:\n  optimizer: \n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:3: there is no optimizer here; use adam or sgd"},
    {DATA MODEL "compile:\n  optimizer: []\n  loss: sparse_categorical_crossentropy\n",
     "exp.yaml:6:14: a list is no optimizer; use adam or sgd"},
    {DATA MODEL "compile:\n  optimizer: adam\n  loss: mse\n",
     "exp.yaml:7:9: unknown loss 'mse'; use sparse_categorical_crossentropy, mean_squared_error, "
     "mean_absolute_error or huber"},
    {DATA MODEL
     "compile:\n  optimizer: adam\n  loss: {sparse_categorical_crossentropy: {from_logits: no}}\n",
     "exp.yaml:7:57: from_logits must be true or false, not 'no'; did you mean 'false'?"},
    {DATA MODEL COMPILE "  metrics: accuracy\n",
     "exp.yaml:8:12: metrics must be a list of metrics, such as accuracy and train_eval, or none, "
     "not 'accuracy'; "
     "write [accuracy]"},
    {DATA MODEL COMPILE "  metrics: [acuracy]\n",
     "exp.yaml:8:13: unknown metric 'acuracy'; did you mean 'accuracy'?"},
    {DATA MODEL COMPILE "  metrics: [accuracy, accuracy]\n",
     "exp.yaml:8:23: metric 'accuracy' stands twice; remove one"},
    {DATA MODEL COMPILE "  metrics: [[accuracy]]\n",
     "exp.yaml:8:13: metrics must be a list of metrics, such as accuracy and train_eval, or none, "
     "not a list"},
    {DATA MODEL COMPILE "  metrics: [accuracy, f1]\n",
     "exp.yaml:8:23: unknown metric 'f1'; use accuracy, mean_absolute_error, mean_squared_error, "
     "r2_score or train_eval"},
    {DATA MODEL COMPILE "  metrics: null\n",
     "exp.yaml:8:12: metrics must be a list of metrics, such as accuracy and train_eval, or none, "
     "not 'null'; "
     "nothing is written none"},
    {DATA MODEL COMPILE "  metrics: {a: 1}\n",
     "exp.yaml:8:12: metrics must be a list of metrics, such as accuracy and train_eval, or none, "
     "not a map"},
    {DATA "model: [dense: {units: 10, activation: softmax}]\ncompile: {}\n",
     "exp.yaml:3:10: compile needs 'optimizer', such as optimizer: adam\n"
     "exp.yaml:3:10: compile needs 'loss', such as loss: sparse_categorical_crossentropy"},
    {DATA "model: [dense: {units: 10, activation: softmax}]\ncompile: adam\n",
     "exp.yaml:3:10: compile must be a map, not 'adam'; write compile: {optimizer: adam}"},
    {DATA MODEL COMPILE "fit: {epochs: 0, batch_size: 60,000}\n",
     "exp.yaml:8:15: epochs must be an integer from 1 to 2147483647, not '0'\n"
     "exp.yaml:8:33: unknown key '000' (fit has: epochs, batch_size, shuffle, class_weight, "
     "callbacks)"},
    {DATA MODEL COMPILE "fit: {epoch: 3, shuffle: no}\n",
     "exp.yaml:8:7: unknown key 'epoch'; did you mean 'epochs'? (fit has: epochs, batch_size, "
     "shuffle, class_weight, callbacks)\n"
     "exp.yaml:8:26: shuffle must be true or false, not 'no'; did you mean 'false'?"},
    {DATA MODEL COMPILE "fit: 5\n",
     "exp.yaml:8:6: fit must be a map, not '5'; write fit: {epochs: 5}"},
    {DATA MODEL COMPILE "fit:\n", "exp.yaml:8:1: fit has no value; write fit: {epochs: 5}"},
    {DATA MODEL COMPILE "fit: {epochs: 5, epochs: 6}\n",
     "exp.yaml:8:18: duplicate key 'epochs'; it already stands at line 8, column 7; remove one"},
    {DATA MODEL COMPILE "fit: {callbacks: early_stopping}\n",
     "exp.yaml:8:18: callbacks must be a list of callbacks, or none, not 'early_stopping'; write "
     "[early_stopping]"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    early_stopping: {patience: 3}\n",
     "exp.yaml:10:5: callbacks must be a list of callbacks, or none, not a map; start each "
     "callback with '- '"},
    {DATA MODEL COMPILE "fit: {callbacks: null}\n",
     "exp.yaml:8:18: callbacks must be a list of callbacks, or none, not 'null'; nothing is "
     "written none"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n",
     "exp.yaml:9:3: callbacks must be a list of callbacks, or none; it has no value"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - early_stoping\n",
     "exp.yaml:10:7: unknown callback 'early_stoping'; did you mean 'early_stopping'?"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - EarlyStopping: {patience: 3}\n",
     "exp.yaml:10:7: unknown callback 'EarlyStopping'; did you mean 'early_stopping'?"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - csv_logger\n",
     "exp.yaml:10:7: unknown callback 'csv_logger'; use early_stopping, model_checkpoint, "
     "terminate_on_nan or reduce_lr_on_plateau"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - \n",
     "exp.yaml:10:5: there is no callback here; use early_stopping, model_checkpoint, "
     "terminate_on_nan or reduce_lr_on_plateau"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - early_stopping: 3\n",
     "exp.yaml:10:23: early_stopping must be a map, not '3'; write early_stopping: {patience: 3}"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - reduce_lr_on_plateau: [0.5]\n",
     "exp.yaml:10:29: reduce_lr_on_plateau must be a map, not a list; write reduce_lr_on_plateau: "
     "{factor: 0.5}"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - early_stopping:\n      patience: 3\n",
     "exp.yaml:11:7: 'patience' stands beside 'early_stopping'; indent it below, or write "
     "early_stopping: {patience: 3}"},
    {DATA MODEL COMPILE
     "fit:\n  callbacks:\n    - terminate_on_nan: {}\n      model_checkpoint: {}\n",
     "exp.yaml:11:7: 'model_checkpoint' stands beside 'terminate_on_nan'; there is one callback in "
     "a place: keep one"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - terminate_on_nan: true\n",
     "exp.yaml:10:25: terminate_on_nan has no keys; write terminate_on_nan alone"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - terminate_on_nan: {raise_error: true}\n",
     "exp.yaml:10:26: unknown key 'raise_error' (terminate_on_nan has no keys)"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - terminate_on_nan:\n",
     "exp.yaml:10:7: terminate_on_nan has no value; write terminate_on_nan alone, without the "
     "colon"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - terminate_on_nan\n    - model_checkpoint\n"
                        "    - terminate_on_nan\n    - model_checkpoint: {save_freq: 9}\n",
     "exp.yaml:12:7: callback 'terminate_on_nan' stands twice; remove one\n"
     "exp.yaml:13:7: callback 'model_checkpoint' stands twice; remove one"},
    {DATA MODEL COMPILE
     "fit:\n  callbacks: [early_stopping: {monitor: val_los, mode: least, min_delta: -0.1, "
     "patience: -1, baseline: null, restore_best_weights: yes, start_from_epoch: 1.0, verbose: "
     "1}]\n",
     "exp.yaml:9:41: unknown monitor 'val_los'; did you mean 'val_loss'?\n"
     "exp.yaml:9:56: unknown mode 'least'; use auto, min or max\n"
     "exp.yaml:9:74: min_delta must be a number of at least 0, not '-0.1'\n"
     "exp.yaml:9:90: patience must be an integer from 0 to 2147483647, not '-1'\n"
     "exp.yaml:9:104: baseline must be a number, or none, not 'null'; nothing is written none\n"
     "exp.yaml:9:132: restore_best_weights must be true or false, not 'yes'; did you mean 'true'?\n"
     "exp.yaml:9:155: start_from_epoch must be an integer from 0 to 2147483647, not '1.0'; write "
     "1\n"
     "exp.yaml:9:160: unknown key 'verbose' (early_stopping has: monitor, min_delta, patience, "
     "mode, baseline, restore_best_weights, start_from_epoch)"},
    {DATA MODEL COMPILE
     "fit:\n  callbacks: [model_checkpoint: {monitor: f1, save_best_only: 1, save_freq: 0, "
     "initial_value_threshold: inf, filepath: best.keras}]\n",
     "exp.yaml:9:43: unknown monitor 'f1'; use loss, accuracy, "
     "mean_absolute_error, mean_squared_error, r2_score, val_loss, val_accuracy, "
     "val_mean_absolute_error, val_mean_squared_error, val_r2_score, train_eval_loss, "
     "train_eval_accuracy, train_eval_mean_absolute_error, train_eval_mean_squared_error or "
     "train_eval_r2_score\n"
     "exp.yaml:9:63: save_best_only must be true or false, not '1'; did you mean 'true'?\n"
     "exp.yaml:9:77: save_freq must be epoch, or a number of steps from 1 to 2147483647, not '0'\n"
     "exp.yaml:9:105: initial_value_threshold must be a number, or none, not 'inf'\n"
     "exp.yaml:9:110: unknown key 'filepath' (model_checkpoint has: monitor, mode, save_best_only, "
     "save_freq, initial_value_threshold)"},
    {DATA MODEL COMPILE
     "fit:\n  callbacks: [reduce_lr_on_plateau: {factor: 1, cooldown: 2147483648, min_lr: -1}]\n",
     "exp.yaml:9:46: factor must be a number from 0 to below 1, not '1'\n"
     "exp.yaml:9:59: cooldown must be an integer from 0 to 2147483647, not '2147483648'\n"
     "exp.yaml:9:79: min_lr must be a number of at least 0, not '-1'"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - early_stopping\n",
     "exp.yaml:10:7: early_stopping cannot monitor val_loss, its default, without data.validation "
     "(this experiment computes: loss)"},
    {DATA MODEL COMPILE "  metrics: [accuracy]\nfit:\n  callbacks:\n    - early_stopping: "
                        "{patience: 3}\n    - reduce_lr_on_plateau: {patience: 1, monitor: "
                        "val_accuracy}\n    - model_checkpoint: {save_best_only: true, monitor: "
                        "train_eval_accuracy}\n",
     "exp.yaml:11:7: early_stopping cannot monitor val_loss, its default, without data.validation "
     "(this experiment computes: loss, accuracy)\n"
     "exp.yaml:12:52: reduce_lr_on_plateau cannot monitor val_accuracy without data.validation "
     "(this experiment computes: loss, accuracy)\n"
     "exp.yaml:13:57: model_checkpoint cannot monitor train_eval_accuracy without train_eval in "
     "compile.metrics (this experiment computes: loss, accuracy)"},
    {"data: {source: digits, validation: test}\n" MODEL COMPILE
     "  metrics: [train_eval]\nfit:\n  callbacks:\n    - early_stopping: {monitor: accuracy}\n",
     "exp.yaml:11:33: early_stopping cannot monitor accuracy without accuracy in compile.metrics "
     "(this experiment computes: loss, val_loss, train_eval_loss)"},
    {DATA MODEL COMPILE "fit:\n  callbacks:\n    - early_stopping: {monitor: val_accuracy}\n    - "
                        "reduce_lr_on_plateau: {monitor: train_eval_accuracy}\n",
     "exp.yaml:10:33: early_stopping cannot monitor val_accuracy without data.validation and "
     "accuracy in compile.metrics (this experiment computes: loss)\n"
     "exp.yaml:11:39: reduce_lr_on_plateau cannot monitor train_eval_accuracy without train_eval "
     "and accuracy in compile.metrics (this experiment computes: loss)"},
    /* What is monitored may be there once the other error is mended. */
    {"data: {source: digits, validation: tset}\n" MODEL COMPILE
     "fit:\n  callbacks:\n    - early_stopping\n    - reduce_lr_on_plateau: {monitor: los}\n",
     "exp.yaml:1:36: validation must be none, test, a fraction between 0 and 1, or {fraction: 0.1, "
     "from: tail}, not 'tset'\n"
     "exp.yaml:11:39: unknown monitor 'los'; did you mean 'loss'?"},
    {DATA MODEL COMPILE "  metrics: [acuracy]\nfit: {callbacks: [early_stopping: {monitor: "
                        "accuracy}]}\n",
     "exp.yaml:8:13: unknown metric 'acuracy'; did you mean 'accuracy'?"},
    {"data: digits\n" MODEL COMPILE "fit: {callbacks: [early_stopping]}\n",
     "exp.yaml:1:7: data must be a map, not 'digits'; write data: {source: digits}"},
    {DATA MODEL "compile: adam\nfit: {callbacks: [early_stopping: {monitor: accuracy}]}\n",
     "exp.yaml:5:10: compile must be a map, not 'adam'; write compile: {optimizer: adam}"},
    /* Callbacks are looked at also where there is no model. */
    {DATA COMPILE "fit: {callbacks: [early_stopping]}\n",
     "exp.yaml:1:1: the experiment needs 'model', such as model: [flatten, {dense: {units: 10, "
     "activation: softmax}}]\n"
     "exp.yaml:5:19: early_stopping cannot monitor val_loss, its default, without data.validation "
     "(this experiment computes: loss)"},
    {DATA MODEL COMPILE "model_weights: null\n",
     "exp.yaml:8:16: model_weights must be the path of a safetensors file, or none, not 'null'; "
     "nothing is written none"},
    {DATA MODEL COMPILE "model_weights: [a]\n",
     "exp.yaml:8:16: model_weights must be the path of a safetensors file, or none, not a list"},
    {DATA MODEL COMPILE "model_weights:\n", "exp.yaml:8:1: model_weights must be the path of a "
                                            "safetensors file, or none; it has no value"},
    {"data: {source: none}\nmodel:\n  - flatten\n  - dense: {units: 10, activation: "
     "sofmax}\ncompile:\n  optimizer: adma\n  loss: sparse_categorical_crossentropy\nsede: 3\nfit: "
     "{epochs: x}\n",
     "exp.yaml:1:16: source must be digits, a path, or a map such as {x: x.npy, y: y.npy}, not "
     "'none'; a directory of "
     "that name is written ./none\n"
     "exp.yaml:4:36: unknown activation 'sofmax'; did you mean 'softmax'?\n"
     "exp.yaml:6:14: unknown optimizer 'adma'; did you mean 'adam'?\n"
     "exp.yaml:8:1: unknown key 'sede'; did you mean 'seed'? (the experiment has: name, seed, "
     "data, model, compile, fit, model_weights)\n"
     "exp.yaml:9:15: epochs must be an integer from 1 to 2147483647, not 'x'"},
};

CASE(experiment_errors, of_the_file) {
    const isb_setting none[MOST_SETTINGS] = {{0}};
    for (size_t i = 0; i < sizeof file_errors / sizeof file_errors[0]; i++)
        check_errors(file_errors[i][0], none, file_errors[i][1]);
}

static const error_case setting_errors[] = {
    {DATA MODEL COMPILE,
     {{"--set", "fit.epoch", "3"}},
     "--set fit.epoch=3: unknown key 'epoch'; did you mean 'epochs'? (fit has: epochs, batch_size, "
     "shuffle, class_weight, callbacks)"},
    {DATA MODEL COMPILE,
     {{"--set", "ftt.epochs", "3"}},
     "--set ftt.epochs=3: unknown key 'ftt'; did you mean 'fit'? (the experiment has: name, seed, "
     "data, model, compile, fit, model_weights)"},
    {DATA MODEL COMPILE,
     {{"--set", "fit.epochs", "x"}},
     "--set fit.epochs=x: epochs must be an integer from 1 to 2147483647, not 'x'"},
    {DATA MODEL COMPILE,
     {{"--set", "fit.epochs", ""}},
     "--set fit.epochs=: epochs must be an integer from 1 to 2147483647; it has no value"},
    {DATA MODEL COMPILE,
     {{"--set", "", "3"}},
     "--set =3: the key is missing; write --set fit.epochs=10"},
    {DATA MODEL COMPILE,
     {{"--set", "fit..epochs", "3"}},
     "--set fit..epochs=3: the key 'fit..epochs' has an empty part; write it as fit.epochs"},
    {DATA MODEL COMPILE,
     {{"--set", ".fit", "3"}},
     "--set .fit=3: the key '.fit' has an empty part; write it as fit.epochs"},
    {DATA MODEL COMPILE,
     {{"--set", "fit.", "3"}},
     "--set fit.=3: the key 'fit.' has an empty part; write it as fit.epochs"},
    {DATA MODEL COMPILE,
     {{"--set", "fit.epochs", "[3"}},
     "--set fit.epochs=[3: not valid YAML: flow sequence without a closing bracket"},
    {DATA MODEL COMPILE,
     {{"--set", "fit.epochs", "\"3\""}},
     "--set fit.epochs=\"3\": epochs must be an integer from 1 to 2147483647, not the string '3'; "
     "take the quotes away"},
    {DATA MODEL COMPILE,
     {{"--set", "fit.epochs.x", "3"}},
     "--set fit.epochs.x=3: fit.epochs has no keys inside; set fit.epochs itself"},
    {DATA MODEL COMPILE,
     {{"--set", "fit", "3"}},
     "--set fit=3: fit must be a map, not '3'; write fit: {epochs: 3}"},
    {DATA MODEL COMPILE,
     {{"--set", "compile.optimizer.sgd.learning_rate", "0.1"}},
     "--set compile.optimizer.sgd.learning_rate=0.1: compile.optimizer is 'adam', not 'sgd'; set "
     "compile.optimizer itself to change it"},
    {DATA MODEL COMPILE,
     {{"--set", "compile.optimizer.adma.learning_rate", "0.1"}},
     "--set compile.optimizer.adma.learning_rate=0.1: unknown optimizer 'adma'; did you mean "
     "'adam'?"},
    {DATA MODEL COMPILE,
     {{"--set", "compile.optimizer.adam.lr", "0.1"}},
     "--set compile.optimizer.adam.lr=0.1: unknown key 'lr' (adam has: learning_rate, beta_1, "
     "beta_2, epsilon)"},
    {DATA MODEL COMPILE,
     {{"--set", "model.2.dropout.rate", "0.1"}},
     "--set model.2.dropout.rate=0.1: model has no item '2'; its items are 0 to 1"},
    {DATA MODEL COMPILE,
     {{"--set", "model.dropout.rate", "0.1"}},
     "--set model.dropout.rate=0.1: model has no layer 'dropout'"},
    {DATA MODEL COMPILE,
     {{"--set", "model.dropuot.rate", "0.1"}},
     "--set model.dropuot.rate=0.1: unknown layer 'dropuot'; did you mean 'dropout'?"},
    {DATA MODEL COMPILE,
     {{"--set", "model.0.dense.units", "3"}},
     "--set model.0.dense.units=3: model.0 is 'flatten', not 'dense'; set model.0 itself to change "
     "it"},
    {DATA MODEL COMPILE,
     {{"--set", "model.-1", "flatten"}},
     "--set model.-1=flatten: model has no item '-1'; its items are 0 to 1"},
    {DATA MODEL COMPILE,
     {{"--set", "model.1.dense.unit", "3"}},
     "--set model.1.dense.unit=3: unknown key 'unit'; did you mean 'units'? (dense has: units, "
     "activation, use_bias, kernel_initializer, bias_initializer, input_shape)"},
    {DATA "model:\n  - dense: {units: 3}\n" OUTPUT COMPILE,
     {{"--set", "model.dense.units", "3"}},
     "--set model.dense.units=3: model has more than one dense; write model.0.dense, "
     "model.1.dense"},
    {DATA MODEL COMPILE,
     {{"--set", "model", "[]"}, {"--set", "model.0", "flatten"}},
     "--set model=[]: the model is empty; it needs at least an output layer, such as dense: "
     "{units: 10, activation: softmax}\n"
     "--set model.0=flatten: model is an empty list; set model itself"},
    {DATA COMPILE,
     {{"--set", "model.0", "flatten"}},
     "--set model.0=flatten: model holds nothing yet; set model itself"},
    {"data: {source: digits, validation: 0.1}\n" MODEL COMPILE,
     {{"--set", "data.validation.from", "tail"}},
     "--set data.validation.from=tail: data.validation is '0.1' and has no keys inside; set "
     "data.validation itself"},
    {DATA MODEL COMPILE,
     {{"--set", "compile.metrics.0", "accuracy"}},
     "--set compile.metrics.0=accuracy: compile.metrics has no keys inside; set compile.metrics "
     "itself"},
    {DATA MODEL COMPILE "  metrics: [accuracy]\n",
     {{"--set", "compile.metrics.1", "train_eval"}},
     "--set compile.metrics.1=train_eval: compile.metrics has no item '1'; its items are 0 to 0"},
    {DATA MODEL COMPILE "  metrics: [accuracy]\n",
     {{"--set", "compile.metrics.0", "f1"}},
     "--set compile.metrics.0=f1: unknown metric 'f1'; use accuracy, mean_absolute_error, "
     "mean_squared_error, r2_score or train_eval"},
    {DATA MODEL COMPILE,
     {{"--set", "fit.callbacks.early_stopping.patience", "5"}},
     "--set fit.callbacks.early_stopping.patience=5: fit.callbacks holds nothing yet; set "
     "fit.callbacks itself"},
    {DATA MODEL COMPILE "fit: {callbacks: none}\n",
     {{"--set", "fit.callbacks.0.early_stopping.patience", "5"}},
     "--set fit.callbacks.0.early_stopping.patience=5: fit.callbacks is 'none' and has no keys "
     "inside; set fit.callbacks itself"},
    {DATA MODEL COMPILE "fit: {callbacks: [model_checkpoint]}\n",
     {{"--set", "fit.callbacks.early_stopping.patience", "5"}},
     "--set fit.callbacks.early_stopping.patience=5: fit.callbacks has no callback "
     "'early_stopping'"},
    {DATA MODEL COMPILE "fit: {callbacks: [model_checkpoint]}\n",
     {{"--set", "fit.callbacks.0.early_stopping.patience", "5"}},
     "--set fit.callbacks.0.early_stopping.patience=5: fit.callbacks.0 is 'model_checkpoint', not "
     "'early_stopping'; set fit.callbacks.0 itself to change it"},
    {DATA MODEL COMPILE "fit: {callbacks: [model_checkpoint]}\n",
     {{"--set", "fit.callbacks.1", "early_stopping"}},
     "--set fit.callbacks.1=early_stopping: fit.callbacks has no item '1'; its items are 0 to 0"},
    {DATA MODEL COMPILE "fit: {callbacks: [model_checkpoint]}\n",
     {{"--set", "fit.callbacks.model_checkpiont.save_freq", "5"},
      {"--set", "fit.callbacks.model_checkpoint.save_frequency", "5"},
      {"--set", "fit.callback", "none"}},
     "--set fit.callbacks.model_checkpiont.save_freq=5: unknown callback 'model_checkpiont'; did "
     "you mean 'model_checkpoint'?\n"
     "--set fit.callbacks.model_checkpoint.save_frequency=5: unknown key 'save_frequency' "
     "(model_checkpoint has: monitor, mode, save_best_only, save_freq, initial_value_threshold)\n"
     "--set fit.callback=none: unknown key 'callback'; did you mean 'callbacks'? (fit has: epochs, "
     "batch_size, shuffle, class_weight, callbacks)"},
    {DATA MODEL COMPILE "fit: {callbacks: [terminate_on_nan]}\n",
     {{"--set", "fit.callbacks.0.terminate_on_nan.x", "5"},
      {"--set", "fit.callbacks", "[early_stopping: {monitor: accuracy}]"}},
     "--set fit.callbacks.0.terminate_on_nan.x=5: unknown key 'x' (terminate_on_nan has no keys)\n"
     "--set fit.callbacks=[early_stopping: {monitor: accuracy}]: early_stopping cannot monitor "
     "accuracy without accuracy in compile.metrics (this experiment computes: loss)"},
    {DATA MODEL COMPILE,
     {{"--seed", "seed", "7x"}},
     "--seed 7x: seed must be an integer from 0 to 9223372036854775807, not '7x'"},
    {DATA MODEL COMPILE,
     {{"--data", "data.source", ""}},
     "--data '': source must be digits, a path, or a map such as {x: x.npy, y: y.npy}; it has no "
     "value"},
    {DATA MODEL COMPILE,
     {{"--data", "data.source", "none"}},
     "--data none: source must be digits, a path, or a map such as {x: x.npy, y: y.npy}, not "
     "'none'; a directory of "
     "that name is written ./none"},
    {DATA MODEL COMPILE,
     {{"--set", "model.1", "dropout"}},
     "--set model.1=dropout: dropout needs 'rate', such as rate: 0.2"},
    {DATA MODEL COMPILE,
     {{"--set", "name", "&a b"}},
     "--set name=&a b: anchors (&name) are not supported; remove it"},
    {"data: {source: none}\n" MODEL COMPILE,
     {{"--set", "fit.epoch", "3"},
      {"--seed", "seed", "-1"},
      {"--set", "compile.optimizer", "{adam: {lr: 1}}"}},
     "exp.yaml:1:16: source must be digits, a path, or a map such as {x: x.npy, y: y.npy}, not "
     "'none'; a directory of "
     "that name is written ./none\n"
     "--set fit.epoch=3: unknown key 'epoch'; did you mean 'epochs'? (fit has: epochs, batch_size, "
     "shuffle, class_weight, callbacks)\n"
     "--seed -1: seed must be an integer from 0 to 9223372036854775807, not '-1'\n"
     "--set compile.optimizer={adam: {lr: 1}}: unknown key 'lr' (adam has: learning_rate, beta_1, "
     "beta_2, epsilon)"},
    {"data: 5\nmodel: [dense: {units: 10, activation: softmax}]\ncompile: {optimizer: adam, loss: "
     "sparse_categorical_crossentropy}\n",
     {{"--set", "data.source", "digits"}},
     "exp.yaml:1:7: data must be a map, not '5'; write data: {source: 5}\n"
     "--set data.source=digits: data is '5' and has no keys inside; set data itself"},
    {DATA "model: *m\ncompile: {optimizer: *o, loss: *l}\n",
     {{"--set", "model.0", "flatten"}},
     "exp.yaml:2:8: aliases (*name) are not supported; write the value out\n"
     "exp.yaml:3:22: aliases (*name) are not supported; write the value out\n"
     "exp.yaml:3:32: aliases (*name) are not supported; write the value out"},
};

CASE(experiment_errors, of_settings) {
    for (size_t i = 0; i < sizeof setting_errors / sizeof setting_errors[0]; i++)
        check_errors(setting_errors[i].text, setting_errors[i].settings,
                     setting_errors[i].expected);
}
