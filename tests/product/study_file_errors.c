/* Every message of the study file, word for word. */
#include "check.h"
#include "study/study_file.h"
#include "study_files.h"
#include <string.h>

enum { MOST_SETTINGS = 3 };

static void check_error(const char *text, const isb_setting *settings, const char *expected) {
    const temporary t = study_enter(text);
    isb_study study;
    isb_error error = ISB_ERROR_INIT;
    size_t count = 0;
    while (settings != NULL && count < MOST_SETTINGS && settings[count].key != NULL)
        count++;
    const isb_status status = isb_study_read(&study, "study.yaml", settings, count, &error);
    CHECKF(status == ISB_USAGE, "accepted:\n%.1000s", text);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0,
           "text:\n%.1000s\nsays:\n%s\nexpected:\n%s", text, isb_error_text(&error), expected);
    CHECK(study.variants == NULL && study.file == NULL && study.seeds == NULL);
    isb_error_clear(&error);
    study_leave(&t);
}

#define E "experiment: base.yaml\n"
#define V "vary: {placement: [none]}\n"

static const char *const errors[][2] = {
    {"", "study.yaml: the file is empty; it needs experiment, seeds and vary"},
    {"- a\n",
     "study.yaml:1:1: a study is a map with the keys experiment, seeds and vary, not a list"},
    {"x\n", "study.yaml:1:1: a study is a map with the keys experiment, seeds and vary, not a "
            "single value"},
    {"{}\n", "study.yaml:1:1: the study varies nothing; give it 'vary', such as vary: {placement: "
             "[none, before, after]}, or 'variants'\n"
             "study.yaml:1:1: the study needs 'experiment', such as experiment: after.yaml"},
    {"a: [1\n", "study.yaml:2:1: not valid YAML: flow sequence without a closing bracket"},
    {E, "study.yaml:1:1: the study varies nothing; give it 'vary', such as vary: {placement: "
        "[none, before, after]}, or 'variants'"},
    {V, "study.yaml:1:1: the study needs 'experiment', such as experiment: after.yaml"},
    {E V "sedes: 3\n", "study.yaml:3:1: unknown key 'sedes'; did you mean 'seeds'? (the study has: "
                       "name, experiment, seeds, vary, variants, compare, halving, time)"},
    {E V "name: a/b\n", "study.yaml:3:7: name must be a name of 1 to 128 bytes, without '/' and "
                        "control characters, neither '.' nor '..', not 'a/b'"},
    {"experiment: []\nvary: {placement: [none]}\n",
     "study.yaml:1:13: experiment must be the path of an experiment file, or none, not a list"},
    {"experiment: ~\nvary: {placement: [none]}\n",
     "study.yaml:1:13: experiment must be the path of an experiment file, or none, not '~'; "
     "nothing is written none"},
    {"experiment: none\nvary: {placement: [none]}\n",
     "study.yaml:1:1: the study needs 'experiment', such as experiment: after.yaml"},
    {"experiment: nothing.yaml\nvary: {placement: [none]}\n",
     "study.yaml:1:13: nothing.yaml: does not exist"},
    {"experiment: .\nvary: {placement: [none]}\n",
     "study.yaml:1:13: .: is a directory, not a file"},
    {E V "seeds: 0\n", "study.yaml:3:8: seeds must be an integer from 1 to 10000, or a list of "
                       "different integers from 0 to 9223372036854775807, not '0'"},
    {E V "seeds: 10001\n", "study.yaml:3:8: seeds must be an integer from 1 to 10000, or a list of "
                           "different integers from 0 to 9223372036854775807, not '10001'"},
    {E V "seeds: ten\n", "study.yaml:3:8: seeds must be an integer from 1 to 10000, or a list of "
                         "different integers from 0 to 9223372036854775807, not 'ten'"},
    {E V "seeds: []\n", "study.yaml:3:8: seeds must be an integer from 1 to 10000, or a list of "
                        "different integers from 0 to 9223372036854775807, not a list of 0"},
    {E V "seeds: [1, -1, 2, 1, '3']\n",
     "study.yaml:3:12: seeds must be an integer from 1 to 10000, or a list of different integers "
     "from 0 to 9223372036854775807, not '-1'\n"
     "study.yaml:3:19: seed 1 stands twice; remove one\n"
     "study.yaml:3:22: seeds must be an integer from 1 to 10000, or a list of different integers "
     "from 0 to 9223372036854775807, not the string '3'; take the quotes away"},
    {E "vary:\n", "study.yaml:2:1: vary must be a map of lists, such as {placement: [none, before, "
                  "after], rate: [0.2, 0.5]}; it has no value"},
    {E "vary: {}\n", "study.yaml:2:7: vary is empty; give it a map of lists, such as {placement: "
                     "[none, before, after], rate: [0.2, 0.5]}"},
    {E "vary: [placement]\n", "study.yaml:2:7: vary must be a map of lists, such as {placement: "
                              "[none, before, after], rate: [0.2, 0.5]}, not a list"},
    {E "vary: {placment: [none], rte: [1], epochs: [2], fitt.epochs: [3]}\n",
     "study.yaml:2:8: unknown axis 'placment'; did you mean 'placement'?\n"
     "study.yaml:2:26: unknown axis 'rte'; did you mean 'rate'?\n"
     "study.yaml:2:36: unknown axis 'epochs'; use placement, rate, data, model, compile, fit or "
     "model_weights\n"
     "study.yaml:2:49: unknown axis 'fitt.epochs'; use placement, rate, data, model, compile, fit "
     "or model_weights"},
    {E "vary: {placement: none}\n",
     "study.yaml:2:19: placement must be a list of values, not 'none'; write [none]"},
    {E "vary: {placement: []}\n", "study.yaml:2:19: placement is an empty list; give it values"},
    {E "vary: {placement: {a: b}}\n",
     "study.yaml:2:19: placement must be a list of values, not a map"},
    {E "vary: {placement: [None, befor, [after], ]}\n",
     "study.yaml:2:20: unknown placement 'None'; did you mean 'none'?\n"
     "study.yaml:2:26: unknown placement 'befor'; did you mean 'before'?\n"
     "study.yaml:2:33: placement must be none, before, after or both, not a list"},
    {E "vary: {placement: [before, after, before]}\n",
     "study.yaml:2:35: placement has 'before' twice; remove one"},
    {E "vary: {rate: [0.1, -1, '0.2', 1.5]}\n",
     "study.yaml:2:20: rate must be a number from 0 to 1, not '-1'\n"
     "study.yaml:2:24: rate must be a number from 0 to 1, not the string '0.2'; take the quotes "
     "away\n"
     "study.yaml:2:31: rate must be a number from 0 to 1, not '1.5'"},
    {E "vary: {rate: [0.1, 0.10]}\n",
     "study.yaml:2:7: the variants 'rate 0.1' and 'rate 0.10' come out the same; remove one"},
    {E "vary: {seed: [1, 2], name: [a, b]}\n",
     "study.yaml:2:8: the seed does not vary from variant to variant; write seeds: [1, 2, 3]\n"
     "study.yaml:2:22: a name decides nothing that is computed; remove it"},
    {E "vary: {fit.batch_siz: [1, 2], fit.epochs: [1, 0, x]}\n",
     "study.yaml:2:8: unknown key 'batch_siz'; did you mean 'batch_size'? (fit has: epochs, "
     "batch_size, shuffle, class_weight, callbacks)\n"
     "study.yaml:2:47: epochs must be an integer from 1 to 2147483647, not '0'\n"
     "study.yaml:2:50: epochs must be an integer from 1 to 2147483647, not 'x'"},
    {E "vary: {model.4.dense.units: [1]}\n",
     "study.yaml:2:8: model has no item '4'; its items are 0 to 3"},
    {E "vary: {compile.optimizer: [adam, sgd], compile.optimizer.adam.learning_rate: [0.1, 0.2]}\n",
     "study.yaml:2:40: compile.optimizer is 'sgd', not 'adam'; set compile.optimizer itself to "
     "change it"},
    {E "vary: {model: [[flatten], [dense: {units: 10}]]}\n",
     "study.yaml:2:17: the last layer must be dense, with one unit a class, not flatten; add "
     "dense: {units: 10, activation: softmax} behind it\n"
     "study.yaml:2:33: the loss needs probabilities, but the output layer's activation is linear; "
     "use activation: softmax, or activation: linear with loss: {sparse_categorical_crossentropy: "
     "{from_logits: true}}"},
    {E "vary: {placement: [none, before], model: [[dense: {units: 10, activation: softmax}]]}\n",
     "study.yaml:2:8: placement is relative to hidden dense layers, and the model has none but the "
     "output; add one, or leave placement out"},
    {E "vary: {placement: [none, before], model: [[dense: {units: 3}, dense: {units: 10, "
       "activation: softmax}]]}\n",
     "study.yaml:2:8: placement needs a rate, and the model has no dropout to take it from; add an "
     "axis, such as rate: [0.2, 0.5]"},
    {E "vary: {rate: [0.1], model: [[dense: {units: 10, activation: softmax}]]}\n",
     "study.yaml:2:8: the model has no dropout to give a rate; add one, or an axis, such as "
     "placement: [none, before, after]"},
    {E "vary: {fit.batch_size: [32, 64], fit.shuffle: [true], fit: [{epochs: 20}]}\n",
     "study.yaml:2:7: the variants 'batch_size 32' and 'batch_size 64' come out the same; remove "
     "one"},
    {E "variants: {name: a}\n", "study.yaml:2:11: variants must be a list of maps such as {name: "
                                "wide, model: [...]}, not a map; start each variant with '- '"},
    {E "variants: []\n", "study.yaml:2:11: variants must be a list of 1 to 10000, not of 0"},
    {E "variants: [a, [b], {nme: c}, {name: 3/4}, {name: d, set: [1]}, {name: e, set: {}}, {name: "
       "f, set: {seed: 3}}, {name: g, model: x}, {name: h, set: {fit.epoch: 3}}]\n",
     "study.yaml:2:12: a variant must be a map such as {name: wide, model: [...]}, not 'a'\n"
     "study.yaml:2:15: a variant must be a map such as {name: wide, model: [...]}, not a list\n"
     "study.yaml:2:20: a variant needs 'name', such as name: wide\n"
     "study.yaml:2:21: unknown key 'nme'; did you mean 'name'? (a variant has: name, experiment, "
     "model, set)\n"
     "study.yaml:2:37: name must be a name of 1 to 128 bytes, without '/' and control characters, "
     "neither '.' nor '..', not '3/4'\n"
     "study.yaml:2:58: set must be a map of keys of the experiment, such as {fit.batch_size: 64}, "
     "not a list\n"
     "study.yaml:2:79: set is empty; give it a map of keys of the experiment, such as "
     "{fit.batch_size: 64}\n"
     "study.yaml:2:100: the seed does not vary from variant to variant; write seeds: [1, 2, 3]\n"
     "study.yaml:2:128: model must be a list of layers, not 'x'\n"
     "study.yaml:2:148: unknown key 'epoch'; did you mean 'epochs'? (fit has: epochs, batch_size, "
     "shuffle, class_weight, callbacks)"},
    {E "variants: [{name: a}, {name: b}]\n",
     "study.yaml:2:23: the variants 'a' and 'b' come out the same; remove one"},
    {E "variants: [{name: a}, {name: a, set: {fit.epochs: 3}}]\n",
     "study.yaml:2:23: two variants are called 'a'; give one another name"},
    {E V "variants: [{name: none}, {name: out, set: {model: [flatten, dense: {units: 8, "
         "activation: relu}, dense: {units: 10, activation: softmax}]}}]\n",
     "study.yaml:3:26: the variants 'none' and 'out' come out the same; remove one"},
    {"variants: [{name: a, experiment: wide.yaml}, {name: b}]\n",
     "study.yaml:1:1: the study needs 'experiment', such as experiment: after.yaml"},
    {E "variants: [{name: a, experiment: none.yaml}, {name: b, experiment: none.yaml}]\n",
     "study.yaml:2:34: none.yaml: does not exist"},
    {"experiment: study.yaml\nvary: {placement: [none]}\n",
     "study.yaml:1:1: unknown key 'experiment' (the experiment has: name, seed, data, model, "
     "compile, fit, model_weights)\n"
     "study.yaml:1:1: the experiment needs 'data', such as data: {source: digits}\n"
     "study.yaml:1:1: the experiment needs 'model', such as model: [flatten, {dense: {units: 10, "
     "activation: softmax}}]\n"
     "study.yaml:1:1: the experiment needs 'compile', such as compile: {optimizer: adam, loss: "
     "sparse_categorical_crossentropy}\n"
     "study.yaml:2:1: unknown key 'vary' (the experiment has: name, seed, data, model, compile, "
     "fit, model_weights)"},
    {"variants: [{name: a, experiment: none}]\n",
     "study.yaml:1:1: the study needs 'experiment', such as experiment: after.yaml"},
    {E V "compare: val_loss\n",
     "study.yaml:3:10: compare must be a map, not 'val_loss'; write compare: {metric: val_loss}"},
    {E V "compare: {metrc: val_loss}\n",
     "study.yaml:3:11: unknown key 'metrc'; did you mean 'metric'? (compare has: metric, against)"},
    {E V "compare: {metric: val_acc}\n",
     "study.yaml:3:19: unknown metric 'val_acc'; use loss, accuracy, "
     "mean_absolute_error, mean_squared_error, r2_score, val_loss, val_accuracy, "
     "val_mean_absolute_error, val_mean_squared_error, val_r2_score, train_eval_loss, "
     "train_eval_accuracy, train_eval_mean_absolute_error, train_eval_mean_squared_error or "
     "train_eval_r2_score"},
    {E V "compare: {metric: []}\n",
     "study.yaml:3:19: metric must be the name of a metric, such as val_accuracy, not a list"},
    {E V "compare: {metric: test_accuracy}\n",
     "study.yaml:3:19: metric cannot be test_accuracy: decisions are taken on validation data, and "
     "test data is looked at once, after them; use val_accuracy"},
    {E V "compare: {metric: test_loss}\n",
     "study.yaml:3:19: metric cannot be test_loss: decisions are taken on validation data, and "
     "test data is looked at once, after them; use val_loss"},
    {E V "compare: {metric: train_eval_accuracy}\n",
     "study.yaml:3:19: a study cannot be compared by train_eval_accuracy without train_eval in "
     "compile.metrics (this experiment computes: loss, accuracy, val_loss, val_accuracy)"},
    {E V "compare: {against: none}\n", "study.yaml:3:20: against must be a map such as {placement: "
                                       "none} or {variant: NAME}, not 'none'"},
    {E V "compare: {against: {}}\n", "study.yaml:3:20: against is empty; give it a map such as "
                                     "{placement: none} or {variant: NAME}"},
    {E V "compare: {against: {placemnt: none, rate: 0.1}}\n",
     "study.yaml:3:21: unknown axis 'placemnt'; did you mean 'placement'?\n"
     "study.yaml:3:37: unknown axis 'rate'; use placement or variant"},
    {E V "compare: {against: {placement: after}}\n",
     "study.yaml:3:32: unknown placement 'after'; use none"},
    {E V "compare: {against: {placement: [none]}}\n",
     "study.yaml:3:32: placement must be one of the values of its axis; for one that is no single "
     "word give a name in variants and write against: {variant: NAME}"},
    {E V "compare: {against: {variant: non}}\n",
     "study.yaml:3:30: unknown variant 'non'; did you mean 'none'?"},
    {E V "compare: {against: {variant: {}}}\n",
     "study.yaml:3:30: variant must be the name of a variant"},
    {E
     "vary: {placement: [none, after], rate: [0.1, 0.2]}\ncompare: {against: {placement: after}}\n",
     "study.yaml:3:20: 2 variants are like that, such as 'after, rate 0.1' and 'after, rate 0.2'; "
     "name an axis more, or one of them: {variant: \"after, rate 0.1\"}"},
    {E "vary: {placement: [none, after], rate: [0.1, 0.2]}\ncompare: {against: {placement: none, "
       "rate: 0.1}}\n",
     "study.yaml:3:20: no variant is all of that; leave out what does not apply to it"},
    {E "vary: {data.validation: [0.1, none], compile.metrics: [[accuracy], none]}\n",
     "study.yaml:2:7: 'validation 0.1, metrics none' cannot be compared by val_accuracy without "
     "accuracy in compile.metrics (this experiment computes: loss, val_loss)\n"
     "study.yaml:2:7: 'validation none, metrics [accuracy]' holds no validation data out; a study "
     "decides on validation data: set data.validation, such as validation: 0.1\n"
     "study.yaml:2:7: 'validation none, metrics none' holds no validation data out; a study "
     "decides on validation data: set data.validation, such as validation: 0.1"},
    {E V "halving: 4\n",
     "study.yaml:3:10: halving must be a map, not '4'; write halving: {epochs: 4}"},
    {E V "halving: {}\n", "study.yaml:3:10: halving needs 'epochs', such as epochs: 4"},
    {E V "halving: {epochs: 0, reduce: 1, x: 1}\n",
     "study.yaml:3:19: epochs must be an integer from 1 to 2147483647, not '0'\n"
     "study.yaml:3:30: reduce must be an integer from 2 to 1000, not '1'\n"
     "study.yaml:3:33: unknown key 'x' (halving has: epochs, reduce)"},
    {E V "halving: {epochs: 20}\n",
     "study.yaml:3:10: halving after 20 epochs leaves none to go on with: the experiment has "
     "fit.epochs: 20; give it more, or halve earlier"},
    {E V "halving: {epochs: 2}\ntime: 10m\n",
     "study.yaml:3:10: halving has all seeds in every round, and 'time' adds seeds round by round; "
     "remove one of the two"},
    {E "vary: {fit.epochs: [20, 30]}\nhalving: {epochs: 3}\n",
     "study.yaml:2:7: 'epochs 30' trains 30 epochs and the experiment 20, but halving decides how "
     "long a variant trains; leave fit.epochs as it is"},
    {E V "time: 10\n",
     "study.yaml:3:7: time must be a time such as 90s, 10m or 2h, or none, not '10'"},
    {E V "time: m\n",
     "study.yaml:3:7: time must be a time such as 90s, 10m or 2h, or none, not 'm'"},
    {E V "time: 0s\n",
     "study.yaml:3:7: time must be a time such as 90s, 10m or 2h, or none, not '0s'"},
    {E V "time: [1m]\n",
     "study.yaml:3:7: time must be a time such as 90s, 10m or 2h, or none, not a list"},
    {E V "time: 1e300h\n",
     "study.yaml:3:7: time must be a time such as 90s, 10m or 2h, or none, not '1e300h'"},
    {E "experiment: b\nvary: {placement: [none]}\n",
     "study.yaml:2:1: duplicate key 'experiment'; it already stands at line 1, column 1; remove "
     "one"},
    {E "vary: {rate: [0.1], rate: [0.2]}\n",
     "study.yaml:2:21: duplicate key 'rate'; it already stands at line 2, column 8; remove one"},
    {E "vary: {rate: &a [0.1], fit.epochs: [*a, !!int 3]}\n",
     "study.yaml:2:14: anchors (&name) are not supported; remove it\n"
     "study.yaml:2:37: aliases (*name) are not supported; write the value out\n"
     "study.yaml:2:41: tags (!name) are not supported; remove it"},
    {E V "---\na: b\n", "study.yaml:3:1: a second document; a file holds one"},
    {E "vary: {fit.batch_size: [0], fit.epochs: []}\nvariants: [{name: a, set: {fit.epoch: "
       "1}}]\nseeds: x\n",
     "study.yaml:2:25: batch_size must be an integer from 1 to 2147483647, not '0'\n"
     "study.yaml:2:41: fit.epochs is an empty list; give it values\n"
     "study.yaml:3:28: unknown key 'epoch'; did you mean 'epochs'? (fit has: epochs, batch_size, "
     "shuffle, class_weight, callbacks)\n"
     "study.yaml:4:8: seeds must be an integer from 1 to 10000, or a list of different integers "
     "from 0 to 9223372036854775807, not 'x'"},
    {E "seeds: 5001\nvary: {placement: [none, after]}\n",
     "study.yaml:2:8: more than 10000 runs (variants x seeds); vary less, or take fewer seeds"},
};

