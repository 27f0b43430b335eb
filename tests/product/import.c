/* isobit import, as its user meets it, and files made to harm. What Keras itself saves is imported
 * in tests/clients/export_formats.py. */
#include "export/hdf5_read.h"
#include "export/hdf5_write.h"
#include "export/keras_import.h"
#include "exporting.h"
#include <isobit/experiment.h>
#include <math.h>

/* --- there and back --- */

CASE(import, gives_back_what_was_exported) {
    const place p = small_open();
    small_train_well(&p, "run", "2");
    export_to(&p, "run", "net.keras");
    output o = RUN(&p, "import", "net.keras");
    check_output(&o, 0,
                 "name: net\n"
                 "data:\n"
                 "  source: digits  # a model file does not say its data: put yours here\n"
                 "  scale: 255\n"
                 "model:\n"
                 "  - flatten: {input_shape: [2, 2]}\n"
                 "  - dense: {units: 3, activation: relu}\n"
                 "  - dropout: {rate: 0.5}\n"
                 "  - dense: {units: 3, activation: softmax}\n"
                 "compile:\n"
                 "  optimizer: adam\n"
                 "  loss: sparse_categorical_crossentropy\n"
                 "  metrics: [accuracy]\n"
                 "fit:\n"
                 "  epochs: 1\n"
                 "model_weights: net.safetensors\n",
                 "net.safetensors written\n");
    isb_tensors own = read_tensors(&p, "run/model.safetensors"),
                back = read_tensors(&p, "net.safetensors");
    CHECK(own.count == 4 && back.count == 4);
    for (size_t i = 0; i < own.count; i++) {
        const isb_tensor *tensor = isb_tensors_find(&back, own.items[i].name);
        CHECK(tensor != NULL && isb_shape_equal(tensor->shape, own.items[i].shape));
        CHECK(memcmp(tensor->data, own.items[i].data,
                     isb_shape_size(tensor->shape) * sizeof(float)) == 0);
    }
    isb_tensors_free(&own);
    isb_tensors_free(&back);
    place_close(&p);
}

CASE(import, trains_on_from_the_weights) {
    const place p = small_open();
    small_train_well(&p, "run", "2");
    export_to(&p, "run", "net.keras");
    output o = RUN(&p, "import", "net.keras", "--to", "again.yaml", "-q");
    check_output(&o, 0, "", "");
    o = RUN(&p, "train", "again.yaml", "-q", "--data", "data", "--set",
            "compile.optimizer={sgd: {learning_rate: 0}}");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    output expected = RUN(&p, "predict", "run", "--split", "train");
    CHECK(expected.status == 0);
    o = RUN(&p, "predict", "runs/again", "--split", "train");
    check_output(&o, 0, expected.out, "");
    output_free(&expected);
    check_fails(&p, 2,
                "again.safetensors: is already there; give another name with --to, or --force to "
                "replace it",
                ARGS("import", "net.keras", "--to", "again.yaml"));
    o = RUN(&p, "import", "net.keras", "--to", "again.yaml", "--force", "-q");
    check_output(&o, 0, "", "");
    place_close(&p);
}

CASE(import, a_fitted_scaling_comes_back_to_the_bit) {
    static const char *const scales[] = {"standardize", "minmax"};
    for (size_t i = 0; i < 2; i++) {
        const place p = small_open();
        char set[64];
        snprintf(set, sizeof set, "--set=data.scale=%s", scales[i]);
        output o = small_train(&p, "run", "2", set);
        CHECKF(o.status == 0, "%s", o.err);
        output_free(&o);
        export_to(&p, "run", "net.keras");
        o = RUN(&p, "import", "net.keras", "--to", "again.yaml", "-q");
        check_output(&o, 0, "", "");
        o = RUN(&p, "train", "again.yaml", "-q", "--data", "data", "--set",
                "compile.optimizer={sgd: {learning_rate: 0}}");
        CHECKF(o.status == 0, "%s", o.err);
        output_free(&o);
        output expected = RUN(&p, "predict", "run", "--split", "train");
        o = RUN(&p, "predict", "runs/again", "--split", "train");
        check_output(&o, 0, expected.out, "");
        output_free(&expected);
        place_close(&p);
    }
}

