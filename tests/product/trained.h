/* What the tests of evaluate and predict share: small runs, made-up images, JSON and CSV. */
#ifndef ISB_TESTS_TRAINED_H
#define ISB_TESTS_TRAINED_H

#include "check.h"
#include "few_digits.h"
#include "program.h"
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RUN(p, ...) program_run(p, &(request){.arguments = ARGS(__VA_ARGS__)})

static const char small_experiment[] =
    "name: small\n"
    "data: {source: few, validation: 0.1}\n"
    "model:\n"
    "  - flatten: {input_shape: [28, 28]}\n"
    "  - dense: {units: 16, activation: relu}\n"
    "  - dropout: {rate: 0.2}\n"
    "  - dense: {units: 10, activation: softmax}\n"
    "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, "
    "metrics: [accuracy, train_eval]}\n"
    "fit: {epochs: 2, batch_size: 25}\n";

static inline void check_output(output *o, int status, const char *out, const char *err) {
    CHECKF(o->status == status, "status %d: %s", o->status, o->err);
    CHECKF(strcmp(o->out, out) == 0, "stdout: %s", o->out);
    CHECKF(strcmp(o->err, err) == 0, "stderr: %s", o->err);
    output_free(o);
}

static inline void check_fails(const place *p, int status, const char *message,
                               const char *const *arguments) {
    char expected[1024];
    snprintf(expected, sizeof expected, "error: %s\n", message);
    output o = program_run(p, &(request){.arguments = arguments});
    check_output(&o, status, "", expected);
}

/* A finished run of `small` in runs/small. */
static inline place place_with_run(void) {
    place p = place_open();
    few_digits_write(&p);
    place_write(&p, "small.yaml", small_experiment);
    output o = RUN(&p, "train", "small.yaml", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    return p;
}

static inline json_t *run_json(const place *p, const char *const *arguments) {
    output o = program_run(p, &(request){.arguments = arguments});
    CHECKF(o.status == 0 && o.err[0] == '\0', "status %d: %s", o.status, o.err);
    json_t *object = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    CHECKF(json_is_object(object), "%s", o.out);
    output_free(&o);
    return object;
}

static inline double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    CHECKF(json_is_number(value), "%s", key);
    return json_number_value(value);
}

static inline size_t count(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    CHECKF(json_is_integer(value) && json_integer_value(value) >= 0, "%s", key);
    return (size_t)json_integer_value(value);
}

static inline const char *string(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    CHECKF(value != NULL, "%s", key);
    return value;
}

enum { IMAGE_SIZE = 28 * 28 };

/* Images `first` to `first` + `rows` of an endless row of noise, labelled i % classes, as the part
 * "train" or "t10k" of the data set in `directory`. */
static inline void put_images(const place *p, const char *directory, const char *part, size_t first,
                              size_t rows, size_t classes) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", p->path, directory);
    mkdir(path, 0777);
    uint8_t *images = malloc(rows * IMAGE_SIZE), *labels = malloc(rows);
    CHECK(images != NULL && labels != NULL);
    for (size_t r = 0; r < rows; r++) {
        uint64_t state = first + r + 1;
        for (size_t i = 0; i < IMAGE_SIZE; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            images[r * IMAGE_SIZE + i] = (uint8_t)(state >> 56);
        }
        labels[r] = (uint8_t)((first + r) % classes);
    }
    put_idx_part(p, directory, part, images, labels, rows);
    free(images);
    free(labels);
}

/* The line that begins with "ROW,"; the header where row is "row". Not NUL-terminated there. */
static inline const char *csv_line(const char *text, size_t index) {
    for (; index > 0; index--) {
        text = strchr(text, '\n');
        CHECK(text != NULL);
        text++;
    }
    return text;
}

#endif