CASE(study_file_errors, of_the_file) {
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        check_error(errors[i][0], NULL, errors[i][1]);
}

static const struct {
    const char *text;
    isb_setting settings[MOST_SETTINGS];
    const char *expected;
} setting_errors[] = {
    {E V,
     {{"--set", "data.validation", "none"}},
     "study.yaml:1:13: base.yaml holds no validation data out; a study decides on validation data: "
     "set data.validation, such as validation: 0.1"},
    {E V "compare: {metric: accuracy}\n",
     {{"--set", "data.validation", "none"}},
     "study.yaml:1:13: base.yaml holds no validation data out; a study decides on validation data: "
     "set data.validation, such as validation: 0.1"},
    {E V "compare: {metric: val_accuracy}\n",
     {{"--set", "compile.metrics", "none"}},
     "study.yaml:3:19: a study cannot be compared by val_accuracy without accuracy in "
     "compile.metrics (this experiment computes: loss, val_loss)"},
    {E V "seeds: 3\n",
     {{"--seed", "seed", "9223372036854775806"}},
     "study.yaml:3:8: 3 seeds from 9223372036854775806 on go beyond 9223372036854775807; set a "
     "smaller seed, or list the seeds"},
    {E "variants: [{name: w, experiment: wide.yaml}, {name: d, set: {fit.epoch: 1}}]\nseeds: x\n",
     {{"--set", "fit.epoch", "3"}, {"--seed", "seed", "x"}, {"--data", "data.source", "none"}},
     "study.yaml:3:8: seeds must be an integer from 1 to 10000, or a list of different integers "
     "from 0 to 9223372036854775807, not 'x'\n"
     "--set fit.epoch=3: unknown key 'epoch'; did you mean 'epochs'? (fit has: epochs, batch_size, "
     "shuffle, class_weight, callbacks)\n"
     "--seed x: seed must be an integer from 0 to 9223372036854775807, not 'x'\n"
     "--data none: source must be digits, a path, or a map such as {x: x.npy, y: y.npy}, not "
     "'none'; a directory of "
     "that name is written ./none"},
};