static void check_experiment(isb_layer layer, const char *loss) {
    isb_text text = {0};
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    layer.kind = ISB_DENSE;
    layer.input_shape = (isb_shape){1, {4}};
    isb_imported_experiment(&(isb_imported){.layers = &layer, .layer_count = 1, .scale = 1},
                            "no: 1", "a b.safetensors", &text);
    CHECK(!text.failed);
    CHECKF(strstr(text.data, loss) != NULL, "%s", text.data);
    CHECKF(isb_experiment_parse(&experiment, text.data, text.length, "/f.yaml", NULL, 0, &error) ==
               ISB_OK,
           "%s", isb_error_text(&error));
    CHECK(strcmp(experiment.name, "no: 1") == 0 && experiment.scale_kind == ISB_SCALE_NONE);
    CHECK(strcmp(experiment.model_weights, "/a b.safetensors") == 0);
    isb_experiment_free(&experiment);
    free(text.data);
}

CASE(import, the_last_layer_decides_the_loss) {
    check_experiment((isb_layer){.units = 1, .use_bias = true},
                     "\n  loss: mean_squared_error\nfit");
    check_experiment((isb_layer){.units = 2}, "from_logits: true}}\n  metrics: [accuracy]\n");
    check_experiment((isb_layer){.units = 2, .activation = ISB_SOFTMAX},
                     "\n  loss: sparse_categorical_crossentropy\n  metrics: [accuracy]\n");
}

CASE(import, what_is_wrong_is_said) {
    const place p = place_open();
    check_fails(&p, 2, "model.h5: only FILE.keras can be imported", ARGS("import", "model.h5"));
    check_fails(&p, 2, "--to: 'x.yml' is no name of an experiment; let it end in .yaml",
                ARGS("import", "model.keras", "--to", "x.yml"));
    check_fails(&p, 6, "model.keras: does not exist", ARGS("import", "model.keras"));
    place_write(&p, "model.keras", "no zip");
    check_fails(&p, 6, "model.keras: cannot be read as a zip archive: Not a zip archive",
                ARGS("import", "model.keras"));
    place_close(&p);
}

/* --- hostile configurations --- */

#define INPUT "{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"i\",\"batch_shape\":[null,2]}}"
#define DENSE                                                                                      \
    "{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":2,\"activation\":\"softmax\"}" \
    "}"
#define MODEL(layers) "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[" layers "]}}"

#define LAYER(class_name, config)                                                                  \
    "{\"class_name\":\"" class_name "\",\"config\":{\"name\":\"l\"," config "}}"
#define LINEAR LAYER("Dense", "\"units\":2")
#define DROPOUT LAYER("Dropout", "\"rate\":0.5")
#define SUPPORTED                                                                                  \
    "a Sequential of InputLayer, Rescaling, Normalization, Flatten, Reshape, Dense, Dropout, "     \
    "Activation, ReLU and Softmax can be imported"

/* Weights of one dense layer of two inputs and two units. */
static isb_hdf5 make_weights(void) {
    static const float kernel[] = {1, 2, 3, 4}, bias[] = {5, 6};
    isb_hdf5 h;
    isb_hdf5_open(&h);
    const isb_hdf5_link variables[] = {
        {"0", isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, (isb_shape){2, {2, 2}}, kernel)},
        {"1", isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, (isb_shape){1, {2}}, bias)},
    };
    const isb_hdf5_link vars = {"vars", isb_hdf5_group(&h, variables, 2)};
    const isb_hdf5_link dense = {"dense", isb_hdf5_group(&h, &vars, 1)};
    const isb_hdf5_link layers = {"layers", isb_hdf5_group(&h, &dense, 1)};
    isb_hdf5_close(&h, isb_hdf5_group(&h, &layers, 1));
    CHECK(!h.file.failed);
    return h;
}

static isb_status parse(const char *config, const char *weights, size_t length, isb_error *error) {
    isb_imported imported;
    const isb_status status =
        isb_keras_parse(&imported, config, strlen(config), weights, length, "f", error);
    CHECK((status == ISB_OK) == (imported.layers != NULL));
    isb_imported_free(&imported);
    return status;
}

