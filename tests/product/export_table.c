/* isobit export of models that were trained on a table. What Keras, ONNX Runtime and PyTorch make
 * of the files is compared in tests/clients/export_tables.py. */
#include "exporting.h"
#include <math.h>

enum { ROWS = 60 };

/* What C and CSV have to quote, and what other values of a graph are called. */
static const char *const jobs[] = {
    "baker", "\"cook, ?\?/ \\ chief\"", "smith \xc3\xa9", "smith \xc3\xa9", "?", ""};

static const char *job(int row) { return jobs[row * 7 % 6]; }
static bool no_age(int row) { return row % 9 == 4; }
static int age(int row) { return 20 + row * 11 % 50; }

static void add_row(char *text, size_t size, int row, bool label) {
    char number[16] = "-999";
    const size_t length = strlen(text);
    if (!no_age(row))
        snprintf(number, sizeof number, "%d", age(row));
    snprintf(text + length, size - length, "%d.5,%s,%s,%s\n", row, number, job(row),
             !label                                        ? "no"
             : age(row) > 45 && strcmp(job(row), "?") != 0 ? "yes"
                                                           : "no");
}

static void write_table(const place *p) {
    static char text[8192];
    strcpy(text, "y,a */ age,job,label\n");
    for (int i = 0; i < ROWS; i++)
        add_row(text, sizeof text, i, true);
    place_write(p, "t.csv", text);
}

static const char classes[] =
    "data:\n"
    "  source: t.csv\n"
    "  label: label\n"
    "  missing: ['?', '-999.0']\n"
    "model: [{dense: {units: 8, activation: relu}}, {dense: {units: 2, activation: softmax}}]\n"
    "compile: {optimizer: {adam: {learning_rate: 0.05}}, loss: sparse_categorical_crossentropy}\n"
    "fit: {epochs: 20, batch_size: 8}\n";

static const char regression[] =
    "data:\n"
    "  source: t.csv\n"
    "  label: y\n"
    "  features: {drop: [label], standardize: none}\n"
    "  missing: ['?', '-999.0']\n"
    "model: [{dense: {units: 8, activation: tanh}}, {dense: {units: 1}}]\n"
    "compile: {optimizer: {adam: {learning_rate: 0.05}}, loss: mean_squared_error}\n"
    "fit: {epochs: 5, batch_size: 8}\n";

static place place_trained(const char *experiment, const char *policy) {
    char setting[64];
    place p = place_open();
    write_table(&p);
    place_write(&p, "t.yaml", experiment);
    snprintf(setting, sizeof setting, "data.missing_policy=%s", policy);
    output o = RUN(&p, "train", "t.yaml", "-q", "--set", setting);
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    return p;
}

/* --- C --- */

static void add_c_string(char *text, const char *cell) {
    char *to = text + strlen(text);
    *to++ = '"';
    for (const char *c = cell; *c != '\0'; c++) {
        if (*c == '"' && cell[0] == '"')
            continue; /* quotes of the CSV */
        if (*c == '\\' || *c == '?')
            *to++ = '\\';
        *to++ = *c;
    }
    strcpy(to, "\"");
}

/* A program with the rows of the table in it, which prints what the network makes of each; texts[2]
 * is the job, the numbers are where `order` says. */
