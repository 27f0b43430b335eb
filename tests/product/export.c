/* isobit export, as its user meets it. What other programs make of the files is compared in
 * tests/clients/export_formats.py. */
#include "exporting.h"
#include <math.h>

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