CASE(import, configurations_that_are_refused) {
    static const struct {
        const char *config, *message;
    } cases[] = {
        {"", "f: config.json: byte 0: '[' or '{' expected near end of file"},
        {"{\"class_name\":\"Functional\"}", "f: is a Functional; " SUPPORTED},
        {MODEL(""), "f: config.json: the model has no layers"},
        {"{\"class_name\":\"Sequential\",\"config\":7}", "f: config.json: the model has no layers"},
        {MODEL("{\"class_name\":\"Conv2D\",\"config\":{\"name\":\"c\"}}"),
         "f: layer 'c' (Conv2D): this kind of layer is not supported; " SUPPORTED},
        {MODEL(DENSE),
         "f: layer 'd' (Dense): the shape of its input is not there; build the model, "
         "then save it"},
        {MODEL("{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"i\",\"batch_shape\":[null,"
               "null]}}"),
         "f: layer 'i' (InputLayer): its input has an axis of no fixed size"},
        {MODEL(
             "{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"i\",\"batch_shape\":[null,1,1,"
             "1,1,1]}}"),
         "f: layer 'i' (InputLayer): its input must have 1 to 4 axes beside the batch"},
        {MODEL(INPUT ",{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":0}}"),
         "f: layer 'd' (Dense): units is not a number from 1 to 2147483647"},
        {MODEL(INPUT ",{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":2,"
                     "\"activation\":\"gelu\"}}"),
         "f: layer 'd' (Dense): activation 'gelu' is not known; linear, relu, sigmoid, tanh and "
         "softmax are"},
        {MODEL(INPUT
               ",{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":2147483647}}"),
         "f: dense has more weights than 2 GiB hold"},
        {MODEL(INPUT ",{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":99999}}"),
         "f: model.weights.h5: too short for dense of config.json"},
        {MODEL(INPUT ",{\"class_name\":\"Dropout\",\"config\":{\"name\":\"o\",\"rate\":2}}," DENSE),
         "f: layer 'o' (Dropout): rate is not a number from 0 to 1"},
        {MODEL(INPUT "," LAYER("Rescaling", "\"scale\":1,\"offset\":[1,2]") "," DENSE),
         "f: layer 'l' (Rescaling): offset is not a number"},
        {MODEL(INPUT "," DROPOUT "," LAYER("Rescaling", "\"scale\":1,\"offset\":1") "," DENSE),
         "f: layer 'l' (Rescaling): it must stand before the first Dropout"},
        {MODEL(INPUT "," DENSE "," LAYER("Normalization", "\"axis\":[-1]")),
         "f: layer 'l' (Normalization): it must stand before the first Dense layer"},
        {MODEL(INPUT "," LAYER("Normalization", "\"axis\":[0]") "," DENSE),
         "f: layer 'l' (Normalization): its axis is none of its input's"},
        {MODEL(INPUT "," LAYER("Normalization", "\"axis\":2") "," DENSE),
         "f: layer 'l' (Normalization): its axis is none of its input's"},
        {MODEL(INPUT "," LAYER("Normalization", "\"invert\":true") "," DENSE),
         "f: layer 'l' (Normalization): invert is not supported"},
        {MODEL(INPUT "," LAYER("Normalization", "\"mean\":[1,2,3],\"variance\":[1,2,3]") "," DENSE),
         "f: layer 'l' (Normalization): mean and variance are not numbers, one each or one for "
         "each place of its axes"},
        {MODEL(INPUT "," LAYER("Normalization", "\"mean\":[1,null],\"variance\":[1,1]") "," DENSE),
         "f: layer 'l' (Normalization): mean and variance are not numbers, one each or one for "
         "each place of its axes"},
        {MODEL(INPUT "," LAYER("Normalization", "\"mean\":1,\"variance\":-1") "," DENSE),
         "f: layer 'l' (Normalization): a variance is below 0"},
        {MODEL(INPUT "," LAYER("Normalization", "\"axis\":-1") "," DENSE),
         "f: model.weights.h5: layers/normalization/vars/0 is not there; only weights that Keras "
         "3 saved can be read"},
        {MODEL(INPUT "," LINEAR "," DROPOUT "," LAYER("Activation", "\"activation\":\"tanh\"")),
         "f: layer 'l' (Activation): behind a Dropout only relu can be imported; move the Dropout "
         "behind it"},
        {MODEL(INPUT "," LINEAR "," LAYER("ReLU", "\"max_value\":6")),
         "f: layer 'l' (ReLU): max_value, negative_slope and threshold are not supported"},
        {MODEL(INPUT "," LINEAR "," LAYER("Softmax", "\"axis\":0")),
         "f: layer 'l' (Softmax): its axis must be the last one"},
        {MODEL(INPUT "," LAYER("Reshape", "\"target_shape\":[2,1]") "," DENSE),
         "f: layer 'l' (Reshape): only a Reshape of all that comes in to one axis can be imported"},
        {MODEL(INPUT
               ",{\"class_name\":\"Rescaling\",\"config\":{\"name\":\"r\",\"scale\":0}}," DENSE),
         "f: layer 'r' (Rescaling): scale is not a number above 0"},
        {MODEL(INPUT "," DENSE ",{\"class_name\":\"Activation\",\"config\":{\"name\":\"a\","
                     "\"activation\":\"relu\"}}"),
         "f: layer 'a' (Activation): it must follow a Dense layer that has no activation of its "
         "own"},
        {MODEL(INPUT "," DENSE "," DENSE),
         "f: model.weights.h5: layers/dense_1/vars/0 is not there; only weights that Keras 3 saved "
         "can be read"},
    };
    isb_hdf5 h = make_weights();
    isb_error error = ISB_ERROR_INIT;
    CHECKF(parse(MODEL(INPUT "," DENSE), h.file.data, h.file.length, &error) == ISB_OK, "%s",
           isb_error_text(&error));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(parse(cases[i].config, h.file.data, h.file.length, &error) == ISB_CORRUPT);
        CHECKF(strcmp(isb_error_text(&error), cases[i].message) == 0, "%s", isb_error_text(&error));
        isb_error_clear(&error);
    }
    free(h.file.data);
}