static void write_program(const place *p, const char *first, const char *second) {
    static char text[16384];
    strcpy(text, "#include \"net.h\"\n#include <stdio.h>\n"
                 "static const float first[] = {");
    for (int i = 0; i < ROWS; i++)
        snprintf(text + strlen(text), 64, "%d.5f,", i);
    strcat(text, "};\nstatic const float second[] = {");
    for (int i = 0; i < ROWS; i++)
        snprintf(text + strlen(text), 64, no_age(i) ? (i % 2 ? "NAN," : "-999,") : "%d,", age(i));
    strcat(text, "};\nstatic const char *const third[] = {");
    for (int i = 0; i < ROWS; i++) {
        if (job(i)[0] == '\0' && i % 2)
            strcat(text, "NULL");
        else
            add_c_string(text, job(i));
        strcat(text, ",");
    }
    snprintf(text + strlen(text), 1024,
             "};\n"
             "int main(void) {\n"
             "    for (int i = 0; i < %d; i++) {\n"
             "        float numbers[net_columns], x[net_inputs], y[net_outputs];\n"
             "        const char *texts[net_columns];\n"
             "        for (int c = 0; c < net_columns; c++) {\n"
             "            const char *name = net_column_names[c];\n"
             "            numbers[c] = strcmp(name, \"%s\") == 0 ? first[i] : second[i];\n"
             "            texts[c] = strcmp(name, \"%s\") == 0 ? third[i] : \"no\";\n"
             "        }\n"
             "        if (!net_encode(numbers, texts, x)) {\n"
             "            puts(\"missing\");\n"
             "            continue;\n"
             "        }\n"
             "        net_predict(x, y);\n"
             "        for (int o = 0; o < net_outputs; o++)\n"
             "            printf(\"%%.9g\\n\", (double)y[o]);\n"
             "    }\n"
             "    return 0;\n"
             "}\n",
             ROWS, first, second);
    place_write(p, "main.c", text);
}

static char *run_compiled(const place *p, const char *compiler) {
    char command[512];
    snprintf(command, sizeof command,
             "cd %s && %s -std=c99 -pedantic -Wall -Wextra -Werror -O2 main.c -o net -lm && "
             "./net >lines",
             p->path, compiler);
    CHECKF(system(command) == 0, "%s", command);
    return place_read(p, "lines");
}

/* The outputs of each row, as the CSV has them behind `skip` commas. */
static void compare(const char *csv, const char *lines, size_t outputs, int skip) {
    char *end;
    for (size_t r = 0; r < ROWS; r++) {
        const char *cell = csv_line(csv, r + 1);
        for (int i = 0; i < skip; i++)
            cell = strchr(cell, ',') + 1;
        for (size_t o = 0; o < outputs; o++) {
            const double expected = strtod(cell, &end);
            cell = end + 1;
            const double found = strtod(lines, &end);
            CHECKF(end != lines && fabs(expected - found) <= 1e-6 * fmax(1, fabs(expected)),
                   "row %zu, output %zu: %g, expected %g", r, o, found, expected);
            lines = end;
        }
    }
    CHECK(strcmp(lines, "\n") == 0);
}

static void check_compiled(const place *p, size_t outputs, int skip) {
    static const char *const compilers[] = {"gcc", "clang"};
    export_to(p, "runs/t", "net.h");
    output o = RUN(p, "predict", "runs/t", "--data", "t.csv");
    CHECKF(o.status == 0, "%s", o.err);
    for (size_t i = 0; i < 2; i++) {
        if (!has_program(compilers[i])) {
            fprintf(stderr, "SKIPPED %s: it is not installed\n", compilers[i]);
            continue;
        }
        char *lines = run_compiled(p, compilers[i]);
        compare(o.out, lines, outputs, skip);
        free(lines);
    }
    output_free(&o);
}

CASE(export_table, c_encodes_columns_as_isobit_does) {
    static const char *const policies[] = {"indicator", "mean"};
    for (size_t i = 0; i < 2; i++) {
        place p = place_trained(classes, policies[i]);
        write_program(&p, "y", "job");
        check_compiled(&p, 2, 2);
        place_close(&p);
    }
}

CASE(export_table, c_says_where_a_cell_must_not_be_missing) {
    place p = place_trained(classes, "drop_row");
    write_program(&p, "y", "job");
    export_to(&p, "runs/t", "net.h");
    char *lines = run_compiled(&p, "gcc");
    size_t missing = 0, expected = 0;
    for (const char *c = lines; (c = strstr(c, "missing")) != NULL; c++)
        missing++;
    for (int i = 0; i < ROWS; i++)
        expected += no_age(i) || strcmp(job(i), "?") == 0 || job(i)[0] == '\0';
    CHECKF(missing == expected && missing > 10 && missing < ROWS, "%zu, not %zu", missing,
           expected);
    free(lines);
    place_close(&p);
}