CASE(study_file_errors, of_settings) {
    for (size_t i = 0; i < sizeof setting_errors / sizeof setting_errors[0]; i++)
        check_error(setting_errors[i].text, setting_errors[i].settings, setting_errors[i].expected);
}

CASE(study_file_errors, of_a_file_that_is_not_there) {
    isb_study study;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_study_read(&study, "/no/study.yaml", NULL, 0, &error) == ISB_USAGE);
    CHECK(strcmp(isb_error_text(&error), "/no/study.yaml: does not exist") == 0);
    CHECK(study.file == NULL);
    isb_error_clear(&error);
}

/* --- files made to do harm --- */

typedef struct builder {
    char *text;
    size_t length, capacity;
} builder;

static void add(builder *b, const char *text) {
    const size_t length = strlen(text);
    while (b->capacity - b->length <= length) {
        b->capacity = 2 * b->capacity + 1024;
        b->text = realloc(b->text, b->capacity);
        CHECK(b->text != NULL);
    }
    memcpy(b->text + b->length, text, length + 1);
    b->length += length;
}

static void add_numbers(builder *b, size_t count, const char *before, const char *after) {
    char number[32];
    for (size_t i = 1; i <= count; i++) {
        snprintf(number, sizeof number, "%zu", i);
        add(b, before);
        add(b, number);
        add(b, after);
    }
}