/* --- what layers come to --- */

static isb_imported import_well(const char *config) {
    isb_hdf5 h = make_weights();
    isb_imported imported;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_keras_parse(&imported, config, strlen(config), h.file.data, h.file.length, "f",
                           &error) == ISB_OK,
           "%s", isb_error_text(&error));
    free(h.file.data);
    return imported;
}

static void check_scaling(const char *config, const float *offset, const float *divisor) {
    isb_imported imported = import_well(config);
    CHECK(imported.scaled && imported.scale == 1 && imported.weights.count == 4);
    const isb_tensor *a = isb_tensors_find(&imported.weights, "scaling.offset"),
                     *b = isb_tensors_find(&imported.weights, "scaling.divisor");
    CHECK(a != NULL && b != NULL && a->shape.rank == 1 && b->shape.sizes[0] == 2);
    for (size_t i = 0; i < 2; i++)
        CHECKF(a->data[i] == offset[i] && b->data[i] == divisor[i], "%.9g, %.9g",
               (double)a->data[i], (double)b->data[i]);
    isb_imported_free(&imported);
}

CASE(import, what_is_done_to_inputs_becomes_one_scaling) {
    check_scaling(MODEL(INPUT "," LAYER("Rescaling", "\"scale\":0.5,\"offset\":-1") "," DENSE),
                  (const float[]){2, 2}, (const float[]){2, 2});
    check_scaling(
        MODEL(INPUT "," LAYER("Normalization",
                              "\"axis\":[-1],\"mean\":[3,5],\"variance\":[4,9]") "," DENSE),
        (const float[]){3, 5}, (const float[]){2, 3});
    check_scaling(MODEL(INPUT "," LAYER("Normalization",
                                        "\"axis\":null,\"mean\":3,\"variance\":1e-30") "," DENSE),
                  (const float[]){3, 3}, (const float[]){1e-7f, 1e-7f});
    /* ((x / 4 + 1) - 3) / 2 = (x - 8) / 8 */
    check_scaling(MODEL(INPUT "," LAYER("Rescaling", "\"scale\":0.25,\"offset\":1") "," LAYER(
                      "Normalization", "\"mean\":[3,3],\"variance\":[4,4]") "," DENSE),
                  (const float[]){8, 8}, (const float[]){8, 8});
    check_scaling(MODEL(INPUT "," LAYER("Rescaling", "\"scale\":0.5") "," LAYER(
                      "Rescaling", "\"scale\":0.5") "," DENSE),
                  (const float[]){0, 0}, (const float[]){4, 4});
}

