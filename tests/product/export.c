/* isobit export and import, as their user meets them. What other programs make of the files is
 * compared in tests/clients/export_formats.py. */
#include "export/hdf5_read.h"
#include "export/hdf5_write.h"
#include "export/keras_import.h"
#include "io/safetensors.h"
#include "small_run.h"
#include "trained.h"
#include <isobit/experiment.h>
#include <math.h>

static void export_to(const place *p, const char *run, const char *file) {
    char expected[128];
    snprintf(expected, sizeof expected, "%s written\n", file);
    output o = RUN(p, "export", run, "--to", file);
    check_output(&o, 0, "", expected);
}

/* --- the C header --- */

/* Reads rows of float32 on standard input, prints probabilities as they are in memory. */
static const char caller[] = "#include \"net.h\"\n"
                             "#include <stdio.h>\n"
                             "int main(void) {\n"
                             "    float x[net_inputs], y[net_outputs];\n"
                             "    while (fread(x, sizeof x, 1, stdin) == 1) {\n"
                             "        net_predict(x, y);\n"
                             "        for (int i = 0; i < net_outputs; i++)\n"
                             "            printf(\"%.9g\\n\", (double)y[i]);\n"
                             "    }\n"
                             "    return 0;\n"
                             "}\n";

static bool has_program(const char *name) {
    char command[128];
    snprintf(command, sizeof command, "command -v %s >/dev/null", name);
    return system(command) == 0;
}

/* The images of `put_images` as the header takes them. */
static void put_rows(const place *p, size_t rows) {
    FILE *file = fopen(small_path(p, "rows"), "wb");
    CHECK(file != NULL);
    for (size_t r = 0; r < rows; r++) {
        uint64_t state = r + 1;
        for (size_t i = 0; i < IMAGE_SIZE; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            const float value = (uint8_t)(state >> 56);
            CHECK(fwrite(&value, sizeof value, 1, file) == 1);
        }
    }
    CHECK(fclose(file) == 0);
}

static void compare_lines(const char *csv, const char *lines, size_t rows) {
    char *end;
    for (size_t r = 0; r < rows; r++) {
        const char *line = strchr(strchr(csv_line(csv, r + 1), ',') + 1, ',') + 1;
        for (size_t i = 0; i < 10; i++) {
            const double expected = strtod(line, &end);
            line = end + 1;
            const double found = strtod(lines, &end);
            CHECK(end != lines);
            lines = end;
            CHECKF(fabs(expected - found) <= 1e-6, "row %zu, class %zu: %g, expected %g", r, i,
                   found, expected);
        }
    }
    CHECK(strcmp(lines, "\n") == 0);
}

static void check_header(const place *p, const char *compiler, const char *csv, size_t rows) {
    char command[512];
    snprintf(command, sizeof command,
             "cd %s && %s -std=c99 -pedantic -Wall -Wextra -Werror -O2 main.c -o net -lm && "
             "./net <rows >lines",
             p->path, compiler);
    CHECKF(system(command) == 0, "%s", command);
    char *lines = place_read(p, "lines");
    compare_lines(csv, lines, rows);
    free(lines);
}

static void check_compiled(const place *p, const char *run) {
    enum { ROWS = 100 };
    static const char *const compilers[] = {"gcc", "clang"};
    put_images(p, "images", "train", 0, ROWS, 10);
    put_rows(p, ROWS);
    place_write(p, "main.c", caller);
    export_to(p, run, "net.h");
    output o = RUN(p, "predict", run, "--data", "images");
    CHECKF(o.status == 0, "%s", o.err);
    for (size_t i = 0; i < 2; i++) {
        if (has_program(compilers[i]))
            check_header(p, compilers[i], o.out, ROWS);
        else
            fprintf(stderr, "SKIPPED %s: it is not installed\n", compilers[i]);
    }
    output_free(&o);
}

CASE(export, c_header_predicts_the_same) {
    place p = place_with_run();
    check_compiled(&p, "runs/small");
    place_close(&p);
}

CASE(export, c_header_has_every_activation) {
    place p = place_open();
    place_write(&p, "small.yaml",
                "data: {source: digits}\n"
                "model:\n"
                "  - flatten\n"
                "  - dense: {units: 9, activation: sigmoid, use_bias: false}\n"
                "  - dense: {units: 8, activation: tanh}\n"
                "  - dense: {units: 7, activation: relu}\n"
                "  - dense: {units: 10}\n"
                "compile: {optimizer: adam, loss: {sparse_categorical_crossentropy: "
                "{from_logits: true}}}\n"
                "fit: {batch_size: 256}\n");
    output o = RUN(&p, "train", "small.yaml", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    check_compiled(&p, "runs/small");
    place_close(&p);
}

/* --- files --- */

CASE(export, the_same_run_gives_the_same_bytes) {
    static const char *const suffixes[] = {"keras", "onnx", "npz", "safetensors"};
    const place p = small_open();
    small_train_well(&p, "run", "1");
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char first[32], second[32];
        snprintf(first, sizeof first, "first.%s", suffixes[i]);
        snprintf(second, sizeof second, "second.%s", suffixes[i]);
        export_to(&p, "run", first);
        export_to(&p, "run/model.safetensors", second);
        CHECKF(place_same(&p, first, second), "%s", suffixes[i]);
    }
    CHECK(!place_has_prefix(&p, ".", ".isobit-"));
    place_close(&p);
}

