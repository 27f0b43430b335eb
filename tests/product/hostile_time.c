/* Files made to take for ever: the time for each is in proportion to its size. The bound is of
 * processor time, some ten times what a slow machine needs, and less than what time in proportion
 * to the square would come to. */
#include "data/csv.h"
#include "data/prepare.h"
#include "hostile_makers.h"
#include <isobit/dataset.h>
#include <isobit/experiment.h>
#include <sys/resource.h>

static double seconds_used(void) {
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* A text that grows. */
typedef struct writing {
    char *text;
    size_t length, room;
} writing;

static writing writing_open(size_t room) {
    writing w = {.text = malloc(room), .room = room};
    CHECK(w.text != NULL);
    return w;
}

static void add(writing *w, const char *text, size_t length) {
    CHECK(w->length + length <= w->room);
    memcpy(w->text + w->length, text, length);
    w->length += length;
}

static void add_text(writing *w, const char *text) { add(w, text, strlen(text)); }

static void put_writing(writing *w, const char *path) {
    temporary_put(path, w->text, w->length);
    free(w->text);
}

/* Names of 200 bytes that differ in their last ones. */
enum { COLUMNS = 1 << 16, NAME_SIZE = 201 };

static void add_name(writing *w, size_t column) {
    char name[NAME_SIZE + 1];
    memset(name, 'n', NAME_SIZE);
    snprintf(name + NAME_SIZE - 9, 10, "%08zu%c", column, column + 1 < COLUMNS ? ',' : '\n');
    add(w, name, NAME_SIZE);
}

static void add_row(writing *w, const char *cell) {
    for (size_t i = 0; i < COLUMNS; i++) {
        add_text(w, cell);
        add_text(w, i + 1 < COLUMNS ? "," : "\n");
    }
}

static isb_status read_table(const char *path, isb_frame *frame, isb_error *error) {
    const isb_frame_options options = {.header = -1, .threads = 2};
    return isb_csv_read(frame, path, &options, error);
}

CASE(hostile_time, as_many_columns_as_can_be) {
    const temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "t.csv");
    writing w = writing_open((size_t)COLUMNS * (NAME_SIZE + 8));
    for (size_t i = 0; i < COLUMNS; i++)
        add_name(&w, i);
    add_row(&w, "1");
    add_row(&w, "2");
    put_writing(&w, path);
    const double start = seconds_used();
    isb_frame frame;
    CHECK(read_table(path, &frame, NULL) == ISB_OK && frame.column_count == COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        CHECK(isb_frame_find(&frame, frame.columns[i].name) == i);
    CHECK(isb_frame_find(&frame, "n") == COLUMNS);
    CHECKF(seconds_used() - start < 10, "%.1f s", seconds_used() - start);
    isb_frame_free(&frame);
    temporary_remove(&directory);
}

/* A row of cells of 199 bytes, under names. */
static void put_cells(const char *path, char byte) {
    char cell[200];
    memset(cell, byte, sizeof cell - 1);
    cell[sizeof cell - 1] = '\0';
    writing w = writing_open((size_t)COLUMNS * (NAME_SIZE + sizeof cell));
    for (size_t i = 0; i < COLUMNS; i++)
        add_name(&w, i);
    add_row(&w, cell);
    put_writing(&w, path);
}

CASE(hostile_time, a_problem_in_each_of_as_many_columns_as_can_be) {
    const temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "t.csv");
    put_cells(path, '\xff');
    double start = seconds_used();
    isb_frame frame;
    isb_error error = ISB_ERROR_INIT;
    CHECK(read_table(path, &frame, &error) == ISB_DATA && error.count == 11);
    CHECKF(strstr(isb_error_text(&error), ":2:1801: the text is not UTF-8") != NULL, "%s",
           isb_error_text(&error));
    CHECKF(seconds_used() - start < 10, "%.1f s", seconds_used() - start);
    isb_error_clear(&error);
    put_cells(path, '9');
    start = seconds_used();
    CHECK(read_table(path, &frame, NULL) == ISB_OK && frame.column_count == COLUMNS);
    CHECKF(strstr(frame.columns[9].too_large, ":2:1801: 99999") != NULL, "%s",
           frame.columns[9].too_large);
    CHECKF(seconds_used() - start < 10, "%.1f s", seconds_used() - start);
    isb_frame_free(&frame);
    temporary_remove(&directory);
}