CASE(import, activations_of_other_kinds_go_into_the_dense_layer) {
    isb_imported i = import_well(MODEL(INPUT "," LINEAR "," DROPOUT "," LAYER("ReLU", "\"x\":0")));
    CHECK(i.layer_count == 2 && i.layers[0].activation == ISB_RELU && i.layers[1].rate == 0.5);
    CHECK(!i.left_out);
    isb_imported_free(&i);
    i = import_well(MODEL(INPUT "," DROPOUT "," LAYER("Rescaling", "\"scale\":0.25") "," LAYER(
        "Dense", "\"units\":2,\"kernel_regularizer\":{\"class_name\":\"L2\"}")));
    CHECK(!i.scaled && i.scale == 4 && i.left_out);
    isb_imported_free(&i);
    i = import_well(MODEL(INPUT "," LAYER("Reshape", "\"target_shape\":[-1]") "," LINEAR "," LAYER(
        "Softmax", "\"axis\":-1")));
    CHECK(i.layers[0].kind == ISB_FLATTEN && i.layers[1].activation == ISB_SOFTMAX);
    CHECK(!i.scaled && i.scale == 1);
    isb_imported_free(&i);
}

static void check_compiled(const char *compiled, const char *expected) {
    char config[2048];
    snprintf(config, sizeof config,
             "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[" INPUT "," LINEAR
             "]},\"compile_config\":%s}",
             compiled);
    isb_imported imported = import_well(config);
    isb_text text = {0};
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    isb_imported_experiment(&imported, "n", "w.safetensors", &text);
    CHECKF(!text.failed && strstr(text.data, expected) != NULL, "%s", text.data);
    CHECKF(isb_experiment_parse(&experiment, text.data, text.length, "/f.yaml", NULL, 0, &error) ==
               ISB_OK,
           "%s", isb_error_text(&error));
    isb_experiment_free(&experiment);
    isb_imported_free(&imported);
    free(text.data);
}

CASE(import, what_a_model_was_compiled_with_is_taken) {
    check_compiled(
        "{\"optimizer\":{\"class_name\":\"Adam\",\"config\":{\"learning_rate\":"
        "0.0005000000237487257,\"beta_1\":0.9,\"epsilon\":1e-07}},\"loss\":\"mse\"}",
        "\n  optimizer: {adam: {learning_rate: 0.0005}}\n  loss: mean_squared_error\nfit");
    check_compiled("{\"optimizer\":{\"class_name\":\"SGD\",\"config\":{\"learning_rate\":0.01,"
                   "\"momentum\":0.5,\"nesterov\":true}},\"loss\":{\"class_name\":\"Huber\","
                   "\"config\":{\"delta\":2.5}}}",
                   "\n  optimizer: {sgd: {momentum: 0.5, nesterov: true}}\n  loss: {huber: {delta: "
                   "2.5}}\nfit");
    check_compiled("{\"optimizer\":\"sgd\",\"loss\":\"sparse_categorical_crossentropy\"}",
                   "\n  optimizer: sgd\n  loss: {sparse_categorical_crossentropy: {from_logits: "
                   "true}}\n  metrics: [accuracy]\nfit");
    check_compiled("{\"optimizer\":{\"class_name\":\"RMSprop\",\"config\":7},\"loss\":[1]}",
                   "\n  optimizer: adam\n");
    check_compiled("null", "\n  optimizer: adam\n");
}

