/* isobit predict, as its user meets it. */
#include "base/number.h"
#include "data/split.h"
#include "io/safetensors.h"
#include "trained.h"
#include <math.h>

static size_t count_lines(const char *text) {
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* A row of the table. */
typedef struct row {
    size_t row, prediction;
    float probabilities[10];
} row;

/* Reads a line and sees that it is written as it must be; gives the line after it. */
static const char *read_row(row *out, const char *line) {
    char *end;
    out->row = strtoul(line, &end, 10);
    CHECK(*end == ',');
    out->prediction = strtoul(end + 1, &end, 10);
    for (size_t i = 0; i < 10; i++) {
        CHECKF(*end == ',', "%.80s", line);
        const char *text = end + 1;
        out->probabilities[i] = strtof(text, &end);
        char shortest[ISB_NUMBER_SIZE];
        const size_t length = isb_format_float(shortest, out->probabilities[i]);
        CHECKF(length == (size_t)(end - text) && memcmp(text, shortest, length) == 0, "%.80s",
               line);
    }
    CHECKF(*end == '\n', "%.80s", line);
    return end + 1;
}

/* The first of the largest. */
static size_t largest(const float *values) {
    size_t at = 0;
    for (size_t i = 1; i < 10; i++)
        if (values[i] > values[at])
            at = i;
    return at;
}

CASE(predict, prints_every_row_in_order) {
    place p = place_with_run();
    output o = RUN(&p, "predict", "runs/small");
    CHECKF(o.status == 0 && o.err[0] == '\0', "%s", o.err);
    static const char header[] = "row,prediction,p_0,p_1,p_2,p_3,p_4,p_5,p_6,p_7,p_8,p_9\n";
    CHECK(strncmp(o.out, header, strlen(header)) == 0);
    const char *line = o.out + strlen(header);
    for (size_t i = 0; i < FEW_TEST; i++) {
        row r;
        line = read_row(&r, line);
        CHECK(r.row == i && r.prediction == largest(r.probabilities));
        float sum = 0;
        for (size_t k = 0; k < 10; k++)
            sum += r.probabilities[k];
        CHECKF(fabsf(sum - 1) < 1e-6f, "row %zu: %.9g", i, (double)sum);
    }
    CHECK(*line == '\0');
    output_free(&o);
    place_close(&p);
}

CASE(predict, threads_and_isa_change_no_byte) {
    static const char *const threads[] = {"1", "2", "3", "7"};
    place p = place_with_run();
    output first = RUN(&p, "predict", "runs/small", "--threads", "1", "--isa", "scalar");
    CHECK(first.status == 0 && count_lines(first.out) == FEW_TEST + 1);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        output o = RUN(&p, "predict", "runs/small", "--threads", threads[i]);
        check_output(&o, 0, first.out, "");
    }
    output_free(&first);
    place_close(&p);
}

/* What stands behind the row's number in the only line of predictions for image `index`. */
static void check_alone(const place *p, size_t index, const char *whole) {
    char directory[32];
    snprintf(directory, sizeof directory, "image-%zu", index);
    put_images(p, directory, "t10k", index, 1, 10);
    put_images(p, directory, "train", 0, 1, 10);
    output o = RUN(p, "predict", "runs/small", "--data", directory);
    CHECKF(o.status == 0 && count_lines(o.out) == 2, "%s", o.err);
    const char *line = csv_line(o.out, 1), *expected = strchr(csv_line(whole, index + 1), ',');
    CHECK(line[0] == '0' && line[1] == ',');
    CHECKF(strncmp(line + 1, expected, strcspn(expected, "\n") + 1) == 0, "row %zu: %s", index,
           line);
    output_free(&o);
}

CASE(predict, a_row_alone_has_the_same_bits) {
    static const size_t indices[] = {0, 1, 63, 64, 127, 128, 199, 299};
    place p = place_with_run();
    put_images(&p, "images", "train", 0, 300, 10);
    output whole = RUN(&p, "predict", "runs/small", "--data", "images", "--threads", "3");
    CHECKF(whole.status == 0 && count_lines(whole.out) == 301, "%s", whole.err);
    for (size_t i = 0; i < sizeof indices / sizeof *indices; i++)
        check_alone(&p, indices[i], whole.out);
    output_free(&whole);
    place_close(&p);
}

/* The softmax of the layer and the one inside the loss are the same. */
CASE(predict, logits_become_probabilities) {
    place p = place_with_run();
    output o = RUN(&p, "train", "small.yaml", "-q", "--run", "logits", "--set",
                   "model.3.dense.activation=linear", "--set",
                   "compile.loss={sparse_categorical_crossentropy: {from_logits: true}}");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    output softmax = RUN(&p, "predict", "runs/small");
    CHECK(softmax.status == 0);
    o = RUN(&p, "predict", "logits");
    check_output(&o, 0, softmax.out, "");
    output_free(&softmax);
    place_close(&p);
}

static isb_split split_of(const isb_dataset *digits) {
    const isb_experiment experiment = {
        .seed = 1, .validation = ISB_VALIDATION_STRATIFIED, .validation_fraction = 0.1};
    isb_split split;
    CHECK(isb_split_make(&split, digits, &experiment, NULL) == ISB_OK);
    return split;
}

static void check_rows(const place *p, const char *name, const uint32_t *rows, size_t count) {
    output o = RUN(p, "predict", "runs/small", "--split", name, "--data", "digits");
    CHECKF(o.status == 0 && count_lines(o.out) == count + 1, "%s: %s", name, o.err);
    const char *line = csv_line(o.out, 1);
    for (size_t i = 0; i < count; i++) {
        row r;
        line = read_row(&r, line);
        CHECKF(r.row == rows[i], "%s: %zu", name, r.row);
    }
    output_free(&o);
}