/* The same names in a given header: each is a problem. */
CASE(hostile_time, the_same_name_as_often_as_can_be) {
    const temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "t.csv");
    char name[200];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    writing w = writing_open((size_t)COLUMNS * (sizeof name + 2));
    add_row(&w, name);
    add_row(&w, "1");
    put_writing(&w, path);
    const double start = seconds_used();
    const isb_frame_options options = {.header = 1, .threads = 2};
    isb_frame frame;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_csv_read(&frame, path, &options, &error) == ISB_DATA && error.count == 11);
    CHECKF(strstr(isb_error_text(&error), ":1:201: column 'n") != NULL, "%s",
           isb_error_text(&error));
    CHECKF(seconds_used() - start < 10, "%.1f s", seconds_used() - start);
    isb_error_clear(&error);
    temporary_remove(&directory);
}

/* Two words of eight bytes, and the two that differ from them in bits that cancel out where a hash
 * multiplies word by word, whatever its seed: 2^17 texts of 17 such pairs. */
CASE(hostile_time, texts_that_collide) {
    enum { PAIRS = 17, SIZE = 16 * PAIRS };
    const temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "t.csv");
    writing w = writing_open(((size_t)1 << PAIRS) * (SIZE + 1) + 8);
    add_text(&w, "a\n");
    for (size_t i = 0; i < (size_t)1 << PAIRS; i++) {
        char text[SIZE + 1];
        memset(text, 'x', SIZE);
        text[SIZE] = '\n';
        for (size_t pair = 0; pair < PAIRS; pair++) {
            if ((i >> pair & 1) == 0)
                continue;
            text[16 * pair + 7] ^= (char)0x80;
            text[16 * pair + 15] ^= (char)0x80;
            text[16 * pair + 12] ^= 0x04;
        }
        add(&w, text, sizeof text);
    }
    put_writing(&w, path);
    const double start = seconds_used();
    isb_frame frame;
    isb_error error = ISB_ERROR_INIT;
    CHECK(read_table(path, &frame, &error) == ISB_DATA);
    CHECKF(strstr(isb_error_text(&error), "the text is not UTF-8") != NULL, "%s",
           isb_error_text(&error));
    CHECKF(seconds_used() - start < 15, "%.1f s", seconds_used() - start);
    isb_error_clear(&error);
    temporary_remove(&directory);
}

static isb_status prepare(isb_dataset *out, const char *path, const char *data, isb_error *error) {
    char text[1024];
    const int length =
        snprintf(text, sizeof text,
                 "data: {source: %s%s}\n"
                 "model: [dense: {units: 2, activation: softmax}]\n"
                 "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n",
                 path, data);
    isb_experiment experiment;
    const isb_preparation preparation = {.labels = true, .threads = 2};
    CHECK(isb_experiment_parse(&experiment, text, (size_t)length, "/e.yaml", NULL, 0, error) ==
          ISB_OK);
    const isb_status status = isb_dataset_prepare(out, &experiment, &preparation, error);
    isb_experiment_free(&experiment);
    return status;
}

CASE(hostile_time, a_data_set_of_as_many_columns_as_can_be) {
    const temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "t.csv");
    writing w = writing_open((size_t)COLUMNS * (NAME_SIZE + 16));
    for (size_t i = 0; i + 1 < COLUMNS; i++)
        add_name(&w, i);
    add_text(&w, "label\n");
    add_row(&w, "1");
    add_row(&w, "2");
    add_row(&w, "3");
    put_writing(&w, path);
    const double start = seconds_used();
    isb_dataset data;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(prepare(&data, path, ", label: label", &error) == ISB_OK, "%s", isb_error_text(&error));
    CHECK(data.shape.sizes[0] == COLUMNS - 1 && data.train.rows == 3);
    CHECKF(seconds_used() - start < 15, "%.1f s", seconds_used() - start);
    isb_dataset_free(&data);
    temporary_remove(&directory);
}

/* As long as the file may be. */
CASE(hostile_time, an_experiment_of_as_many_names_as_can_be) {
    enum { NAMES = 90000 };
    writing w = writing_open(1 << 20);
    add_text(&w, "data: {source: t.csv, label: a, missing: [");
    for (size_t i = 0; i < NAMES; i++) {
        char name[16];
        snprintf(name, sizeof name, "%s%05zu", i > 0 ? ", " : "", i);
        add_text(&w, name);
    }
    add_text(&w, "]}\nmodel: [dense: {units: 2, activation: softmax}]\n"
                 "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n");
    const double start = seconds_used();
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_experiment_parse(&experiment, w.text, w.length, "/e.yaml", NULL, 0, &error) ==
               ISB_OK,
           "%s", isb_error_text(&error));
    CHECK(experiment.table.missing.count == NAMES);
    CHECKF(seconds_used() - start < 8, "%.1f s", seconds_used() - start);
    isb_experiment_free(&experiment);
    free(w.text);
}