CASE(export_table, a_regression_in_c) {
    place p = place_trained(regression, "indicator");
    write_program(&p, "-", "job");
    check_compiled(&p, 1, 1);
    place_close(&p);
}

/* --- what goes with the weights --- */

static void check_note(const place *p, const char *file, const char *where) {
    char expected[512];
    snprintf(expected, sizeof expected,
             "%s written\n"
             "note: %s takes features instead of the table's columns: numbers unscaled, missing "
             "cells filled, texts one-hot; their order is in %s (docs/export.md has the code)\n",
             file, file, where);
    output o = RUN(p, "export", "runs/t", "--to", file);
    check_output(&o, 0, "", expected);
}

CASE(export_table, the_same_bytes_and_a_note_where_columns_are_the_callers) {
    place p = place_trained(classes, "indicator");
    check_note(&p, "t.keras", "metadata.json, in the archive");
    check_note(&p, "t.npz", "the array preprocessing");
    check_note(&p, "t.safetensors", "the metadata");
    export_to(&p, "runs/t", "t.onnx");
    output o = RUN(&p, "export", "runs/t/model.safetensors", "--to", "again.onnx");
    check_output(&o, 0, "", "again.onnx written\n");
    CHECK(place_same(&p, "t.onnx", "again.onnx"));
    o = RUN(&p, "export", "runs/t", "--to", "quiet.keras", "-q");
    check_output(&o, 0, "", "");
    CHECK(place_same(&p, "t.keras", "quiet.keras"));
    place_close(&p);
}

/* A safetensors file: its header, and what follows. */
static json_t *read_header(const place *p, const char *name, char *data, size_t size) {
    uint64_t length;
    char header[16384];
    FILE *file = fopen(small_path(p, name), "rb");
    CHECK(file != NULL && fread(&length, sizeof length, 1, file) == 1 && length < sizeof header);
    CHECK(fread(header, length, 1, file) == 1);
    CHECK(fread(data, 1, size, file) < size && fclose(file) == 0);
    json_t *json = json_loadb(header, length, 0, NULL);
    CHECK(json != NULL);
    return json;
}

static double value_at(const char *data, const json_t *tensor, size_t index) {
    const json_t *offsets = json_object_get(tensor, "data_offsets");
    double value;
    CHECK(strcmp(string(tensor, "dtype"), "F64") == 0);
    CHECK(json_integer_value(json_array_get(json_object_get(tensor, "shape"), 0)) == 7);
    memcpy(&value, data + json_integer_value(json_array_get(offsets, 0)) + index * sizeof value,
           sizeof value);
    return value;
}

CASE(export_table, the_preprocessing_goes_with_the_tensors) {
    place p = place_trained(classes, "indicator");
    static char data[65536];
    isb_tensors tensors;
    isb_metadata own;
    output o = RUN(&p, "export", "runs/t", "--to", "t.safetensors", "-q");
    check_output(&o, 0, "", "");
    CHECK(isb_safetensors_read(&tensors, &own, small_path(&p, "runs/t/model.safetensors"), true,
                               NULL) == ISB_OK);
    json_t *header = read_header(&p, "t.safetensors", data, sizeof data);
    CHECK(strcmp(isb_metadata_find(&own, "preprocessing"),
                 string(json_object_get(header, "__metadata__"), "preprocessing")) == 0);
    const json_t *offset = json_object_get(header, "scaling.offset"),
                 *divisor = json_object_get(header, "scaling.divisor");
    /* y, age and its indicator, three jobs and theirs */
    CHECK(value_at(data, offset, 0) == 30 && value_at(data, divisor, 1) > 1);
    for (size_t i = 2; i < 7; i++)
        CHECK(value_at(data, offset, i) == 0 && value_at(data, divisor, i) == 1);
    json_decref(header);
    isb_tensors_free(&tensors);
    isb_metadata_free(&own);
    place_close(&p);
}