/* A kernel (2, 1) and a bias. */
CASE(import, one_sigmoid_becomes_two_classes) {
    static const float kernel[] = {3, 4}, bias[] = {5};
    static const char config[] =
        MODEL(INPUT "," LAYER("Dense", "\"units\":1,\"activation\":\"sigmoid\""));
    isb_hdf5 h;
    isb_hdf5_open(&h);
    const isb_hdf5_link variables[] = {
        {"0", isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, (isb_shape){2, {2, 1}}, kernel)},
        {"1", isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, (isb_shape){1, {1}}, bias)},
    };
    const isb_hdf5_link vars = {"vars", isb_hdf5_group(&h, variables, 2)};
    const isb_hdf5_link dense = {"dense", isb_hdf5_group(&h, &vars, 1)};
    const isb_hdf5_link layers = {"layers", isb_hdf5_group(&h, &dense, 1)};
    isb_hdf5_close(&h, isb_hdf5_group(&h, &layers, 1));
    isb_imported i;
    CHECK(isb_keras_parse(&i, config, strlen(config), h.file.data, h.file.length, "f", NULL) ==
          ISB_OK);
    CHECK(i.two_classes && i.layers[0].units == 2 && i.layers[0].activation == ISB_SOFTMAX);
    const float *k = isb_tensors_find(&i.weights, "dense.kernel")->data;
    const float *b = isb_tensors_find(&i.weights, "dense.bias")->data;
    CHECK(k[0] == 0 && k[1] == 3 && k[2] == 0 && k[3] == 4 && b[0] == 0 && b[1] == 5);
    isb_imported_free(&i);
    free(h.file.data);
}

CASE(import, deep_json_is_refused_before_it_is_parsed) {
    isb_error error = ISB_ERROR_INIT;
    char *config = malloc(100001);
    CHECK(config != NULL);
    memset(config, '[', 100000);
    config[100000] = '\0';
    CHECK(parse(config, "", 0, &error) == ISB_CORRUPT);
    CHECKF(strcmp(isb_error_text(&error), "f: config.json: nested too deeply") == 0, "%s",
           isb_error_text(&error));
    isb_error_clear(&error);
    free(config);
}

/* --- hostile weights --- */

/* Each byte of the file gets other values: it is read as before, or refused. */
CASE(import, weights_with_any_byte_changed) {
    static const unsigned char values[] = {0, 1, 2, 16, 17, 0x7f, 0x80, 0xff};
    isb_hdf5 h = make_weights();
    size_t refused = 0;
    char *bytes = malloc(h.file.length);
    CHECK(bytes != NULL);
    for (size_t i = 0; i < h.file.length; i++)
        for (size_t v = 0; v < sizeof values; v++) {
            isb_error error = ISB_ERROR_INIT;
            memcpy(bytes, h.file.data, h.file.length);
            bytes[i] = (char)values[v];
            const isb_status status = parse(MODEL(INPUT "," DENSE), bytes, h.file.length, &error);
            CHECKF(status == ISB_OK || status == ISB_CORRUPT, "byte %zu: %s", i,
                   isb_error_text(&error));
            refused += status == ISB_CORRUPT;
            isb_error_clear(&error);
        }
    CHECK(refused > h.file.length);
    free(bytes);
    free(h.file.data);
}

/* A layer of each kind, a Normalization with variables, and how it was compiled. */
static const char every_kind[] =
    "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[" INPUT
    "," LAYER("Rescaling", "\"scale\":0.25,\"offset\":1") "," LAYER(
        "Normalization",
        "\"axis\":[-1]") "," LAYER("Normalization",
                                   "\"axis\":[1],\"mean\":[3,5],\"variance\":[4,"
                                   "9]") "," LAYER("Reshape",
                                                   "\"target_shape\":["
                                                   "2]") "," LINEAR "," DROPOUT
                                                         "," LAYER(
                                                             "ReLU",
                                                             "\"max_"
                                                             "value\":"
                                                             "null") "]"
                                                                     "}"
                                                                     ","
                                                                     "\"compile_config\":{"
                                                                     "\"optimizer\":{\"class_"
                                                                     "name\":\"SGD\",\"config\":{"
                                                                     "\"momentum\":0.5}},"
                                                                     "\"loss\":{\"class_name\":"
                                                                     "\"Huber\",\"config\":{"
                                                                     "\"delta\":2.5}}}}";

static isb_hdf5 make_weights_of_every_kind(void) {
    static const float kernel[] = {1, 2, 3, 4}, bias[] = {5, 6}, mean[] = {7, 8},
                       variance[] = {9, 0};
    const isb_shape pair = {1, {2}};
    isb_hdf5 h;
    isb_hdf5_open(&h);
    const isb_hdf5_link dense[] = {
        {"0", isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, (isb_shape){2, {2, 2}}, kernel)},
        {"1", isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, pair, bias)},
    };
    const isb_hdf5_link normalization[] = {
        {"0", isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, pair, mean)},
        {"1", isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, pair, variance)},
    };
    const isb_hdf5_link vars[] = {{"vars", isb_hdf5_group(&h, dense, 2)},
                                  {"vars", isb_hdf5_group(&h, normalization, 2)}};
    const isb_hdf5_link layers[] = {{"dense", isb_hdf5_group(&h, &vars[0], 1)},
                                    {"normalization", isb_hdf5_group(&h, &vars[1], 1)}};
    const isb_hdf5_link root = {"layers", isb_hdf5_group(&h, layers, 2)};
    isb_hdf5_close(&h, isb_hdf5_group(&h, &root, 1));
    CHECK(!h.file.failed);
    return h;
}