static void check_hostile(builder *b, const char *expected) {
    check_error(b->text, NULL, expected);
    free(b->text);
}

CASE(study_file_errors, of_files_without_measure) {
    builder deep = {0}, wide = {0}, keys = {0}, values = {0}, axes = {0}, grid = {0}, large = {0};
    add(&deep, E "vary: {model: ");
    for (size_t i = 0; i < 200; i++)
        add(&deep, "[");
    check_hostile(&deep, "study.yaml:2:45: nested more than 32 levels deep; a few are enough");

    add(&wide, E "vary: {fit.epochs: [");
    add_numbers(&wide, 100000, "", ",");
    add(&wide, "]}");
    check_hostile(&wide, "study.yaml:2:588891: more than 100000 values; a few dozen are enough");

    add(&values, E "vary: {fit.epochs: [");
    add_numbers(&values, 10001, "", ",");
    add(&values, "]}");
    check_hostile(&values,
                  "study.yaml:2:20: fit.epochs has 10001 values; a study has at most 10000 runs");

    add(&axes, E "vary:\n");
    add_numbers(&axes, 17, "  model.", ": [1, 2]\n");
    check_hostile(&axes, "study.yaml:3:3: vary has 17 axes; it can have 16");

    add(&grid, E "vary:\n");
    add_numbers(&grid, 16, "  model.", ": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]\n");
    check_hostile(&grid, "study.yaml:1:1: more than 10000 runs (variants x seeds); vary less, or "
                         "take fewer seeds");

    add(&keys, E V);
    add_numbers(&keys, 2000, "k", ": 1\n");
    const temporary t = study_enter(keys.text);
    isb_study study;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_study_read(&study, "study.yaml", NULL, 0, &error) == ISB_USAGE);
    CHECK(error.count == 64);
    CHECK(strstr(isb_error_text(&error), "\nstudy.yaml: and 1937 more errors") != NULL);
    isb_error_clear(&error);
    study_leave(&t);
    free(keys.text);

    add(&large, E V "#");
    for (size_t i = 0; i < 1 << 14; i++)
        add(&large, "0123456789012345678901234567890123456789012345678901234567890123");
    check_hostile(&large, "study.yaml: has 1048625 bytes; at most 1048576 are read");
}