static isb_tensors read_tensors(const place *p, const char *name) {
    isb_tensors tensors;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_safetensors_read(&tensors, NULL, small_path(p, name), false, &error) == ISB_OK, "%s",
           isb_error_text(&error));
    return tensors;
}

CASE(export, pytorch_kernels_are_the_transposed_ones) {
    const place p = small_open();
    small_train_well(&p, "run", "1");
    export_to(&p, "run", "torch.safetensors");
    isb_tensors own = read_tensors(&p, "run/model.safetensors"),
                torch = read_tensors(&p, "torch.safetensors");
    static const char *const names[][2] = {{"dense.kernel", "layers.0.weight"},
                                           {"dense_1.kernel", "layers.1.weight"}};
    CHECK(torch.count == 4);
    for (size_t n = 0; n < 2; n++) {
        const isb_tensor *a = isb_tensors_find(&own, names[n][0]),
                         *b = isb_tensors_find(&torch, names[n][1]);
        CHECK(a != NULL && b != NULL);
        const size_t rows = a->shape.sizes[0], columns = a->shape.sizes[1];
        CHECK(b->shape.rank == 2 && b->shape.sizes[0] == columns && b->shape.sizes[1] == rows);
        for (size_t i = 0; i < rows * columns; i++)
            CHECK(a->data[i] == b->data[i % columns * rows + i / columns]);
    }
    const isb_tensor *a = isb_tensors_find(&own, "dense_1.bias"),
                     *b = isb_tensors_find(&torch, "layers.1.bias");
    CHECK(a != NULL && b != NULL && memcmp(a->data, b->data, 3 * sizeof(float)) == 0);
    isb_tensors_free(&own);
    isb_tensors_free(&torch);
    place_close(&p);
}

CASE(export, what_is_wrong_is_said) {
    const place p = small_open();
    small_train_well(&p, "run", "1");
    check_fails(&p, 2,
                "isobit export needs --to FILE, which ends in .keras, .onnx, .npz, .safetensors or "
                ".h",
                ARGS("export", "run"));
    check_fails(&p, 2,
                "--to: 'model.pt' names no format; let the file end in .keras, .onnx, .npz, "
                ".safetensors or .h",
                ARGS("export", "run", "--to", "model.pt"));
    check_fails(&p, 2,
                "--to: run/model.safetensors is the model itself; give the exported file another "
                "name",
                ARGS("export", "run", "--to", "run/model.safetensors"));
    check_fails(&p, 6, "absent: does not exist", ARGS("export", "absent", "--to", "x.npz"));
    check_fails(&p, 1, "no/x.npz: cannot be written: No such file or directory",
                ARGS("export", "run", "--to", "no/x.npz"));
    place_close(&p);
}

CASE(export, a_model_of_a_table_is_refused) {
    const place p = place_open();
    char rows[600] = "a,b,y\n";
    for (int i = 0; i < 40; i++)
        snprintf(rows + strlen(rows), sizeof rows - strlen(rows), "%d,%d,%s\n", i, i % 7,
                 i % 2 == 0 ? "no" : "yes");
    place_write(&p, "t.csv", rows);
    place_write(&p, "t.yaml",
                "data: {source: t.csv, label: y}\n"
                "model: [{dense: {units: 2, activation: softmax}}]\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
    output o = RUN(&p, "train", "t.yaml", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    check_fails(
        &p, 2,
        "runs/t/model.safetensors: was trained on a table, whose columns isobit itself turns "
        "into inputs; such a model cannot be exported yet: predict with isobit predict",
        ARGS("export", "runs/t", "--to", "t.onnx"));
    place_close(&p);
}

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
        {"{\"class_name\":\"Functional\"}",
         "f: is a Functional; a Sequential of InputLayer, Rescaling, Flatten, Dense, Dropout and "
         "Activation can be imported"},
        {MODEL(""), "f: config.json: the model has no layers"},
        {"{\"class_name\":\"Sequential\",\"config\":7}", "f: config.json: the model has no layers"},
        {MODEL("{\"class_name\":\"Conv2D\",\"config\":{\"name\":\"c\"}}"),
         "f: layer 'c' (Conv2D): this kind of layer is not supported; a Sequential of InputLayer, "
         "Rescaling, Flatten, Dense, Dropout and Activation can be imported"},
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
        {MODEL(INPUT ",{\"class_name\":\"Rescaling\",\"config\":{\"name\":\"r\",\"scale\":0.5,"
                     "\"offset\":-1}}," DENSE),
         "f: layer 'r' (Rescaling): its offset is not 0; Isobit's scale has none"},
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