static void check_changed(const char *config, size_t config_length, const char *weights,
                          size_t length, size_t *refused) {
    isb_imported imported;
    isb_error error = ISB_ERROR_INIT;
    const isb_status status =
        isb_keras_parse(&imported, config, config_length, weights, length, "f", &error);
    CHECKF(status == ISB_OK || status == ISB_CORRUPT, "%s", isb_error_text(&error));
    if (status == ISB_OK) {
        isb_text text = {0};
        isb_imported_experiment(&imported, "n", "w.safetensors", &text);
        free(text.data);
    }
    *refused += status == ISB_CORRUPT;
    isb_imported_free(&imported);
    isb_error_clear(&error);
}

CASE(import, every_kind_of_layer_with_any_byte_changed) {
    static const char values[] = {0, '0', '9', '-', 'e', '[', '"', ',', '}', (char)0xff};
    isb_hdf5 h = make_weights_of_every_kind();
    size_t refused = 0, length = strlen(every_kind);
    static char config[sizeof every_kind], weights[8192];
    CHECK(h.file.length <= sizeof weights);
    check_changed(every_kind, length, h.file.data, h.file.length, &refused);
    CHECK(refused == 0);
    for (size_t v = 0; v < sizeof values; v++) {
        for (size_t i = 0; i < length; i++) {
            memcpy(config, every_kind, length);
            config[i] = values[v];
            check_changed(config, length, h.file.data, h.file.length, &refused);
        }
        for (size_t i = 0; i < h.file.length; i++) {
            memcpy(weights, h.file.data, h.file.length);
            weights[i] = values[v];
            check_changed(every_kind, length, weights, h.file.length, &refused);
        }
    }
    CHECK(refused > length + h.file.length);
    free(h.file.data);
}

CASE(import, weights_that_break_off) {
    isb_hdf5 h = make_weights();
    for (size_t length = 0; length < h.file.length; length++) {
        isb_error error = ISB_ERROR_INIT;
        char *bytes = malloc(length + 1);
        CHECK(bytes != NULL);
        memcpy(bytes, h.file.data, length);
        char *exact = realloc(bytes, length > 0 ? length : 1);
        CHECK(exact != NULL);
        CHECKF(parse(MODEL(INPUT "," DENSE), exact, length, &error) == ISB_CORRUPT, "%zu bytes",
               length);
        isb_error_clear(&error);
        free(exact);
    }
    free(h.file.data);
}

CASE(import, archives_with_any_byte_changed) {
    const place p = small_open();
    small_train_well(&p, "run", "1");
    export_to(&p, "run", "net.keras");
    FILE *file = fopen(small_path(&p, "net.keras"), "rb");
    CHECK(file != NULL);
    static char bytes[16384];
    const size_t length = fread(bytes, 1, sizeof bytes, file);
    CHECK(length > 1000 && length < sizeof bytes && fclose(file) == 0);
    size_t refused = 0;
    for (size_t i = 0; i < length; i++) {
        isb_imported imported;
        isb_error error = ISB_ERROR_INIT;
        bytes[i] = (char)~bytes[i];
        temporary_put(small_path(&p, "bad.keras"), bytes, length);
        const isb_status status = isb_keras_import(&imported, small_path(&p, "bad.keras"), &error);
        CHECKF(status == ISB_OK || status == ISB_CORRUPT, "byte %zu: %s", i,
               isb_error_text(&error));
        refused += status == ISB_CORRUPT;
        isb_imported_free(&imported);
        isb_error_clear(&error);
        bytes[i] = (char)~bytes[i];
    }
    CHECKF(refused > length * 9 / 10, "%zu of %zu", refused, length);
    place_close(&p);
}