CASE(study_file_errors, of_experiments_without_number) {
    builder b = {0}, path = {0};
    add(&b, "variants:\n");
    add(&path, "base.yaml}\n");
    for (size_t i = 1; i <= 33; i++) {
        char item[256];
        snprintf(item, sizeof item, "  - {name: v%zu, experiment: %s", i, path.text);
        add(&b, item);
        path.length = 0;
        for (size_t j = 0; j < i; j++)
            add(&path, "./");
        add(&path, "base.yaml}\n");
    }
    free(path.text);
    check_hostile(&b, "study.yaml:34:29: more than 32 experiments; give the variants of one "
                      "experiment a model, or keys to set");
}

/* What 10000 variants of a large model would need is not taken. */
CASE(study_file_errors, of_experiments_without_measure) {
    builder base = {0}, study = {0};
    add(&base, "data: {source: digits, validation: 0.1}\n"
               "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\nmodel:\n");
    for (size_t i = 0; i < 15000; i++)
        add(&base, "  - dense: {units: 4, activation: relu}\n");
    add(&base, "  - dense: {units: 10, activation: softmax}\n");
    add(&study, "experiment: large.yaml\nseeds: 1\nvary: {fit.batch_size: [");
    add_numbers(&study, 10000, "", ", ");
    add(&study, "]}\n");
    const temporary t = study_enter(study.text);
    temporary_put("large.yaml", base.text, base.length);
    isb_study out;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_study_read(&out, "study.yaml", NULL, 0, &error) == ISB_USAGE);
    CHECKF(strcmp(isb_error_text(&error), "study.yaml:1:1: the experiments of all variants are "
                                          "together larger than 64 MiB; vary less") == 0,
           "%s", isb_error_text(&error));
    isb_error_clear(&error);
    study_leave(&t);
    free(base.text);
    free(study.text);
}