CASE(predict, rows_are_those_of_the_part) {
    place p = place_with_run();
    isb_dataset digits;
    CHECK(isb_dataset_open(&digits, "digits", NULL) == ISB_OK);
    isb_split split = split_of(&digits);
    check_rows(&p, "validation", split.validation, split.validation_rows);
    check_rows(&p, "train", split.train, split.train_rows); /* more than one block */
    isb_split_free(&split);
    isb_dataset_free(&digits);
    place_close(&p);
}

CASE(predict, labels_are_not_looked_at) {
    place p = place_with_run();
    put_images(&p, "tenths", "train", 0, 50, 10);
    put_images(&p, "labels", "train", 0, 50, 200);
    output tenths = RUN(&p, "predict", "runs/small", "--data", "tenths");
    CHECK(tenths.status == 0 && count_lines(tenths.out) == 51);
    output o = RUN(&p, "predict", "runs/small/model.safetensors", "--data", "labels");
    check_output(&o, 0, tenths.out, "");
    output_free(&tenths);
    place_close(&p);
}

CASE(predict, output_that_cannot_be_written_is_told) {
    place p = place_with_run();
    output o =
        program_run(&p, &(request){.arguments = ARGS("predict", "runs/small"), .out = "/dev/full"});
    CHECK(o.status == 1);
    CHECKF(strcmp(o.err, "error: cannot write to standard output: No space left on device\n") == 0,
           "%s", o.err);
    output_free(&o);
    o = program_run(&p,
                    &(request){.arguments = ARGS("predict", "runs/small"), .broken_pipe = true});
    CHECKF(o.status == 1 && o.err[0] == '\0', "%d: %s", o.status, o.err);
    output_free(&o);
    place_close(&p);
}

/* Weights that are finite, and overflow. */
static void enlarge_weights(const place *p, const char *path) {
    char full[512];
    snprintf(full, sizeof full, "%s/%s", p->path, path);
    isb_tensors tensors;
    isb_metadata metadata;
    CHECK(isb_safetensors_read(&tensors, &metadata, full, true, NULL) == ISB_OK);
    const isb_tensor *kernel = isb_tensors_find(&tensors, "dense.kernel");
    for (size_t i = 0; i < isb_shape_size(kernel->shape); i++)
        kernel->data[i] = 3e38f;
    CHECK(isb_safetensors_write(full, &tensors, &metadata, NULL) == ISB_OK);
    isb_metadata_free(&metadata);
    isb_tensors_free(&tensors);
}

CASE(predict, outputs_that_are_not_finite_are_told) {
    place p = place_with_run();
    enlarge_weights(&p, "runs/small/model.safetensors");
    output o = RUN(&p, "predict", "runs/small", "--data", "digits");
    check_output(&o, 4, "row,prediction,p_0,p_1,p_2,p_3,p_4,p_5,p_6,p_7,p_8,p_9\n",
                 "error: digits: the outputs for row 0 of the test part (counted from 0) are not "
                 "finite numbers; check the values and the scale of the data\n");
    check_fails(
        &p, 4,
        "digits: the loss of the validation part is not a finite number; check the values "
        "and the scale of the data",
        ARGS("evaluate", "runs/small", "--data", "digits", "--split", "validation", "--json"));
    place_close(&p);
}

CASE(predict, usage_errors) {
    place p = place_with_run();
    check_fails(&p, 2,
                "--json is no option of predict; isobit predict --help lists those there are",
                ARGS("predict", "runs/small", "--json"));
    check_fails(&p, 2,
                "runs/small/model.safetensors: a model file alone brings no data; say which with "
                "--data SOURCE",
                ARGS("predict", "runs/small/model.safetensors"));
    check_fails(&p, 6, "absent: does not exist", ARGS("predict", "absent"));
    place_close(&p);
}

CASE(predict, top_prints_the_most_likely_classes) {
    place p = place_with_run();
    output all = RUN(&p, "predict", "runs/small");
    output top = RUN(&p, "predict", "runs/small", "--top", "2");
    static const char header[] = "row,prediction_1,p_1,prediction_2,p_2\n";
    CHECKF(top.status == 0 && strncmp(top.out, header, strlen(header)) == 0, "%s", top.err);
    const char *line = strchr(all.out, '\n') + 1, *short_line = top.out + strlen(header);
    for (size_t i = 0; i < FEW_TEST; i++) {
        row r;
        line = read_row(&r, line);
        const size_t first = largest(r.probabilities);
        const float p_first = r.probabilities[first];
        r.probabilities[first] = -1;
        const size_t second = largest(r.probabilities);
        char expected[128], a[ISB_NUMBER_SIZE], b[ISB_NUMBER_SIZE];
        isb_format_float(a, p_first);
        isb_format_float(b, r.probabilities[second]);
        const int length =
            snprintf(expected, sizeof expected, "%zu,%zu,%s,%zu,%s\n", i, first, a, second, b);
        CHECKF(strncmp(short_line, expected, (size_t)length) == 0, "%.60s", short_line);
        short_line += length;
    }
    CHECK(*short_line == '\0');
    output_free(&all);
    output_free(&top);
    check_fails(&p, 2,
                "--top: '0' is not a number of classes; give a whole number from 1 to "
                "2147483647",
                ARGS("predict", "runs/small", "--top", "0"));
    place_close(&p);
}
